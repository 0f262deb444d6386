import type { ErrorBody } from '@parley/contract/errors';
import type { PageOf } from '@parley/contract/schemas';
import type { View, ViewCreate } from '@parley/contract/views';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addMember, addTenant, type TestMember } from '../../testing/tenants.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const VIEWS = '/api/projects/1/conversations/views/';

let app: TestApp;
let ben: TestMember;
beforeAll(async () => {
  app = await createTestApp();
  ben = await addMember(app);
});
afterAll(() => app.close());

async function create(body: ViewCreate, key?: string): Promise<View> {
  app.clock.advance(1000);
  const response = await app.request<View>('POST', VIEWS, { body, ...(key ? { key } : {}) });
  expect(response.status).toBe(201);
  return response.body;
}
const path = ({ short_id }: View) => `${VIEWS}${short_id}/`;
const retrieve = async (view: View, key?: string) =>
  (await app.request<View>('GET', path(view), key ? { key } : {})).body;
const list = async (key?: string) =>
  (await app.request<PageOf<View>>('GET', VIEWS, key ? { key } : {})).body.results;
const events = (view: View) =>
  app.database.kysely
    .selectFrom('events')
    .select(['name', 'resource_version', 'payload'])
    .where('project_id', '=', 1)
    .where('resource_id', '=', view.id)
    .orderBy('id')
    .execute();

describe('#views.create', () => {
  it('case 119: a name alone gives 201 and empty filters', async () => {
    const view = await create({ name: ' Urgent ' });
    expect(view).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      short_id: expect.stringMatching(/^[a-zA-Z2-9]{8}$/),
      name: 'Urgent',
      filters: {},
      created_at: expect.stringMatching(/^2026-03-02T10:\d\d:\d\d\.000Z$/),
      created_by: expect.objectContaining({
        id: 1,
        email: 'ada@example.com',
        hedgehog_config: {},
        role_at_organization: null,
      }),
      is_favorited: false,
      is_default: false,
      visibility: 'shared',
      version: 1,
    });
    expect(view.created_by?.distinct_id).toBe(view.created_by?.uuid);
    expect(await retrieve(view)).toEqual(view);
    expect(await events(view)).toEqual([
      expect.objectContaining({
        name: 'views.create',
        payload: {
          id: view.id,
          short_id: view.short_id,
          name: 'Urgent',
          has_filters: false,
          visibility: 'shared',
        },
      }),
    ]);
  });

  it.each([
    [{}, 'required'],
    [{ name: '' }, 'blank'],
    [{ name: ' \t\n' }, 'blank'],
    [{ name: null }, 'null'],
    [{ name: 7 }, 'invalid_input'],
    [{ name: 'x'.repeat(401) }, 'max_length'],
    [{ name: 'a\0b' }, 'null_characters_not_allowed'],
  ])('case 120: a missing, blank or wrong name is refused: %j', async (body, code) => {
    const response = await app.request<ErrorBody>('POST', VIEWS, { body });
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ type: 'validation_error', code, attr: 'name' });
  });

  it.each([
    ['is_favorited', 'yes', 'invalid_input'],
    ['is_default', null, 'null'],
    ['visibility', 'team', 'invalid_choice'],
    ['visibility', null, 'null'],
  ])('refuses %s = %j', async (attr, value, code) => {
    const response = await app.request<ErrorBody>('POST', VIEWS, { body: { name: 'x', [attr]: value } });
    expect(response).toMatchObject({ status: 400, body: { code, attr } });
  });

  it('takes a form, and the former name of a project', async () => {
    const form = `name=By+form&is_favorited=true&filters=${encodeURIComponent('{"status":["open"]}')}`;
    const response = await app.request<View>('POST', '/api/environments/1/conversations/views', { form });
    expect(response.status).toBe(201);
    expect(response.body).toMatchObject({
      name: 'By form',
      is_favorited: true,
      filters: { status: ['open'] },
    });
  });

  it('ignores what is read-only or unknown', async () => {
    const body = { name: 'x', short_id: 'mine', created_by: null, id: 7, surprise: true };
    const view = await create(body);
    expect(view.short_id).not.toBe('mine');
    expect(view).not.toHaveProperty('surprise');
  });

  it('makes one view of a request that is sent twice', async () => {
    const options = { body: { name: 'Once' }, headers: { 'idempotency-key': 'views-1' } };
    const first = await app.request<View>('POST', VIEWS, options);
    const second = await app.request<View>('POST', VIEWS, options);
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect((await list()).filter(({ name }) => name === 'Once')).toHaveLength(1);
  });

  it('keeps words as they are, whatever they mean to SQL or HTML', async () => {
    const name = `'; drop table ticket_views; -- <b>\u0007 100% _\\ 🙂`;
    expect((await retrieve(await create({ name }))).name).toBe(name);
  });
});

describe('#views.update', () => {
  it('case 121: PUT is 405 and the filters stay', async () => {
    const view = await create({ name: 'x', filters: { status: ['open'] } });
    const response = await app.request<ErrorBody>('PUT', path(view), { body: { name: 'y', filters: {} } });
    expect(response.status).toBe(405);
    expect(response.body.code).toBe('method_not_allowed');
    expect((await retrieve(view)).filters).toEqual({ status: ['open'] });
  });

  it('case 122: a short_id that is sent is ignored', async () => {
    const view = await create({ name: 'x' });
    const body = { name: 'y', short_id: 'other' };
    const response = await app.request<View>('PATCH', path(view), { body });
    expect(response.body).toMatchObject({ name: 'y', short_id: view.short_id, version: 2 });
  });

  it('replaces the filters whole, and says so once', async () => {
    const view = await create({ name: 'x', filters: { status: ['open'], search: 'a' } });
    await app.request('PATCH', path(view), { body: { filters: { sla: 'breached' } } });
    expect((await retrieve(view)).filters).toEqual({ sla: 'breached' });
    await app.request('PATCH', path(view), { body: { is_favorited: true } });
    await app.request('PATCH', path(view), { body: {} });
    expect((await events(view)).map((event) => [event.name, event.resource_version])).toEqual([
      ['views.create', 1],
      ['views.update', 2],
    ]);
  });

  it('changes nothing when one field is wrong', async () => {
    const view = await create({ name: 'x' });
    const body = { name: 'y', is_favorited: true, filters: { assignee: [{ type: 'user', id: 999_999 }] } };
    const response = await app.request<ErrorBody>('PATCH', path(view), { body });
    expect(response).toMatchObject({ status: 400, body: { attr: 'filters__assignee__0' } });
    expect(await retrieve(view)).toEqual(view);
  });

  it('lets any member rename or delete a shared view', async () => {
    const view = await create({ name: 'x' });
    const renamed = await app.request<View>('PATCH', path(view), { body: { name: 'y' }, key: ben.key });
    expect(renamed.body).toMatchObject({ name: 'y', created_by: { id: 1 } });
    expect((await app.request('DELETE', path(view), { key: ben.key })).status).toBe(204);
    expect((await app.request('GET', path(view))).status).toBe(404);
    expect((await events(view)).at(-1)).toMatchObject({ name: 'views.delete', resource_version: 3 });
  });
});

describe('personal marks', () => {
  it('case 123: an older view that is favourited lists first', async () => {
    const [older, newer] = [await create({ name: 'older' }), await create({ name: 'newer' })];
    const at = async (view: View) => (await list()).findIndex(({ id }) => id === view.id);
    expect(await at(newer)).toBeLessThan(await at(older));
    await app.request('PATCH', path(older), { body: { is_favorited: true } });
    expect(await at(older)).toBeLessThan(await at(newer));
  });

  it('case 124: favourited twice is one row', async () => {
    const view = await create({ name: 'x', is_favorited: true });
    expect(view.is_favorited).toBe(true);
    await app.request('PATCH', path(view), { body: { is_favorited: true } });
    const marks = () =>
      app.database.kysely
        .selectFrom('ticket_view_favorites')
        .select('user_id')
        .where('project_id', '=', 1)
        .where('view_id', '=', view.id)
        .execute();
    expect(await marks()).toEqual([{ user_id: 1 }]);
    const off = await app.request<View>('PATCH', path(view), { body: { is_favorited: false } });
    expect([off.body.is_favorited, await marks()]).toEqual([false, []]);
  });

  it('case 125: my favourite is nobody else’s', async () => {
    const view = await create({ name: 'x', is_favorited: true, is_default: true });
    const seenByBen = (await list(ben.key)).find(({ id }) => id === view.id);
    expect(seenByBen).toMatchObject({ is_favorited: false, is_default: false });
  });

  it('has one default per user, which goes with its own view only', async () => {
    const getDefault = async (key?: string) =>
      (await app.request<{ default_view: View | null }>('GET', `${VIEWS}default/`, key ? { key } : {})).body
        .default_view?.id ?? null;
    const carl = await addMember(app);
    expect(await getDefault(carl.key)).toBeNull();
    const [a, b] = [await create({ name: 'a' }), await create({ name: 'b' })];
    const mark = (view: View, is_default: boolean) =>
      app.request('PATCH', path(view), { body: { is_default }, key: carl.key });
    await mark(a, true);
    await mark(b, true);
    expect([await getDefault(carl.key), (await retrieve(a, carl.key)).is_default]).toEqual([b.id, false]);
    await mark(a, false);
    expect(await getDefault(carl.key)).toBe(b.id);
    expect(await getDefault()).not.toBe(b.id);
    await app.request('PATCH', path(b), { body: { visibility: 'private' } });
    expect(await getDefault(carl.key)).toBeNull();
    await app.request('DELETE', path(b));
    expect(await getDefault(carl.key)).toBeNull();
  });
});

describe('visibility', () => {
  it('case 126: another’s private view is not found, and not listed', async () => {
    const view = await create({ name: 'mine', visibility: 'private' });
    expect(await retrieve(view)).toMatchObject({ visibility: 'private' });
    for (const [method, body] of [
      ['GET'],
      ['PATCH', { name: 'y' }],
      ['PATCH', { is_favorited: true }],
      ['DELETE'],
    ] as const) {
      const response = await app.request<ErrorBody>(method, path(view), {
        key: ben.key,
        ...(body ? { body } : {}),
      });
      expect([method, response.status, response.body.code]).toEqual([method, 404, 'not_found']);
    }
    expect((await list(ben.key)).map(({ id }) => id)).not.toContain(view.id);
    expect((await list()).map(({ id }) => id)).toContain(view.id);
    expect(JSON.stringify(await events(view))).not.toContain('mine');
    const tickets = await app.request<ErrorBody>(
      'GET',
      `/api/projects/1/conversations/tickets/?view=${view.short_id}`,
      { key: ben.key },
    );
    expect(tickets).toMatchObject({ status: 400, body: { attr: 'view' } });
  });

  it('case 127: a non-creator cannot make it private, but may send it unchanged', async () => {
    const view = await create({ name: 'x' });
    const patch = (body: object) => app.request<ErrorBody>('PATCH', path(view), { body, key: ben.key });
    expect(await patch({ visibility: 'private' })).toMatchObject({
      status: 400,
      body: { attr: 'visibility' },
    });
    expect(await patch({ visibility: 'shared', name: 'y' })).toMatchObject({
      status: 200,
      body: { name: 'y' },
    });
  });

  it('case 128: with its creator gone it reads shared and stays so', async () => {
    const carl = await addMember(app);
    const view = await create({ name: 'x', visibility: 'private' }, carl.key);
    expect((await app.request('GET', path(view))).status).toBe(404);
    await app.database.kysely.deleteFrom('users').where('id', '=', carl.id).execute();
    expect(await retrieve(view)).toMatchObject({ visibility: 'shared', created_by: null });
    const patch = (visibility: string) =>
      app.request<ErrorBody>('PATCH', path(view), { body: { visibility } });
    expect(await patch('private')).toMatchObject({ status: 400, body: { attr: 'visibility' } });
    expect((await patch('shared')).status).toBe(200);
  });
});

describe('access', () => {
  it('case 129: another team’s view is not found', async () => {
    const other = await addTenant(app);
    const theirs = await app.request<View>('POST', `/api/projects/${other.projectId}/conversations/views/`, {
      body: { name: 'theirs' },
      key: other.owner.key,
    });
    expect(theirs.status).toBe(201);
    for (const base of [VIEWS, `/api/projects/${other.projectId}/conversations/views/`]) {
      const url = `${base}${theirs.body.short_id}/`;
      expect((await app.request('GET', url)).status).toBe(404);
      expect((await app.request('PATCH', url, { body: { name: 'y', is_favorited: true } })).status).toBe(404);
      expect((await app.request('DELETE', url)).status).toBe(404);
    }
    expect((await list()).map(({ id }) => id)).not.toContain(theirs.body.id);
  });

  it('lets a viewer set marks only', async () => {
    const { key } = await addMember(app, { access: 'viewer' });
    const view = await create({ name: 'x' });
    const patch = (body: object) => app.request<View>('PATCH', path(view), { body, key });
    expect((await patch({ is_favorited: true, is_default: true })).body).toMatchObject({
      is_favorited: true,
      is_default: true,
    });
    expect((await patch({ name: 'y' })).status).toBe(403);
    expect((await patch({ filters: {}, is_favorited: false })).status).toBe(403);
    expect(await retrieve(view, key)).toMatchObject({ name: 'x', is_favorited: true });
    expect((await app.request('POST', VIEWS, { body: { name: 'x' }, key })).status).toBe(403);
    expect((await app.request('DELETE', path(view), { key })).status).toBe(403);
  });

  it('takes the published scope and that of tickets', async () => {
    const status = async (
      scope: 'conversation:read' | 'conversation:write' | 'ticket:read' | 'ticket:write' | 'ticket:reply',
    ) => {
      const { key } = await addMember(app, { scopes: [scope] });
      const read = await app.request<ErrorBody>('GET', VIEWS, { key });
      const write = await app.request<ErrorBody>('POST', VIEWS, { body: { name: 'x' }, key });
      return [read.status, write.status, write.status === 403 ? write.body.detail : ''];
    };
    const missing = "API key missing required scope 'conversation:write'.";
    expect(await status('conversation:read')).toEqual([200, 403, missing]);
    expect(await status('ticket:read')).toEqual([200, 403, missing]);
    expect(await status('conversation:write')).toEqual([200, 201, '']);
    expect(await status('ticket:write')).toEqual([200, 201, '']);
    expect(await status('ticket:reply')).toEqual([403, 403, missing]);
    expect((await app.request('GET', VIEWS, { key: null })).status).toBe(401);
  });

  it('pages, and survives any page that is asked for', async () => {
    const { body } = await app.request<PageOf<View>>('GET', `${VIEWS}?limit=2&offset=1`);
    expect(body.results).toHaveLength(2);
    expect(new URL(body.next ?? '').search).toBe('?limit=2&offset=3');
    expect(new URL(body.previous ?? '').search).toBe('?limit=2');
    for (const query of ['limit=-1', 'limit=x', 'offset=1000000000', "limit=1'--", 'offset=%00']) {
      expect((await app.request('GET', `${VIEWS}?${query}`)).status).toBe(200);
    }
    for (const shortId of ["'--", '%00', 'default2', 'x'.repeat(400), '%25']) {
      expect((await app.request('GET', `${VIEWS}${shortId}/`)).status).toBe(404);
    }
  });
});
