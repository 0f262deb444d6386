import type { EmailConfig } from '@parley/contract/email-configs';
import type { ErrorBody } from '@parley/contract/errors';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#platform/ids.ts';
import { addMember, addTenant } from '../../testing/tenants.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { findUsableEmailConfig } from './email-configs.service.ts';

const CONFIGS = '/api/projects/1/conversations/email_configs/';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

async function create(email = `${newId()}@example.com`): Promise<EmailConfig> {
  const response = await app.request<EmailConfig>('POST', CONFIGS, { body: { email } });
  expect(response.status).toBe(201);
  return response.body;
}
const path = ({ id }: { id: string }) => `${CONFIGS}${id}/`;
const list = async () => (await app.request<PageOf<EmailConfig>>('GET', CONFIGS)).body;

describe('email_configs', () => {
  it('are added unverified, listed, changed and removed', async () => {
    const body = { email: 'Support@Example.com', display_name: ' Ada ', is_verified: true };
    const created = await app.request<EmailConfig>('POST', CONFIGS, { body });
    expect(created).toMatchObject({
      status: 201,
      body: { email: 'support@example.com', display_name: 'Ada', is_verified: false },
    });
    expect((await list()).results).toContainEqual(created.body);
    const changed = await app.request<EmailConfig>('PATCH', path(created.body), {
      body: { is_verified: true },
    });
    expect(changed.body).toEqual({ ...created.body, is_verified: true });
    const { count } = await list();
    expect((await app.request('DELETE', path(created.body))).status).toBe(204);
    expect((await list()).count).toBe(count - 1);
    expect((await app.request('DELETE', path(created.body))).status).toBe(404);
  });

  it('has an address once, however it is written', async () => {
    const { email } = await create();
    const again = await app.request<ErrorBody>('POST', CONFIGS, { body: { email: email.toUpperCase() } });
    expect(again).toMatchObject({ status: 400, body: { code: 'unique', attr: 'email' } });
  });

  it('lets only a manager verify', async () => {
    const config = await create();
    const editor = await addMember(app);
    const viewer = await addMember(app, { access: 'viewer' });
    const patch = (key: string, body: object) =>
      app.request<EmailConfig>('PATCH', path(config), { body, key });
    expect((await patch(editor.key, { display_name: 'Ed' })).body).toMatchObject({ display_name: 'Ed' });
    for (const is_verified of [true, false]) {
      expect((await patch(editor.key, { display_name: 'No', is_verified })).status).toBe(403);
    }
    expect((await patch(viewer.key, { display_name: 'No' })).status).toBe(403);
    expect((await app.request('GET', CONFIGS, { key: viewer.key })).status).toBe(200);
    expect((await list()).results).toContainEqual({ ...config, display_name: 'Ed' });
  });

  it('is usable once verified, in its own project', async () => {
    const config = await create();
    const find = (projectId: number) =>
      app.parley.unitOfWork.read({ kind: 'system' }, (context) =>
        findUsableEmailConfig(context, projectId, config.id),
      );
    expect(await find(1)).toBeUndefined();
    await app.request('PATCH', path(config), { body: { is_verified: true } });
    expect(await find(1)).toEqual({ id: config.id, email: config.email, display_name: '' });
    expect(await find((await addTenant(app)).projectId)).toBeUndefined();
  });

  it.each<[object, string, string]>([
    [{}, 'email', 'required'],
    [{ email: 'nobody' }, 'email', 'invalid_input'],
    [{ email: null }, 'email', 'null'],
    [{ email: `${'x'.repeat(250)}@example.com` }, 'email', 'max_length'],
    [{ email: 'a\0@example.com' }, 'email', 'null_characters_not_allowed'],
    [{ email: 'a@example.com', display_name: 7 }, 'display_name', 'invalid_input'],
    [{ email: 'a@example.com', display_name: null }, 'display_name', 'null'],
    [{ email: 'a@example.com', display_name: 'x'.repeat(201) }, 'display_name', 'max_length'],
  ])('refuses %j', async (body, attr, code) => {
    const response = await app.request<ErrorBody>('POST', CONFIGS, { body });
    expect(response).toMatchObject({ status: 400, body: { attr, code } });
  });

  it('keeps tenants and scopes apart', async () => {
    const other = await addTenant(app);
    const config = await create();
    const theirs = `/api/projects/${other.projectId}/conversations/email_configs/`;
    for (const [method, url] of [
      ['PATCH', `${theirs}${config.id}/`],
      ['DELETE', `${theirs}${config.id}/`],
      ['PATCH', `${CONFIGS}x/`],
      ['DELETE', `${CONFIGS}%00/`],
    ] as const) {
      const body = method === 'PATCH' ? { body: { display_name: 'x' } } : {};
      const key = url.startsWith(theirs) ? { key: other.owner.key } : {};
      expect([url, (await app.request(method, url, { ...body, ...key })).status]).toEqual([url, 404]);
    }
    expect((await app.request('GET', theirs)).status).toBe(404);
    const reader = await addMember(app, { scopes: ['ticket:read'] });
    expect((await app.request('GET', CONFIGS, { key: reader.key })).status).toBe(200);
    expect((await app.request('DELETE', path(config), { key: reader.key })).status).toBe(403);
    expect((await app.request('GET', CONFIGS, { key: null })).status).toBe(401);
  });
});
