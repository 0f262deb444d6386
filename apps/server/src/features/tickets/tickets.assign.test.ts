import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  addRole,
  addTenant,
  addUser,
  createTicket,
  eventsOf,
  getTicket,
  type Tenant,
  type TestUser,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
let user: TestUser;
let role: string;
let tenant: Tenant;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  user = await addUser(app, 'agent@example.com');
  role = await addRole(app, 'Billing');
  tenant = await addTenant(app, 'elsewhere');
});
afterAll(() => app.close());

const assignmentOf = (id: string) =>
  app.database.kysely
    .selectFrom('tickets')
    .select(['assignee_user_id', 'assignee_role_id'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();

const asUser = () => ({
  id: user.id,
  type: 'user' as const,
  user: { email: user.email },
  role: null,
});
const asRole = () => ({ id: role, type: 'role' as const, user: null, role: { name: 'Billing' } });

async function expectRefused(assignee: unknown, detail: string): Promise<void> {
  const before = await createTicket(app);
  const body = { assignee, status: 'resolved', tags: ['never'] };
  const response = await app.request('PATCH', ticketPath(before.id), { body });
  expect(response.status).toBe(400);
  expect(response.body).toEqual({
    type: 'validation_error',
    code: 'invalid_input',
    detail: expect.stringContaining(detail),
    attr: 'assignee',
  });
  expect(await getTicket(app, before.id)).toEqual(before);
  expect(await activitiesOf(app, before.id)).toHaveLength(1);
}

describe('tickets.update: the assignee', () => {
  it('case 58: a user comes back with an integer id, and is the one assignment', async () => {
    const { id } = await createTicket(app);
    const after = await updateTicket(app, id, { assignee: { id: user.id, type: 'user' } });
    expect(after.assignee).toEqual(asUser());
    expect(await assignmentOf(id)).toEqual({ assignee_user_id: user.id, assignee_role_id: null });
  });

  it('case 59: a role comes back with its uuid', async () => {
    const { id } = await createTicket(app);
    const after = await updateTicket(app, id, { assignee: { id: role.toUpperCase(), type: 'role' } });
    expect(after.assignee).toEqual(asRole());
  });

  it('case 60: a role replaces the user', async () => {
    const { id } = await createTicket(app, { assignee: { id: user.id, type: 'user' } });
    await updateTicket(app, id, { assignee: { id: role, type: 'role' } });
    expect(await assignmentOf(id)).toEqual({ assignee_user_id: null, assignee_role_id: role });
  });

  it('case 61: null clears the assignment', async () => {
    const { id } = await createTicket(app, { assignee: { id: user.id, type: 'user' } });
    expect((await updateTicket(app, id, { assignee: null })).assignee).toBeNull();
    expect(await assignmentOf(id)).toEqual({ assignee_user_id: null, assignee_role_id: null });
  });

  it('case 62: without an assignee it is null, not an empty object', async () => {
    const { id } = await createTicket(app);
    expect((await getTicket(app, id)).assignee).toBeNull();
  });

  it('case 63: what is no assignee is refused, and nothing of the request is saved', async () => {
    await expectRefused('agent', 'must be an object');
    await expectRefused([1], 'must be an object');
    await expectRefused(5, 'must be an object');
    await expectRefused({ id: user.id }, "must have 'type' and 'id'");
    await expectRefused({ type: 'user' }, "must have 'type' and 'id'");
    await expectRefused({}, "must have 'type' and 'id'");
    await expectRefused({ id: user.id, type: 'invalid' }, "type must be 'user' or 'role'");
    await expectRefused({ id: user.id, type: null }, "type must be 'user' or 'role'");
  });

  it('case 64: a user outside the organization is refused', async () => {
    await expectRefused({ id: tenant.owner.id, type: 'user' }, 'not a member of this organization');
    await expectRefused({ id: 999_999, type: 'user' }, 'not a member of this organization');
  });

  it('case 65: a role of another organization is refused', async () => {
    const foreign = await addRole(app, 'Foreign', tenant.organizationId);
    await expectRefused({ id: foreign, type: 'role' }, 'does not belong to this organization');
    await expectRefused({ id: '00000000-0000-7000-8000-000000000000', type: 'role' }, 'does not belong');
  });

  it('case 66: a user id is a JSON integer, a role id a uuid', async () => {
    for (const id of [String(user.id), 1.5, -1, 0, 1e20, null, true, [user.id], { id: 1 }]) {
      await expectRefused({ id, type: 'user' }, 'must be an integer');
    }
    for (const id of ['Billing', 5, null, `urn:uuid:${role}`, `${role}\u0001`]) {
      await expectRefused({ id, type: 'role' }, 'must be a UUID');
    }
  });

  it('case 67: an assignment is logged and reported with before and after', async () => {
    const { id } = await createTicket(app);
    await updateTicket(app, id, { assignee: { id: user.id, type: 'user' } });
    const [, assigned] = await activitiesOf(app, id);
    expect(assigned).toMatchObject({
      activity: 'assigned',
      detail: { changes: [{ field: 'assignee', before: null, after: asUser() }] },
    });
    await updateTicket(app, id, { assignee: null });
    const [, , cleared] = await activitiesOf(app, id);
    expect(cleared?.detail.changes).toMatchObject([{ field: 'assignee', before: asUser(), after: null }]);
    const events = (await eventsOf(app, id)).filter(({ name }) => name === 'tickets.assign');
    expect(events.map(({ payload }) => payload)).toMatchObject([
      { assignee_type: 'user', assignee_id: String(user.id) },
      { assignee_type: null, assignee_id: null },
    ]);
  });

  it('case 68: the same assignee again is neither logged nor reported as an assignment', async () => {
    const { id } = await createTicket(app, { assignee: { id: role, type: 'role' } });
    await updateTicket(app, id, { assignee: { id: role, type: 'role' } });
    expect((await activitiesOf(app, id)).map(({ activity }) => activity)).toEqual(['created']);
    const events = await eventsOf(app, id);
    expect(events.filter(({ name }) => name === 'tickets.assign')).toEqual([]);
    expect(events.at(-1)).toMatchObject({ name: 'tickets.update', payload: { fields: [] } });
  });

  it('removing the user or the role unassigns', async () => {
    const leaving = await addUser(app, 'leaving@example.com');
    const closing = await addRole(app, 'Closing');
    const one = await createTicket(app, { assignee: { id: leaving.id, type: 'user' } });
    const other = await createTicket(app, { assignee: { id: closing, type: 'role' } });
    await app.database.kysely.deleteFrom('users').where('id', '=', leaving.id).execute();
    await app.database.kysely.deleteFrom('roles').where('id', '=', closing).execute();
    expect((await getTicket(app, one.id)).assignee).toBeNull();
    expect((await getTicket(app, other.id)).assignee).toBeNull();
  });
});
