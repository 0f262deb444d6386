import type { Member, Organization } from '@parley/contract/organizations';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addColleague,
  type Colleague,
  createPeopleApp,
  organizationOf,
  type PeopleApp,
  signIn,
} from '#features/auth/testing.ts';

const ORGANIZATIONS = '/api/organizations/';

let app: PeopleApp;
let path: string;
let owner: string;
let admin: Colleague;
let member: Colleague;
beforeAll(async () => {
  app = await createPeopleApp();
  path = `${ORGANIZATIONS}${await organizationOf(app)}/`;
  owner = await signIn(app);
  admin = await addColleague(app, 'admin@example.com', 'admin');
  member = await addColleague(app, 'member@example.com');
});
afterAll(() => app.close());

const statusOf = async (method: string, url: string, cookie: string, body?: unknown) =>
  (await app.request(method, url, { cookie, body })).status;

async function levelOf(id: number): Promise<string | undefined> {
  const { body } = await app.request<PageOf<Member>>('GET', `${path}members/`);
  return body.results.find(({ user }) => user.id === id)?.level;
}

describe('organizations', () => {
  it('are created with their creator as owner, once per Idempotency-Key', async () => {
    const options = { body: { name: 'New' }, headers: { 'idempotency-key': 'x' } };
    const made = await app.request<Organization>('POST', ORGANIZATIONS, options);
    expect([made.status, made.body]).toMatchObject([
      201,
      { name: 'New', level: 'owner', is_ai_data_processing_approved: false },
    ]);
    expect((await app.request('POST', ORGANIZATIONS, options)).body).toEqual(made.body);
    const list = await app.request<PageOf<Organization>>('GET', ORGANIZATIONS);
    expect(list.body.results.map(({ name }) => name)).toEqual(['My organization', 'New']);
    expect((await app.request('GET', `${ORGANIZATIONS}${made.body.id}/`)).body).toEqual(made.body);
    expect(await statusOf('DELETE', `${ORGANIZATIONS}${made.body.id}/`, owner)).toBe(204);
    expect(await statusOf('GET', `${ORGANIZATIONS}${made.body.id}/`, owner)).toBe(404);
  });

  it('are changed by admins, deleted by owners, and read by members', async () => {
    const body = { name: 'Acme', is_ai_data_processing_approved: true, level: 'member', id: 'x' };
    const changed = await app.request('PATCH', path, { cookie: admin.cookie, body });
    expect([changed.status, changed.body]).toMatchObject([
      200,
      { name: 'Acme', is_ai_data_processing_approved: true, level: 'admin' },
    ]);
    expect(await statusOf('GET', path, member.cookie)).toBe(200);
    expect(await statusOf('PATCH', path, member.cookie, { name: 'x' })).toBe(403);
    expect(await statusOf('DELETE', path, admin.cookie)).toBe(403);
  });

  it('are kept while they have projects', async () => {
    const answer = await app.request('DELETE', path, { cookie: owner });
    expect([answer.status, answer.body]).toMatchObject([409, { code: 'conflict', type: 'invalid_request' }]);
    expect(await statusOf('GET', path, owner)).toBe(200);
  });

  it.each([
    [{ name: '' }, 'name', 'blank'],
    [{ name: null }, 'name', 'null'],
    [{ name: 'x'.repeat(201) }, 'name', 'max_length'],
    [{ is_ai_data_processing_approved: 'true' }, 'is_ai_data_processing_approved', 'invalid_input'],
  ])('refuse %j', async (body, attr, code) => {
    const answer = await app.request('PATCH', path, { body });
    expect([answer.status, answer.body]).toMatchObject([400, { attr, code }]);
  });

  it.each(['x', '0', "'", '%00', '00000000-0000-0000-0000-000000000000'])(
    'are not found under %s',
    async (id) => {
      expect(await statusOf('GET', `${ORGANIZATIONS}${id}/`, owner)).toBe(404);
    },
  );
});

describe('members', () => {
  it('are listed for members, with paging', async () => {
    const list = await app.request<PageOf<Member>>('GET', `${path}members/?limit=2&offset=1`, {
      cookie: member.cookie,
    });
    expect(list.body).toMatchObject({ count: 3, next: null });
    expect(list.body.previous).toMatch(/members\/\?limit=2$/);
    expect(list.body.results.map(({ user, level }) => [user.email, level])).toEqual([
      ['admin@example.com', 'admin'],
      ['member@example.com', 'member'],
    ]);
  });

  it('get their level from admins, but only owners make owners', async () => {
    const url = `${path}members/${member.id}/`;
    expect(await statusOf('PATCH', url, member.cookie, { level: 'admin' })).toBe(403);
    expect(await statusOf('PATCH', url, admin.cookie, { level: 'owner' })).toBe(403);
    expect(await statusOf('PATCH', url, admin.cookie, { level: 'admin' })).toBe(200);
    expect(await levelOf(member.id)).toBe('admin');
    expect(await statusOf('PATCH', url, owner, { level: 'owner' })).toBe(200);
    expect(await statusOf('PATCH', url, admin.cookie, { level: 'member' })).toBe(403);
    expect(await statusOf('DELETE', url, admin.cookie)).toBe(403);
    expect(await statusOf('PATCH', url, owner, { level: 'member' })).toBe(200);
    expect(await levelOf(member.id)).toBe('member');
  });

  it('keep their last owner', async () => {
    for (const [method, body] of [
      ['PATCH', { level: 'admin' }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await app.request(method, `${path}members/@me/`, { cookie: owner, body });
      expect([answer.status, answer.body]).toMatchObject([409, { code: 'conflict' }]);
    }
    expect(await levelOf(1)).toBe('owner');
  });

  it('keep one owner even when two demote each other at once', async () => {
    const other = await addColleague(app, 'second-owner@example.com', 'owner');
    const [first, second] = await Promise.all([
      app.request('PATCH', `${path}members/${other.id}/`, { cookie: owner, body: { level: 'member' } }),
      app.request('PATCH', `${path}members/1/`, { cookie: other.cookie, body: { level: 'member' } }),
    ]);
    // The loser is not an owner any more when its turn comes.
    expect([first.status, second.status].sort()).toEqual([200, 403]);
    expect([await levelOf(1), await levelOf(other.id)].sort()).toEqual(['member', 'owner']);
    if ((await levelOf(1)) === 'member') {
      await app.request('PATCH', `${path}members/1/`, { cookie: other.cookie, body: { level: 'owner' } });
    }
    await app.request('DELETE', `${path}members/${other.id}/`, { cookie: owner });
  });

  it('leave by themselves, with their roles and their project access', async () => {
    const person = await addColleague(app, 'leaver@example.com');
    const role = await app.request<{ id: string }>('POST', `${path}roles/`, { body: { name: 'Leavers' } });
    await app.request('PUT', `${path}roles/${role.body.id}/members/${person.id}/`);
    await app.request('PUT', `/api/projects/1/access/${person.id}/`, { body: { level: 'manager' } });
    expect(await statusOf('DELETE', `${path}members/@me/`, person.cookie)).toBe(204);
    expect(await statusOf('GET', path, person.cookie)).toBe(404);
    expect(await statusOf('GET', '/api/projects/1/', person.cookie)).toBe(404);
    const after = await app.request<{ members: unknown[] }>('GET', `${path}roles/${role.body.id}/`);
    expect(after.body.members).toEqual([]);
    const rows = await app.database.kysely
      .selectFrom('project_access')
      .select('level')
      .where('project_id', '=', 1)
      .execute();
    expect(rows).toEqual([]);
  });

  it('are removed by admins, not by each other', async () => {
    const person = await addColleague(app, 'removed@example.com');
    expect(await statusOf('DELETE', `${path}members/${person.id}/`, member.cookie)).toBe(403);
    expect(await statusOf('DELETE', `${path}members/${person.id}/`, admin.cookie)).toBe(204);
    expect(await statusOf('DELETE', `${path}members/${person.id}/`, admin.cookie)).toBe(404);
  });

  it.each([
    [{}, 'required'],
    [{ level: 'god' }, 'invalid_choice'],
    [{ level: null }, 'null'],
    [{ level: 3 }, 'invalid_choice'],
  ])('refuse %j', async (body, code) => {
    const answer = await app.request('PATCH', `${path}members/${member.id}/`, { body });
    expect([answer.status, answer.body]).toMatchObject([400, { attr: 'level', code }]);
  });

  it.each(['0', 'x', '99999999999', '2147483648', "1'", '%00'])('are not found under %s', async (id) => {
    expect(await statusOf('DELETE', `${path}members/${id}/`, owner)).toBe(404);
  });
});
