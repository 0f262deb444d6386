import type { ProjectSecret } from '@parley/contract/project-secrets';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { externalPath, newSecret, withSecret } from '#features/external-tickets/testing.ts';
import { addAdminKey, addKey, addUser, createTicket } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const SECRETS = '/api/projects/1/secrets/';

let app: TestApp;
let id: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ({ id } = await createTicket(app));
});
afterAll(() => app.close());

const statusOf = async (secret: string, method = 'GET') =>
  (await withSecret(app, secret)(method, externalPath(id), method === 'GET' ? undefined : {})).status;
const list = async () => (await app.request<PageOf<ProjectSecret>>('GET', SECRETS)).body;
const createKey = (body: object, headers = {}) =>
  app.request<ProjectSecret & { secret: string; code: string; attr: string }>('POST', SECRETS, {
    body,
    headers,
  });

describe('external_tickets.retrieve: who is let in', () => {
  it('case 130: nobody without, with a malformed, an empty or a wrong bearer', async () => {
    const { secret } = await newSecret(app);
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${secret}`,
      `Token ${secret}`,
      'Bearer prs_wrong',
    ]) {
      const answer = await app.request('GET', externalPath(id), { key: null, headers: { authorization } });
      expect([authorization, answer.status, answer.body]).toEqual([
        authorization,
        401,
        { error: expect.any(String) },
      ]);
    }
    expect((await app.request('GET', externalPath(id), { key: null })).status).toBe(401);
    expect(await statusOf(`${secret}x`)).toBe(401);
    expect(await statusOf(secret)).toBe(200);
  });

  it('case 131: not by the public project token', async () => {
    const { token } = (await app.request<{ token: string }>('GET', '/api/projects/1/')).body;
    expect(await statusOf(token)).toBe(401);
  });

  it('case 132: by the backup secret too, until the next one takes its place', async () => {
    const first = await newSecret(app);
    const second = await newSecret(app);
    expect([await statusOf(first.secret), await statusOf(second.secret)]).toEqual([200, 200]);
    expect(await statusOf(first.secret, 'PATCH')).toBe(200);
    const third = await newSecret(app);
    expect([
      await statusOf(first.secret),
      await statusOf(second.secret),
      await statusOf(third.secret),
    ]).toEqual([401, 200, 200]);
    const { results } = await list();
    expect(results.map(({ id: each, kind }) => [each, kind])).toEqual([
      [third.id, 'primary'],
      [second.id, 'backup'],
    ]);
  });

  it('by a key that may only read, for reading', async () => {
    const { body: key, status } = await createKey({ label: ' Dashboard ', scopes: ['support_ticket:read'] });
    expect([status, key]).toMatchObject([
      201,
      { kind: 'key', label: 'Dashboard', scopes: ['support_ticket:read'] },
    ]);
    expect(await statusOf(key.secret)).toBe(200);
    const answer = await withSecret(app, key.secret)('PATCH', externalPath(id), { status: 'open' });
    expect([answer.status, answer.body]).toEqual([403, { error: expect.any(String) }]);
    await app.database.kysely
      .updateTable('project_secrets')
      .set({ scopes: [] })
      .where('id', '=', key.id)
      .execute();
    expect(await statusOf(key.secret)).toBe(403);
  });
});

describe('project_secrets', () => {
  it('are shown once, and kept as a hash', async () => {
    const made = await newSecret(app);
    expect(made).toMatchObject({
      kind: 'primary',
      scopes: null,
      mask: expect.stringMatching(/^prs_\.\.\..{4}$/),
    });
    const { results } = await list();
    expect(results[0]).toEqual({ ...made, secret: undefined });
    const stored = await app.database.kysely.selectFrom('project_secrets').selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(made.secret);
  });

  it('are revoked at once', async () => {
    const made = await newSecret(app);
    expect((await app.request('DELETE', `${SECRETS}${made.id}/`)).status).toBe(204);
    expect(await statusOf(made.secret)).toBe(401);
    for (const ref of [made.id, 'x', '%00', "'"])
      expect((await app.request('DELETE', `${SECRETS}${ref}/`)).status).toBe(404);
    expect(await statusOf((await newSecret(app)).secret)).toBe(200);
  });

  it('answer a repeated request with the same secret, which is stored encrypted', async () => {
    const headers = { 'idempotency-key': 'once' };
    const body = { label: 'Twice', scopes: ['support_ticket:read'] };
    const [first, second] = [await createKey(body, headers), await createKey(body, headers)];
    expect(second.body).toEqual(first.body);
    const kept = await app.database.kysely.selectFrom('idempotency_keys').select('response').execute();
    expect(JSON.stringify(kept)).not.toContain(first.body.secret);
  });

  it('are for managers with a session or every right', async () => {
    const writer = await addAdminKey(app, ['ticket:write']);
    const editor = await addKey(app, (await addUser(app, 'editor@example.com', { access: 'editor' })).id);
    for (const key of [writer, editor]) {
      expect((await app.request('GET', SECRETS, { key })).status).toBe(403);
      expect((await app.request('POST', `${SECRETS}rotate/`, { key })).status).toBe(403);
    }
  });

  it('refuse bad input', async () => {
    const before = await list();
    const good = { label: 'x', scopes: ['support_ticket:read'] };
    const refusals: [body: object, code: string, attr: string][] = [
      [{ label: ' ' }, 'blank', 'label'],
      [{ label: 'x'.repeat(101) }, 'max_length', 'label'],
      [{ label: undefined }, 'required', 'label'],
      [{ scopes: [] }, 'empty', 'scopes'],
      [{ scopes: ['ticket:write'] }, 'invalid_choice', 'scopes__0'],
      [{ scopes: '*' }, 'invalid_input', 'scopes'],
    ];
    for (const [more, code, attr] of refusals) {
      const { status, body } = await createKey({ ...good, ...more });
      expect([more, status, body.code, body.attr]).toEqual([more, 400, code, attr]);
    }
    expect(await list()).toEqual(before);
  });

  it('made by two at once never leave two primary ones', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => app.request('POST', `${SECRETS}rotate/`)));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const kinds = (await list()).results.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'primary')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'backup')).toHaveLength(1);
  });
});

describe('limits', () => {
  it('are 120 a minute and 1200 an hour for each secret', async () => {
    const environment = { PARLEY_RATE_LIMITS: '{"secret": 3, "secret_hourly": 5}' };
    const limited = await createTestApp({ roles: ['http'], environment });
    try {
      const ticket = await createTicket(limited);
      const [one, other] = [(await newSecret(limited)).secret, (await newSecret(limited)).secret];
      const ask = (key: string) => limited.request('GET', externalPath(ticket.id), { key });
      const statuses = async (key: string, times: number) => {
        const found = [];
        for (let n = 0; n < times; n += 1) found.push((await ask(key)).status);
        return found;
      };
      expect(await statuses(one, 4)).toEqual([200, 200, 200, 429]);
      expect(await statuses(other, 1)).toEqual([200]);
      const refused = await ask(one);
      expect(refused.body).toEqual({ error: expect.stringContaining('throttled') });
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(120);
      limited.clock.advance(120_000);
      expect(await statuses(one, 2)).toEqual([200, 200]);
      // Five in the hour now.
      const spent = await ask(one);
      expect([spent.status, Number(spent.headers['retry-after']) > 120]).toEqual([429, true]);
    } finally {
      await limited.close();
    }
  });
});
