import { type Follower, followers } from '@parley/contract/followers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeMember } from '#features/organizations/members.service.ts';
import type { Actor } from '#platform/actor.ts';
import {
  addKey,
  addTenant,
  addUser,
  adminId,
  createTicket,
  eventsOf,
  projectOf,
  SYSTEM,
  type Tenant,
  type TestUser,
  ticketPath,
} from '../../testing/fixtures.ts';
import { shapeErrors } from '../../testing/shape.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { followersOf } from './followers.service.ts';

let app: TestApp;
let tenant: Tenant;
let ana: TestUser;
let viewer: TestUser;
let viewerKey: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  tenant = await addTenant(app, 'elsewhere');
  ana = await addUser(app, 'ana@example.com', { firstName: 'Ana' });
  viewer = await addUser(app, 'viewer@example.com', { access: 'viewer' });
  viewerKey = await addKey(app, viewer.id);
});
afterAll(() => app.close());

const add = (id: string, body: object = {}, key?: string) =>
  app.request<Follower & { code?: string; attr?: string }>('POST', ticketPath(id, 'followers/'), {
    body,
    ...(key ? { key } : {}),
  });
const remove = (id: string, ref: string | number, key?: string) =>
  app.request('DELETE', ticketPath(id, `followers/${ref}/`), key ? { key } : {});
const list = async (id: string) =>
  (await app.request<{ count: number; results: Follower[] }>('GET', ticketPath(id, 'followers/'))).body;
const told = (id: string, projectId = 1) =>
  app.parley.unitOfWork.read(SYSTEM, (context) => followersOf(context, projectId, id));

describe('followers', () => {
  it('add oneself, or another member; twice is once', async () => {
    const { id } = await createTicket(app);
    const me = await adminId(app);
    const first = await add(id);
    expect([first.status, first.body]).toMatchObject([201, { user: { id: me }, added_by: me }]);
    app.clock.advance(1000);
    expect((await add(id, { user_id: ana.id })).status).toBe(201);
    const again = await add(id, { user_id: ana.id });
    expect([again.status, again.body.user]).toMatchObject([200, { id: ana.id, first_name: 'Ana' }]);
    const page = await list(id);
    expect(page.results.map(({ user }) => user.id)).toEqual([me, ana.id]);
    expect(shapeErrors(followers.list.responses[200], { count_capped: true, ...page })).toEqual([]);
    expect(await told(id)).toEqual([me, ana.id]);
    expect((await eventsOf(app, id)).slice(1).map(({ name, payload }) => [name, payload])).toMatchObject([
      ['followers.add', { user_id: me }],
      ['followers.add', { user_id: ana.id }],
    ]);
  });

  it('remove; who does not follow is not found', async () => {
    const { id } = await createTicket(app);
    await add(id);
    await add(id, { user_id: ana.id });
    expect((await remove(id, '@me')).status).toBe(204);
    expect((await remove(id, ana.id)).status).toBe(204);
    for (const ref of ['@me', ana.id, 0, -1, '9999999999', 'nobody'])
      expect([ref, (await remove(id, ref)).status]).toEqual([ref, 404]);
    expect((await list(id)).count).toBe(0);
    expect((await eventsOf(app, id)).at(-1)).toMatchObject({
      name: 'followers.remove',
      payload: { user_id: ana.id },
    });
  });

  it('viewers follow for themselves only', async () => {
    const { id } = await createTicket(app);
    expect((await add(id, {}, viewerKey)).status).toBe(201);
    expect((await add(id, { user_id: ana.id }, viewerKey)).status).toBe(403);
    await add(id, { user_id: ana.id });
    expect((await remove(id, ana.id, viewerKey)).status).toBe(403);
    expect((await remove(id, viewer.id, viewerKey)).status).toBe(204);
  });

  it.each([
    ['someone of another organization', () => tenant.owner.id],
    ['nobody', () => 2_000_000_000],
    ['no id at all', () => 0],
    ['a huge number', () => 1e300],
  ])('refuses %s', async (_, user) => {
    const { id } = await createTicket(app);
    const refused = await add(id, { user_id: user() });
    expect([refused.status, refused.body]).toMatchObject([400, { code: 'does_not_exist', attr: 'user_id' }]);
    expect((await list(id)).count).toBe(0);
  });

  it('who may not see the project is not added, and not told', async () => {
    const { id } = await createTicket(app);
    const shut = await addUser(app, 'shut@example.com');
    expect((await add(id, { user_id: shut.id })).status).toBe(201);
    const row = { project_id: 1, user_id: shut.id, level: 'none' as const };
    await app.database.kysely.insertInto('project_access').values(row).execute();
    expect(await told(id)).toEqual([]);
    expect((await add(id, { user_id: shut.id })).status).toBe(400);
  });

  it('end with the membership', async () => {
    const { id } = await createTicket(app);
    const leaving = await addUser(app, 'leaving@example.com');
    await add(id, { user_id: leaving.id });
    const project = await projectOf(app);
    const admin = await adminId(app);
    const user = { id: admin, uuid: '', email: '', firstName: '', lastName: '' };
    const actor: Actor = { kind: 'session', user, sessionId: '1' };
    await app.parley.unitOfWork.run(actor, (uow) =>
      removeMember(uow, project.organizationId, String(leaving.id)),
    );
    expect((await list(id)).count).toBe(0);
  });

  it('of a merged ticket are told of what happens in its thread', async () => {
    const [source, target] = [await createTicket(app), await createTicket(app)];
    await add(source.id, { user_id: ana.id });
    await add(target.id);
    const body = { target: target.id, allow_different_customers: true };
    await app.request('POST', ticketPath(source.id, 'merge/'), { body });
    expect(await told(target.id)).toEqual([await adminId(app), ana.id]);
    expect(await told(source.id)).toEqual([ana.id]);
    expect(await told(target.id, tenant.projectId)).toEqual([]);
  });

  it('of others’ tickets are not found', async () => {
    const theirs = await app.request<{ id: string }>('POST', tenant.tickets, { key: tenant.key, body: {} });
    expect((await add(theirs.body.id)).status).toBe(404);
    expect((await remove(theirs.body.id, '@me')).status).toBe(404);
    expect((await app.request('GET', ticketPath(theirs.body.id, 'followers/'))).status).toBe(404);
  });
});
