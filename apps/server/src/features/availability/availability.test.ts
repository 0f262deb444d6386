import type { Availability } from '@parley/contract/availability';
import type { ErrorBody } from '@parley/contract/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject } from '#features/projects/projects.service.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import {
  addKey,
  addTenant,
  addUser,
  adminId,
  createTicket,
  getTicket,
  projectOf,
  SYSTEM,
  type Tenant,
  type TestUser,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

interface Agent extends TestUser {
  key: string;
}

let app: TestApp;
let path: string;
let ada: number;
let ben: Agent;
let carl: Agent;
let tenant: Tenant;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  path = `/api/organizations/${(await projectOf(app)).organizationId}/conversations/availability/`;
  ada = await adminId(app);
  [ben, carl] = [await addAgent('ben@example.com'), await addAgent('carl@example.com')];
  tenant = await addTenant(app, 'theirs');
});
afterAll(() => app.close());

async function addAgent(email: string): Promise<Agent> {
  const user = await addUser(app, email);
  return { ...user, key: await addKey(app, user.id) };
}
const list = async (key?: string) =>
  (await app.request<Availability[]>('GET', path, key ? { key } : {})).body;
const put = (ref: number | string, body: unknown, key?: string) =>
  app.request<{ user_id: number; is_available: boolean } & ErrorBody>('PUT', `${path}${ref}/`, {
    body,
    ...(key ? { key } : {}),
  });
const events = () =>
  app.database.kysely
    .selectFrom('events')
    .select(['project_id', 'resource_id', 'resource_version', 'payload'])
    .where('name', '=', 'availability.update')
    .orderBy('id')
    .execute();

describe('#availability', () => {
  it('I111: is nobody’s until it is set, then a bare array by user, in every project of the organization', async () => {
    const { organizationId } = await projectOf(app);
    const second = await app.parley.unitOfWork.run(SYSTEM, (uow) =>
      createProject(uow, createSecretBox(app.config.secret), { organizationId, name: 'Second' }),
    );
    const ticket = await createTicket(app, { assignee: { type: 'user', id: ben.id } });
    expect(await list()).toEqual([]);
    const answer = await put(ben.id, { is_available: false }, ben.key);
    expect([answer.status, answer.body]).toEqual([200, { user_id: ben.id, is_available: false }]);
    await put('@me', { is_available: false });
    expect(await list(carl.key)).toMatchObject([
      {
        user: { id: ada },
        is_available: false,
        changed_by: { id: ada },
        updated_at: app.clock.now().toISOString(),
      },
      { user: { id: ben.id, email: 'ben@example.com' }, is_available: false, changed_by: { id: ben.id } },
    ]);
    expect((await getTicket(app, ticket.id)).assignee?.id).toBe(ben.id);
    const bens = (await events()).filter(({ resource_id }) => resource_id === String(ben.id));
    expect(bens.map(({ project_id }) => project_id)).toEqual([1, second.id]);
    expect(bens[0]?.payload).toEqual({ user_id: ben.id, is_available: false, changed_by: ben.id });
  });

  it('tells of real changes only', async () => {
    const before = (await events()).length;
    const isKnown = async (user: Agent) => (await list()).find((row) => row.user.id === user.id);
    await put(carl.id, { is_available: true }, carl.key);
    expect(await isKnown(carl)).toMatchObject({ is_available: true });
    const first = await isKnown(carl);
    app.clock.advance(1000);
    await put(carl.id, { is_available: true });
    expect(await isKnown(carl)).toEqual(first);
    expect((await events()).length).toBe(before);
    await Promise.all([1, 2, 3].map(() => put(carl.id, { is_available: false }, carl.key)));
    // One change, told in two projects.
    expect((await events()).length).toBe(before + 2);
  });

  it('of others is for admins', async () => {
    expect((await put(ben.id, { is_available: true }, carl.key)).body).toMatchObject({
      type: 'authentication_error',
      code: 'permission_denied',
    });
    expect((await put(ben.id, { is_available: true })).status).toBe(200);
    expect((await list()).find(({ user }) => user.id === ben.id)).toMatchObject({
      is_available: true,
      changed_by: { id: ada },
    });
  });

  it('is of members of the organization', async () => {
    for (const ref of [tenant.owner.id, 999_999, 0, -1, 'ben', '1e3', '99999999999', '%00'])
      expect([ref, (await put(ref, { is_available: false })).status]).toEqual([ref, 404]);
    expect((await app.request('GET', path, { key: tenant.key })).status).toBe(404);
    expect((await put(ben.id, { is_available: false }, tenant.key)).status).toBe(404);
  });

  it('goes with the membership', async () => {
    const gone = await addAgent('gone@example.com');
    await put(gone.id, { is_available: false });
    const { organizationId } = await projectOf(app);
    await app.request('DELETE', `/api/organizations/${organizationId}/members/${gone.id}/`);
    expect((await list()).map(({ user }) => user.id)).not.toContain(gone.id);
  });

  it.each([
    ['required', {}],
    ['null', { is_available: null }],
    ['invalid_input', { is_available: 'yes' }],
  ])('refuses what is no answer: %s', async (code, body) => {
    expect(await put(ben.id, body)).toMatchObject({ status: 400, body: { attr: 'is_available', code } });
  });

  it('offers no PATCH', async () => {
    const answer = await app.request<ErrorBody>('PATCH', `${path}${ben.id}/`, {
      body: { is_available: true },
    });
    expect([answer.status, answer.body.code]).toEqual([405, 'method_not_allowed']);
  });

  it('needs the scopes of tickets, and a key for the whole organization', async () => {
    const reading = await addKey(app, ben.id, ['ticket:read']);
    expect((await app.request('GET', path, { key: reading })).status).toBe(200);
    expect((await put(ben.id, { is_available: true }, reading)).status).toBe(403);
    const limited = await addKey(app, ben.id, ['*'], [1]);
    expect((await put(ben.id, { is_available: true }, limited)).status).toBe(403);
  });
});
