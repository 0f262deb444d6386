import type { ErrorBody } from '@parley/contract/errors';
import type { Preferences, ProjectPreferences } from '@parley/contract/preferences';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addKey, addTenant, addUser, SYSTEM, type TestUser } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { notificationChoices } from './preferences.service.ts';

const PREFERENCES = '/api/users/@me/preferences/';
const PROJECT = '/api/projects/1/preferences/';

interface Agent extends TestUser {
  key: string;
}

let app: TestApp;
let ben: Agent;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ben = await addAgent('ben@example.com');
});
afterAll(() => app.close());

let agents = 0;
async function addAgent(email = `agent${++agents}@example.com`): Promise<Agent> {
  const user = await addUser(app, email, { access: 'viewer' });
  return { ...user, key: await addKey(app, user.id) };
}
const retrieve = async (key: string) => (await app.request<Preferences>('GET', PREFERENCES, { key })).body;
const patch = (body: unknown, key: string) =>
  app.request<Preferences & ErrorBody>('PATCH', PREFERENCES, { body, key });

describe('#preferences.update', () => {
  it('keeps what was chosen, over what holds without', async () => {
    const { key } = await addAgent();
    const before = await retrieve(key);
    expect(before).toMatchObject({
      theme: 'system',
      density: 'comfortable',
      locale: null,
      undo_seconds: null,
      key_bindings: {},
      client_state: {},
      version: 0,
      updated_at: null,
    });
    expect(before.notifications.mentioned).toEqual({
      in_app: true,
      browser: true,
      email: true,
      sound: false,
    });
    const choice = {
      theme: 'dark',
      density: 'compact',
      locale: 'pt-BR',
      timezone: 'Europe/Berlin',
      send_on_enter: true,
      after_send: 'next',
      undo_seconds: 0,
      key_bindings: { 'ticket.resolve': 'e' },
      client_state: { sidebar: { open: true } },
    };
    const { status, body } = await patch(choice, key);
    expect([status, body]).toEqual([
      200,
      { ...before, ...choice, version: 1, updated_at: app.clock.now().toISOString() },
    ]);
    expect(await retrieve(key)).toEqual(body);
    expect((await retrieve(ben.key)).theme).toBe('system');
  });

  it('changes only what is sent, and null takes a choice back', async () => {
    const { key } = await addAgent();
    await patch({ theme: 'dark', undo_seconds: 5, key_bindings: { a: '1', b: '2' } }, key);
    await patch({ notifications: { assigned: { email: true }, new_ticket: { sound: true } } }, key);
    const body = {
      theme: null,
      key_bindings: { a: null, c: '3' },
      notifications: { assigned: { browser: false } },
    };
    expect((await patch(body, key)).body).toMatchObject({
      theme: 'system',
      undo_seconds: 5,
      key_bindings: { b: '2', c: '3' },
      notifications: {
        assigned: { in_app: true, browser: false, email: true, sound: false },
        new_ticket: { in_app: false, sound: true },
      },
      version: 3,
    });
  });

  it('loses nothing of two changes at once', async () => {
    const { key } = await addAgent();
    const names = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(names.map((name) => patch({ key_bindings: { [name]: name } }, key)));
    const { key_bindings, version } = await retrieve(key);
    expect([Object.keys(key_bindings).sort(), version]).toEqual([names, 5]);
  });

  it.each([
    ['theme', 'invalid_choice', { theme: 'pink' }],
    ['density', 'invalid_choice', { density: 1 }],
    ['locale', 'invalid_choice', { locale: 'not a language' }],
    ['locale', 'max_length', { locale: 'x'.repeat(36) }],
    ['timezone', 'invalid_choice', { timezone: 'Mars/Olympus' }],
    ['undo_seconds', 'max_value', { undo_seconds: 301 }],
    ['undo_seconds', 'invalid_input', { undo_seconds: 1.5 }],
    ['send_on_enter', 'invalid_input', { send_on_enter: 'yes' }],
    ['colour', 'invalid_input', { colour: 'red' }],
    [`${'x'.repeat(60)}…`, 'invalid_input', { ['x'.repeat(100_000)]: 1 }],
    ['notifications__payday', 'invalid_input', { notifications: { payday: { email: true } } }],
    ['notifications__assigned__fax', 'invalid_input', { notifications: { assigned: { fax: true } } }],
    ['notifications__assigned__email', 'invalid_input', { notifications: { assigned: { email: 1 } } }],
    ['key_bindings', 'invalid_input', { key_bindings: [] }],
    ['key_bindings', 'max_length', { key_bindings: { ['x'.repeat(65)]: 'a' } }],
    ['key_bindings__a', 'max_length', { key_bindings: { a: 'x'.repeat(65) } }],
    ['key_bindings__a', 'invalid_input', { key_bindings: { a: 7 } }],
    [
      'key_bindings',
      'max_length',
      { key_bindings: Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`k${n}`, 'a'])) },
    ],
    ['client_state', 'invalid_input', { client_state: 'x' }],
    ['client_state', 'null', { client_state: null }],
    ['client_state', 'max_length', { client_state: { a: 'x'.repeat(16_384) } }],
    ['client_state__a', 'null_characters_not_allowed', { client_state: { a: 'x\0' } }],
  ])('refuses %s: %s, and keeps what there was', async (attr, code, body) => {
    const before = await retrieve(ben.key);
    const answer = await patch({ send_on_enter: true, ...body }, ben.key);
    expect([answer.status, answer.body]).toMatchObject([400, { attr, code }]);
    expect(await retrieve(ben.key)).toEqual(before);
  });

  it('takes names that mean something to JavaScript', async () => {
    const { key } = await addAgent();
    const bindings = { constructor: 'a', toString: 'b' };
    expect((await patch({ key_bindings: bindings }, key)).body.key_bindings).toEqual(bindings);
  });

  it('needs a key for everything', async () => {
    const scoped = await addKey(app, ben.id, ['ticket:write']);
    const limited = await addKey(app, ben.id, ['*'], [1]);
    for (const key of [scoped, limited]) {
      expect((await app.request('GET', PREFERENCES, { key })).status).toBe(403);
      expect((await patch({ theme: 'dark' }, key)).status).toBe(403);
    }
  });

  it('tells others who wants to hear of what', async () => {
    const agent = await addAgent();
    await patch({ notifications: { assigned: { email: true } } }, agent.key);
    const choices = await app.parley.unitOfWork.read(SYSTEM, (context) =>
      notificationChoices(context, [agent.id, ben.id]),
    );
    expect([...choices.keys()]).toEqual([agent.id, ben.id]);
    expect(choices.get(agent.id)?.assigned.email).toBe(true);
    expect(choices.get(ben.id)?.assigned.email).toBe(false);
  });
});

describe('#preferences.update_project', () => {
  const change = (body: unknown, key: string) =>
    app.request<ProjectPreferences & ErrorBody>('PATCH', PROJECT, { body, key });

  it('is of one person in one project', async () => {
    const agent = await addAgent();
    const empty = { columns: null, order_by: null, client_state: {}, version: 0, updated_at: null };
    expect((await app.request('GET', PROJECT, { key: agent.key })).body).toEqual(empty);
    const first = await change({ columns: ['status', 'assignee'], client_state: { a: 1 } }, agent.key);
    expect(first.body).toMatchObject({ columns: ['status', 'assignee'], order_by: null, version: 1 });
    const second = await change({ order_by: '-created_at', columns: null }, agent.key);
    expect(second.body).toMatchObject({ columns: null, order_by: '-created_at', client_state: { a: 1 } });
    expect((await app.request('GET', PROJECT, { key: ben.key })).body).toEqual(empty);
  });

  it.each([
    ['columns', { columns: 'status' }],
    ['columns', { columns: ['a', 'a'] }],
    ['columns__0', { columns: [''] }],
    ['columns', { columns: Array.from({ length: 51 }, (_, n) => `c${n}`) }],
    ['order_by', { order_by: 'x'.repeat(65) }],
    ['theme', { theme: 'dark' }],
  ])('refuses a wrong %s', async (attr, body) => {
    expect(await change(body, ben.key)).toMatchObject({ status: 400, body: { attr } });
  });

  it('is not found for others', async () => {
    const tenant = await addTenant(app, 'theirs');
    expect((await change({ columns: [] }, tenant.key)).status).toBe(404);
  });
});
