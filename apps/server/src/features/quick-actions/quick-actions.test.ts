import type { ErrorBody } from '@parley/contract/errors';
import type { QuickAction } from '@parley/contract/quick-actions';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addKey, addTenant, addUser, adminId } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const QUICK_ACTIONS = '/api/projects/1/conversations/quick_actions/';

let app: TestApp;
let ben: string;
let viewer: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ben = await addKey(app, (await addUser(app, 'ben@example.com')).id);
  viewer = await addKey(app, (await addUser(app, 'vic@example.com', { access: 'viewer' })).id);
});
afterAll(() => app.close());

const call = (method: string, path: string, body?: object, key?: string) =>
  app.request<QuickAction & ErrorBody>(method, path, { ...(body ? { body } : {}), ...(key ? { key } : {}) });
async function create(body: object = {}, key?: string): Promise<QuickAction> {
  app.clock.advance(1000);
  const answer = await call('POST', QUICK_ACTIONS, { name: 'Greet', content: 'Hello', ...body }, key);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}
const path = ({ short_id }: QuickAction, below = '') => `${QUICK_ACTIONS}${short_id}/${below}`;
const list = async (key?: string, prefix = QUICK_ACTIONS) =>
  (await app.request<PageOf<QuickAction>>('GET', prefix, key ? { key } : {})).body.results;
const eventsOf = (action: QuickAction) =>
  app.database.kysely
    .selectFrom('events')
    .select(['name', 'resource_version', 'payload'])
    .where('resource_id', '=', action.id)
    .orderBy('id')
    .execute();

describe('#quick_actions.create', () => {
  it('stores all of it', async () => {
    const body = {
      name: ' Refund ',
      description: 'When they want it back',
      content: 'Hello {{customer.name}}',
      rich_content: { type: 'doc', content: [] },
      actions: {
        status: 'pending',
        priority: 'high',
        tags: ['refund'],
        assignee: { type: 'user', id: String(await adminId(app)) },
      },
      visibility: 'personal',
      shortcut: 'rf',
      folder: 'Money',
    };
    const action = await create({ ...body, short_id: 'mine', use_count: 7, created_by: null });
    expect(action).toMatchObject({ ...body, name: 'Refund', use_count: 0, last_used_at: null, version: 1 });
    expect(action.short_id).toMatch(/^[a-zA-Z2-9]{8}$/);
    expect(action.created_by?.email).toBe('ada@example.com');
    expect((await call('GET', path(action))).body).toEqual(action);
    const team = await create();
    expect(team).toMatchObject({ description: '', rich_content: null, actions: {}, visibility: 'team' });
  });

  it('case 148: a name alone is refused, and so is an action that does nothing', async () => {
    for (const more of [
      {},
      { content: ' \n' },
      { actions: {} },
      { actions: { tags: [], status: null, assignee: null, surprise: true } },
      { rich_content: null },
    ]) {
      const answer = await call('POST', QUICK_ACTIONS, { name: 'Nothing', ...more });
      expect([answer.status, answer.body]).toMatchObject([400, { code: 'invalid_input', attr: null }]);
    }
    for (const more of [
      { actions: { status: 'resolved' } },
      { actions: { assignee: { type: 'role', id: null } } },
      { rich_content: { type: 'doc' } },
    ])
      expect((await call('POST', QUICK_ACTIONS, { name: 'Something', ...more })).status).toBe(201);
  });

  it('case 149: drops unknown keys of the actions', async () => {
    const assignee = { type: 'user', id: '1', nickname: 'x' };
    const { actions } = await create({ actions: { status: 'open', run: 'rm -rf', assignee } });
    expect(actions).toEqual({ status: 'open', assignee: { type: 'user', id: '1' } });
  });

  it.each([
    ['name', 'required', { name: undefined }],
    ['name', 'blank', { name: ' ' }],
    ['name', 'max_length', { name: 'x'.repeat(201) }],
    ['name', 'null_characters_not_allowed', { name: 'a\0' }],
    ['description', 'max_length', { description: 'x'.repeat(401) }],
    ['rich_content', 'max_length', { rich_content: 'x'.repeat(100_000) }],
    ['actions', 'invalid_input', { actions: [] }],
    ['actions', 'null', { actions: null }],
    [
      'actions',
      'max_length',
      { actions: { tags: Array.from({ length: 50 }, (_, n) => `${n}${'x'.repeat(250)}`) } },
    ],
    ['actions__status', 'invalid_choice', { actions: { status: 'done' } }],
    ['actions__tags', 'max_length', { actions: { tags: Array.from({ length: 101 }, () => 'x') } }],
    ['actions__assignee__type', 'invalid_choice', { actions: { assignee: { type: 'team', id: '1' } } }],
    ['actions__assignee__id', 'invalid_input', { actions: { assignee: { type: 'user', id: 1 } } }],
    ['actions__assignee__id', 'required', { actions: { assignee: { type: 'user' } } }],
    ['visibility', 'invalid_choice', { visibility: 'shared' }],
    ['shortcut', 'max_length', { shortcut: 'x'.repeat(51) }],
    ['folder', 'max_length', { folder: 'x'.repeat(101) }],
  ])('refuses a wrong %s: %s', async (attr, code, more) => {
    const before = await list();
    const answer = await call('POST', QUICK_ACTIONS, { name: 'x', content: 'y', ...more });
    expect(answer).toMatchObject({ status: 400, body: { attr, code } });
    expect(await list()).toEqual(before);
  });

  it('case 152: takes a content of 50,000 characters, not of 50,001', async () => {
    expect((await create({ content: 'ü'.repeat(50_000) })).content).toHaveLength(50_000);
    const answer = await call('POST', QUICK_ACTIONS, { name: 'x', content: 'x'.repeat(50_001) });
    expect(answer).toMatchObject({ status: 400, body: { attr: 'content', code: 'max_length' } });
  });

  it('is for editors, once per key', async () => {
    expect((await call('POST', QUICK_ACTIONS, { name: 'x', content: 'y' }, viewer)).status).toBe(403);
    const options = { body: { name: 'Once', content: 'x' }, headers: { 'idempotency-key': 'qa-1' } };
    const first = await app.request<QuickAction>('POST', QUICK_ACTIONS, options);
    expect((await app.request<QuickAction>('POST', QUICK_ACTIONS, options)).body).toEqual(first.body);
  });
});

describe('#quick_actions.list', () => {
  it('I69: shows those of the team and one’s own personal ones, newest first', async () => {
    const bens = await create({ name: 'Mine', visibility: 'personal' }, ben);
    const newest = await create({ name: 'Newest' });
    expect((await list(ben)).slice(0, 2)).toEqual([newest, bens]);
    expect(await list()).not.toContainEqual(bens);
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect((await call(method, path(bens), method === 'PATCH' ? { name: 'Ours' } : undefined)).status).toBe(
        404,
      );
    expect((await call('POST', path(bens, 'use/'))).status).toBe(404);
    expect(await list(viewer)).toContainEqual(newest);
  });

  it('case 153: is the same under the former name of a project', async () => {
    expect(await list(undefined, '/api/environments/1/conversations/quick_actions')).toEqual(await list());
  });

  it('shows nothing of another organization', async () => {
    const tenant = await addTenant(app, 'theirs');
    const theirs = `/api/projects/${tenant.projectId}/conversations/quick_actions/`;
    const answer = await call('POST', theirs, { name: 'Theirs', content: 'x' }, tenant.key);
    expect((await call('GET', path(answer.body))).status).toBe(404);
    expect((await call('GET', theirs)).status).toBe(404);
    expect(await list(tenant.key, theirs)).toEqual([answer.body]);
  });

  it('comes in pages', async () => {
    await create();
    const { body } = await app.request<PageOf<QuickAction>>('GET', `${QUICK_ACTIONS}?limit=1&offset=1`);
    expect([body.results.length, body.count]).toEqual([1, (await list()).length]);
    expect(body.next).toContain('offset=2');
  });
});

describe('#quick_actions.update', () => {
  it('changes what is sent, by PATCH or, with a name, by PUT', async () => {
    const action = await create({ description: 'a', folder: 'b' });
    const patched = await call('PATCH', path(action), { content: 'Bye', folder: null });
    expect(patched.body).toEqual({ ...action, content: 'Bye', folder: null, version: 2 });
    const put = await call('PUT', path(action), { name: 'Part' });
    expect(put.body).toEqual({ ...action, name: 'Part', content: 'Bye', folder: null, version: 3 });
    expect((await call('PUT', path(action), { content: 'x' })).body).toMatchObject({
      code: 'required',
      attr: 'name',
    });
    expect((await eventsOf(action)).map(({ name, resource_version: version }) => [name, version])).toEqual([
      ['quick_actions.create', 1],
      ['quick_actions.update', 2],
      ['quick_actions.update', 3],
    ]);
  });

  it('case 150: new actions replace the old, but an assignee that is not mentioned stays', async () => {
    const assignee = { type: 'user', id: '1' };
    const action = await create({ actions: { status: 'open', tags: ['a'], assignee } });
    const actionsAfter = async (actions: object) =>
      (await call('PATCH', path(action), { actions })).body.actions;
    expect(await actionsAfter({ priority: 'low' })).toEqual({ priority: 'low', assignee });
    expect(await actionsAfter({ assignee: null, status: 'new' })).toEqual({ status: 'new' });
  });

  it('case 151: only its creator makes one of the team personal', async () => {
    const action = await create();
    const refused = await call('PATCH', path(action), { visibility: 'personal', name: 'Ben’s' }, ben);
    expect(refused).toMatchObject({ status: 400, body: { attr: 'visibility', code: 'invalid_input' } });
    expect((await call('PATCH', path(action), { visibility: 'team', name: 'x' }, ben)).status).toBe(200);
    expect((await call('PATCH', path(action), { visibility: 'personal' })).body.visibility).toBe('personal');
    expect((await eventsOf(action)).at(-1)?.payload).toMatchObject({ name: null, visibility: 'personal' });
  });

  it('refuses to take the last effect away', async () => {
    const action = await create();
    expect((await call('PATCH', path(action), { content: '' })).status).toBe(400);
    const both = { content: '', actions: { status: 'open' } };
    expect((await call('PATCH', path(action), both)).status).toBe(200);
    expect((await call('PATCH', path(action), { actions: {} })).status).toBe(400);
  });

  it('is not for viewers', async () => {
    const action = await create();
    for (const [method, body] of [
      ['PATCH', { name: 'x' }],
      ['PUT', { name: 'x' }],
      ['DELETE', undefined],
    ] as const)
      expect((await call(method, path(action), body, viewer)).status).toBe(403);
  });
});

describe('#quick_actions.delete', () => {
  it('deletes it for everybody', async () => {
    const action = await create();
    expect((await call('DELETE', path(action), undefined, ben)).status).toBe(204);
    expect((await call('GET', path(action))).status).toBe(404);
    expect((await call('DELETE', path(action))).status).toBe(404);
    expect((await eventsOf(action)).at(-1)).toMatchObject({
      name: 'quick_actions.delete',
      resource_version: 2,
    });
  });
});

describe('#quick_actions.use', () => {
  it('counts, also when many use it at once, and changes nothing else', async () => {
    const action = await create();
    await Promise.all([1, 2, 3, 4].map(() => call('POST', path(action, 'use/'), {}, ben)));
    const { body } = await call('GET', path(action));
    expect(body).toEqual({ ...action, use_count: 4, last_used_at: app.clock.now().toISOString() });
    expect((await eventsOf(action)).map(({ name }) => name)).toEqual(['quick_actions.create']);
  });
});
