import type { Project } from '@parley/contract/projects';
import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  addRole,
  addTenant,
  addUser,
  createTicket,
  eventsOf,
  getTicket,
  projectOf,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
let organization: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  organization = `/api/organizations/${(await projectOf(app)).organizationId}/`;
});
afterAll(() => app.close());

interface Leaver {
  assignee: { type: 'user' | 'role'; id: number | string };
  shown: object;
  path: string;
}

let made = 0;
async function addLeaver(type: 'user' | 'role'): Promise<Leaver> {
  made += 1;
  const name = `leaver-${made}`;
  if (type === 'role') {
    const id = await addRole(app, name);
    return {
      assignee: { type, id },
      shown: { id, type, user: null, role: { name } },
      path: `${organization}roles/${id}/`,
    };
  }
  const { id, email } = await addUser(app, `${name}@example.com`);
  return {
    assignee: { type, id },
    shown: { id, type, user: { email }, role: null },
    path: `${organization}members/${id}/`,
  };
}

const remove = async ({ path }: Leaver) => expect((await app.request('DELETE', path)).status).toBe(204);

describe.each(['role', 'user'] as const)('tickets of a %s that goes', (type) => {
  it('are unassigned like by hand, with version, event and activity', async () => {
    const leaver = await addLeaver(type);
    const other = await addLeaver(type);
    const { id } = await createTicket(app, { assignee: leaver.assignee });
    const kept = await createTicket(app, { assignee: other.assignee });
    app.clock.advance(1000);
    await remove(leaver);
    const after = await getTicket(app, id);
    expect(after).toMatchObject({
      assignee: null,
      version: 2,
      updated_at: app.clock.now().toISOString(),
    });
    expect((await eventsOf(app, id)).slice(1)).toMatchObject([
      { name: 'tickets.update', resource_version: 2, payload: { fields: ['assignee'] } },
      { name: 'tickets.assign', resource_version: 2, payload: { assignee_type: null, assignee_id: null } },
    ]);
    expect((await activitiesOf(app, id)).at(-1)).toMatchObject({
      activity: 'assigned',
      detail: { changes: [{ field: 'assignee', before: leaver.shown, after: null }] },
    });
    expect(await getTicket(app, kept.id)).toEqual(kept);
  });

  it('are found in every project of the organization, among deleted ones, and in any number', async () => {
    const leaver = await addLeaver(type);
    const project = await app.request<Project>('POST', `${organization}projects/`, { body: { name: 'Two' } });
    const second = `/api/projects/${project.body.id}/conversations/tickets/`;
    const there = await app.request<Ticket>('POST', second, { body: { assignee: leaver.assignee } });
    const deleted = await createTicket(app, { assignee: leaver.assignee });
    await app.request('DELETE', ticketPath(deleted.id));
    const many = [];
    for (let n = 0; n < 201; n += 1) many.push(await createTicket(app, { assignee: leaver.assignee }));
    await remove(leaver);
    const away = await app.request('GET', `${second}${there.body.id}/?mark_read=false`);
    expect(away.body).toMatchObject({ assignee: null, version: 2 });
    const restored = await app.request<Ticket>('POST', ticketPath(deleted.id, 'restore/'));
    expect(restored.body).toMatchObject({ assignee: null, version: 4 });
    for (const { id } of many) expect(await getTicket(app, id)).toMatchObject({ assignee: null, version: 2 });
  });

  it('are not left behind when one is assigned at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const leaver = await addLeaver(type);
      const { id } = await createTicket(app);
      const [assigned, removed] = await Promise.all([
        app.request('PATCH', ticketPath(id), { body: { assignee: leaver.assignee } }),
        app.request('DELETE', leaver.path),
      ]);
      expect(removed.status).toBe(204);
      expect([200, 400]).toContain(assigned.status);
      const version = assigned.status === 200 ? 3 : 1;
      expect(await getTicket(app, id)).toMatchObject({ assignee: null, version });
    }
  });
});

it('a member who leaves one organization keeps the tickets of another', async () => {
  const leaver = await addLeaver('user');
  const tenant = await addTenant(app, 'Elsewhere');
  const membership = { organization_id: tenant.organizationId, user_id: Number(leaver.assignee.id) };
  await app.database.kysely
    .insertInto('memberships')
    .values({ ...membership, level: 'member', created_at: app.clock.now() })
    .execute();
  const options = { key: tenant.key, body: { assignee: leaver.assignee } };
  const { body } = await app.request<Ticket>('POST', tenant.tickets, options);
  const mine = await createTicket(app);
  await updateTicket(app, mine.id, { assignee: leaver.assignee });
  await remove(leaver);
  expect((await getTicket(app, mine.id)).assignee).toBeNull();
  const theirs = await app.request<Ticket>('GET', `${tenant.tickets}${body.id}/?mark_read=false`, {
    key: tenant.key,
  });
  expect(theirs.body).toEqual(body);
});
