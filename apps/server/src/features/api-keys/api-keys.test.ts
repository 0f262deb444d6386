import type { ApiKey } from '@parley/contract/api-keys';
import type { CurrentUser } from '@parley/contract/people';
import type { Project } from '@parley/contract/projects';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addColleague,
  addStranger,
  createPeopleApp,
  type PeopleApp,
  signIn,
} from '#features/auth/testing.ts';
import { API_KEY } from '../../testing/test-app.ts';

const ME = '/api/users/@me/';
const KEYS = `${ME}api_keys/`;
type NewKey = ApiKey & { key: string };

let app: PeopleApp;
let cookie: string;
beforeAll(async () => {
  app = await createPeopleApp();
  cookie = await signIn(app);
});
afterAll(() => app.close());

async function createKey(input: object): Promise<NewKey> {
  const answer = await app.request<NewKey>('POST', KEYS, { cookie, body: { label: 'a key', ...input } });
  expect(answer.status).toBe(201);
  return answer.body;
}

const statusOf = async (method: string, path: string, key: string, body?: unknown) => {
  const answer = await app.request<{ detail: string }>(method, path, { key, body });
  return [answer.status, answer.body?.detail];
};

describe('api_keys.create', () => {
  it('shows the key once and stores its hash only', async () => {
    const created = await createKey({ scopes: ['ticket:read', 'ticket:read'] });
    expect(created.key).toMatch(/^prl_[\w-]{43}$/);
    expect(created).toMatchObject({ label: 'a key', scopes: ['ticket:read'], project_ids: null });
    const list = await app.request<PageOf<ApiKey>>('GET', KEYS, { cookie });
    expect(list.text).not.toContain(created.key);
    expect(list.body.results[0]).toMatchObject({ id: created.id, mask: `prl_...${created.key.slice(-4)}` });
    const rows = await app.database.kysely.selectFrom('api_keys').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(created.key);
  });

  it('answers a repeated Idempotency-Key with the same key, and remembers it sealed', async () => {
    const options = { cookie, body: { label: 'once', scopes: [] }, headers: { 'idempotency-key': 'key-1' } };
    const [first, second] = [
      await app.request<NewKey>('POST', KEYS, options),
      await app.request<NewKey>('POST', KEYS, options),
    ];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    const remembered = await app.database.kysely.selectFrom('idempotency_keys').select('response').execute();
    expect(remembered).toHaveLength(1);
    expect(JSON.stringify(remembered)).not.toContain(first.body.key);
  });

  it('is for sessions only', async () => {
    const answer = await app.request('POST', KEYS, { body: { label: 'x', scopes: ['*'] } });
    expect([answer.status, answer.body]).toMatchObject([
      403,
      { detail: 'This action does not support personal API key access.' },
    ]);
  });

  it.each([
    [{}, 'label', 'required'],
    [{ label: '  ', scopes: [] }, 'label', 'blank'],
    [{ label: 'x'.repeat(101), scopes: [] }, 'label', 'max_length'],
    [{ label: 'x' }, 'scopes', 'required'],
    [{ label: 'x', scopes: null }, 'scopes', 'null'],
    [{ label: 'x', scopes: ['ticket:read', 'ticket:admin'] }, 'scopes__1', 'invalid_choice'],
    [{ label: 'x', scopes: [], project_ids: [] }, 'project_ids', 'empty'],
    [{ label: 'x', scopes: [], project_ids: ['1'] }, 'project_ids__0', 'invalid_input'],
    [{ label: 'x', scopes: [], project_ids: [1, 12345] }, 'project_ids__1', 'does_not_exist'],
  ])('refuses %j', async (body, attr, code) => {
    const answer = await app.request('POST', KEYS, { cookie, body });
    expect([answer.status, answer.body]).toMatchObject([400, { type: 'validation_error', attr, code }]);
  });

  it('refuses projects of other organizations', async () => {
    const stranger = await addStranger(app);
    const body = { label: 'x', scopes: [], project_ids: [stranger.projectId] };
    const answer = await app.request('POST', KEYS, { cookie, body });
    expect([answer.status, answer.body]).toMatchObject([
      400,
      { attr: 'project_ids__0', code: 'does_not_exist' },
    ]);
  });
});

describe('a key', () => {
  it.each(['', 'null', '0', '[]', API_KEY.toUpperCase(), `${API_KEY}x`, API_KEY.slice(0, -1), "' or ''='"])(
    'is not %j',
    async (key) => {
      const answer = await app.request('GET', ME, { key });
      expect([answer.status, answer.body]).toMatchObject([
        401,
        { type: 'authentication_error', code: 'authentication_failed', attr: null },
      ]);
    },
  );

  it('is asked for where none is given', async () => {
    const answer = await app.request('GET', ME, { key: null });
    expect([answer.status, answer.body]).toEqual([
      401,
      {
        type: 'authentication_error',
        code: 'not_authenticated',
        detail: 'Authentication credentials were not provided.',
        attr: null,
      },
    ]);
  });

  it('needs the scope of what it does', async () => {
    const { key } = await createKey({ scopes: ['conversation:write'] });
    expect(await statusOf('GET', '/api/projects/1/', key)).toEqual([200, undefined]);
    const trusted = [403, "API key missing required scope '*'."];
    expect(await statusOf('PATCH', '/api/projects/1/', key, { name: 'x' })).toEqual(trusted);
    expect(await statusOf('GET', '/api/organizations/', key)).toEqual(trusted);
    expect(await statusOf('GET', KEYS, key)).toEqual(trusted);
  });

  it('without scopes may do nothing but say whose it is', async () => {
    const { key } = await createKey({ scopes: [] });
    expect(await statusOf('GET', ME, key)).toEqual([200, undefined]);
    expect(await statusOf('GET', '/api/projects/', key)).toEqual([
      403,
      "API key missing required scope 'ticket:read'.",
    ]);
    expect(await statusOf('GET', '/api/projects/1/', key)).toEqual([
      403,
      "API key missing required scope 'ticket:read'.",
    ]);
    expect(await statusOf('PATCH', ME, key, { first_name: 'x' })).toEqual([
      403,
      "API key missing required scope '*'.",
    ]);
  });

  it('may ask what it may do, whatever that is; a session has no key (api_keys.retrieve_current)', async () => {
    for (const input of [{ scopes: [] }, { scopes: ['ticket:read', 'ticket:reply'], project_ids: [1] }]) {
      const { key, id } = await createKey(input);
      const { status, body } = await app.request('GET', `${KEYS}@current/`, { key });
      expect([status, body]).toEqual([200, { project_ids: null, ...input, id }]);
    }
    expect((await app.request('GET', `${KEYS}@current/`, { cookie })).status).toBe(404);
    expect((await app.request('GET', `${KEYS}@current/`, { key: null })).status).toBe(401);
  });

  it('works on the projects it is limited to, and on nothing around them', async () => {
    const { body: me } = await app.request<CurrentUser>('GET', ME, { cookie });
    const organization = `/api/organizations/${me.organizations[0]?.id}/`;
    const made = await app.request<Project>('POST', `${organization}projects/`, { body: { name: 'Two' } });
    const second = made.body.id;
    const { key } = await createKey({ scopes: ['*'], project_ids: [second] });
    expect(await statusOf('GET', `/api/projects/${second}/`, key)).toEqual([200, undefined]);
    expect(await statusOf('GET', '/api/projects/1/', key)).toEqual([
      403,
      'API key does not have access to the requested project: ID 1.',
    ]);
    const current = await app.request<Project>('GET', '/api/projects/@current/', { key });
    expect(current.body.id).toBe(second);
    const list = await app.request<PageOf<Project>>('GET', '/api/projects/', { key });
    expect(list.body.results.map(({ id }) => id)).toEqual([second]);
    const shown = await app.request<CurrentUser>('GET', ME, { key });
    expect(shown.body.current_project_id).toBe(second);
    for (const [method, path, body] of [
      ['GET', organization, undefined],
      ['POST', `${organization}invitations/`, { email: 'friend@example.com', level: 'owner' }],
      ['POST', `${organization}projects/`, { name: 'Three' }],
      ['PATCH', ME, { first_name: 'x' }],
      ['GET', KEYS, undefined],
      ['DELETE', `${ME}sessions/`, undefined],
    ] as const) {
      expect([path, (await statusOf(method, path, key, body))[0]]).toEqual([path, 403]);
    }
    expect((await app.request('GET', ME, { cookie })).status).toBe(200);
  });

  it('loses what its user loses', async () => {
    const person = await addColleague(app, 'leaves@example.com');
    const created = await app.request<NewKey>('POST', KEYS, {
      cookie: person.cookie,
      body: { label: 'x', scopes: ['*'], project_ids: [1] },
    });
    const { key } = created.body;
    expect(await statusOf('GET', '/api/projects/1/', key)).toEqual([200, undefined]);
    const { body: me } = await app.request<CurrentUser>('GET', ME);
    await app.request('DELETE', `/api/organizations/${me.organizations[0]?.id}/members/${person.id}/`);
    expect(await statusOf('GET', '/api/projects/1/', key)).toEqual([404, 'Not found.']);
    expect(await statusOf('GET', '/api/projects/@current/', key)).toEqual([404, 'Not found.']);
  });

  it('notes its use at most once a minute', async () => {
    const { id, key } = await createKey({ scopes: [] });
    const lastUsed = async () => {
      const { body } = await app.request<PageOf<ApiKey>>('GET', KEYS, { cookie });
      return body.results.find((each) => each.id === id)?.last_used_at;
    };
    expect(await lastUsed()).toBeNull();
    const first = app.clock.now().toISOString();
    await app.request('GET', ME, { key });
    await expect.poll(lastUsed).toBe(first);
    app.clock.advance(59_000);
    await app.request('GET', ME, { key });
    app.clock.advance(1000);
    const second = app.clock.now().toISOString();
    await app.request('GET', ME, { key });
    await expect.poll(lastUsed).toBe(second);
  });
});

describe('api_keys.update and api_keys.delete', () => {
  it('change what a key may do, at once', async () => {
    const { id, key } = await createKey({ scopes: ['*'] });
    const body = { label: 'renamed', scopes: ['ticket:read'], project_ids: [1], mask: 'x', id: 'x' };
    const updated = await app.request<ApiKey>('PATCH', `${KEYS}${id}/`, { cookie, body });
    expect([updated.status, updated.body]).toMatchObject([
      200,
      { id, label: 'renamed', scopes: ['ticket:read'], project_ids: [1] },
    ]);
    expect((await statusOf('GET', '/api/organizations/', key))[0]).toBe(403);
    const freed = await app.request<ApiKey>('PATCH', `${KEYS}${id}/`, {
      cookie,
      body: { project_ids: null },
    });
    expect(freed.body).toMatchObject({ project_ids: null, label: 'renamed' });
  });

  it('are not for keys with fewer rights: none raises its own', async () => {
    const { id, key } = await createKey({ scopes: ['ticket:write'] });
    expect((await statusOf('PATCH', `${KEYS}${id}/`, key, { scopes: ['*'] }))[0]).toBe(403);
    expect((await statusOf('PATCH', `${KEYS}${id}/`, API_KEY, { scopes: ['*'] }))[0]).toBe(403);
    expect((await statusOf('DELETE', `${KEYS}${id}/`, key))[0]).toBe(403);
  });

  it('revoke a key at once', async () => {
    const { id, key } = await createKey({ scopes: ['ticket:read'] });
    expect((await statusOf('GET', ME, key))[0]).toBe(200);
    expect((await app.request('DELETE', `${KEYS}${id}/`, { cookie })).status).toBe(204);
    expect((await statusOf('GET', ME, key))[0]).toBe(401);
    expect((await app.request('DELETE', `${KEYS}${id}/`, { cookie })).status).toBe(404);
  });

  it('do not find the keys of other people, not even in one organization', async () => {
    const person = await addColleague(app, 'curious@example.com', 'admin');
    const { id, key } = await createKey({ scopes: ['ticket:read'] });
    for (const [method, ref] of [
      ['PATCH', id],
      ['DELETE', id],
      ['DELETE', 'x'],
      ['DELETE', "'"],
    ]) {
      const answer = await app.request(method ?? '', `${KEYS}${ref}/`, {
        cookie: person.cookie,
        body: { label: 'x' },
      });
      expect([answer.status, answer.body]).toMatchObject([404, { code: 'not_found' }]);
    }
    expect((await statusOf('GET', ME, key))[0]).toBe(200);
  });
});
