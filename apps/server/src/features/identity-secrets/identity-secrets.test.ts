import type { IdentitySecret } from '@parley/contract/identity-secrets';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const PATH = '/api/projects/1/identity_secrets/';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const list = async () => (await app.request<PageOf<IdentitySecret>>('GET', PATH)).body.results;
const kinds = async () => (await list()).map(({ kind }) => kind);
const rotate = async (headers = {}) =>
  (await app.request<IdentitySecret & { secret: string }>('POST', `${PATH}rotate/`, { headers })).body;
const remove = async (kind: string) => {
  const found = (await list()).find((one) => one.kind === kind);
  return (await app.request('DELETE', `${PATH}${found?.id}/`)).status;
};

describe('identity secrets', () => {
  it('are two at most: the current one, and the one before it until it is deleted', async () => {
    expect(await kinds()).toEqual(['current']);
    const { secret, id, kind, mask } = await rotate();
    expect(secret).toMatch(/^pri_[\w-]{43}$/);
    expect([kind, mask]).toEqual(['current', `...${secret.slice(-4)}`]);
    expect(await kinds()).toEqual(['current', 'previous']);
    await rotate();
    const now = await list();
    expect(now.map((one) => one.kind)).toEqual(['current', 'previous']);
    expect(now[1]?.id).toBe(id);
    expect(await remove('previous')).toBe(204);
    expect(await kinds()).toEqual(['current']);
  });

  it('may all be revoked, and what is left when the current one is stays', async () => {
    await rotate();
    expect(await remove('current')).toBe(204);
    expect(await kinds()).toEqual(['previous']);
    await rotate();
    expect(await kinds()).toEqual(['current', 'previous']);
    expect([await remove('current'), await remove('previous'), await remove('previous')]).toEqual([
      204, 204, 404,
    ]);
    expect(await list()).toEqual([]);
  });

  it('are shown once, also to whoever repeats the request that made one', async () => {
    const headers = { 'idempotency-key': 'rotate-once' };
    const [first, again] = [await rotate(headers), await rotate(headers)];
    expect(again).toEqual(first);
    const { text } = await app.request('GET', PATH);
    expect(text).not.toContain(first.secret);
    const rows = JSON.stringify(await app.database.kysely.selectFrom('audit_log').selectAll().execute());
    expect(rows).toContain('identity_secrets.rotate');
    expect(rows).not.toContain(first.secret);
  });

  it('are made one at a time', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => app.request('POST', `${PATH}rotate/`)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    expect(statuses).toContain(201);
    expect(await kinds()).toEqual(['current', 'previous']);
  });
});
