import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addAdminKey,
  addKey,
  addTenant,
  addUser,
  adminId,
  createTicket,
  customerWrites,
  eventNames,
  getTicket,
  type TestUser,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { matchingNumbers } from '../../testing/ticket-rows.ts';

let app: TestApp;
let me: number;
let ana: TestUser;
let anaKey: string;
let viewerKey: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  me = await adminId(app);
  ana = await addUser(app, 'ana@example.com');
  anaKey = await addKey(app, ana.id);
  viewerKey = await addKey(app, (await addUser(app, 'viewer@example.com', { access: 'viewer' })).id);
});
afterAll(() => app.close());

type Answer = Ticket & { code?: string; attr?: string };
const mark = (id: string | number, body: unknown = {}, key?: string) =>
  app.request<Answer>('POST', ticketPath(id, 'unread/'), { body, ...(key ? { key } : {}) });
const read = (id: string, key?: string) =>
  app.request<Ticket>('POST', ticketPath(id, 'read/'), key ? { key } : {});
const count = async (key?: string) =>
  (await app.request<{ count: number }>('GET', `${TICKETS}personal_unread_count/`, key ? { key } : {})).body;
const isUnread = async ({ ticket_number }: Ticket, key?: string) =>
  (await matchingNumbers(app, { unread: 'mine' }, key)).includes(ticket_number);

describe('tickets.mark_unread', () => {
  it('makes it unread for the caller alone, until they read it (decision 27)', async () => {
    const ticket = await createTicket(app, { message: 'Hi' });
    await read(ticket.id);
    await read(ticket.id, anaKey);
    const before = await getTicket(app, ticket.id);
    const { status, body } = await mark(ticket.ticket_number);
    expect([status, body]).toEqual([200, before]);
    expect([await isUnread(ticket), await isUnread(ticket, anaKey)]).toEqual([true, false]);
    expect(await eventNames(app, ticket.id)).not.toContain('tickets.mark_unread');
    await app.request('GET', ticketPath(ticket.id));
    expect(await isUnread(ticket)).toBe(false);
  });

  it('also where no customer has written', async () => {
    const ticket = await createTicket(app);
    expect(await isUnread(ticket)).toBe(false);
    await mark(ticket.id);
    await mark(ticket.id);
    expect(await isUnread(ticket)).toBe(true);
    await app.request('GET', ticketPath(ticket.id, '?mark_read=false'));
    expect(await isUnread(ticket)).toBe(true);
    await app.request('GET', ticketPath(ticket.id));
    expect(await isUnread(ticket)).toBe(false);
  });

  it('with team puts a counter of 0 back to 1 and leaves others, and updated_at', async () => {
    const { id } = await createTicket(app, { message: 'Hi' });
    await customerWrites(app, id, 'Hello?');
    expect((await mark(id, { team: true })).body.unread_team_count).toBe(2);
    await read(id);
    const before = await getTicket(app, id);
    app.clock.advance(1000);
    const { body } = await mark(id, { team: true });
    expect(body).toEqual({ ...before, unread_team_count: 1, version: before.version + 1 });
    expect((await eventNames(app, id)).filter((name) => name === 'tickets.mark_unread')).toHaveLength(1);
    const team = await app.request<{ count: number }>('GET', `${TICKETS}unread_count/`);
    await read(id);
    expect(team.body.count).toBe(
      (await app.request<{ count: number }>('GET', `${TICKETS}unread_count/`)).body.count + 1,
    );
  });

  it('a viewer marks for themselves, and never changes the shared counter', async () => {
    const ticket = await createTicket(app, { message: 'Hi' });
    await read(ticket.id);
    await read(ticket.id, viewerKey);
    expect((await mark(ticket.id, { team: true }, viewerKey)).status).toBe(403);
    expect((await getTicket(app, ticket.id)).unread_team_count).toBe(0);
    expect(await isUnread(ticket, viewerKey)).toBe(false);
    expect((await mark(ticket.id, {}, viewerKey)).status).toBe(200);
    expect(await isUnread(ticket, viewerKey)).toBe(true);
  });

  it.each([
    ['a word', { team: 'yes' }],
    ['null', { team: null }],
    ['a number', { team: 1e300 }],
    ['an object', { team: { '\u0000': '\ud800' } }],
  ])('refuses %s for team', async (_, body) => {
    const { id } = await createTicket(app, { message: 'Hi' });
    await read(id);
    const refused = await mark(id, body);
    expect([refused.status, refused.body.attr]).toEqual([400, 'team']);
    expect((await getTicket(app, id)).unread_team_count).toBe(0);
  });

  it('needs ticket:write, and finds neither deleted nor others’ tickets', async () => {
    const { id } = await createTicket(app);
    expect((await mark(id, {}, await addAdminKey(app, ['ticket:read']))).status).toBe(403);
    await app.request('DELETE', ticketPath(id));
    expect([(await mark(id)).status, (await mark(id, { team: true })).status]).toEqual([404, 404]);
    const tenant = await addTenant(app, 'elsewhere');
    const theirs = await app.request<Ticket>('POST', tenant.tickets, { key: tenant.key, body: {} });
    expect((await mark(theirs.body.id)).status).toBe(404);
  });
});

describe('tickets.personal_unread_count', () => {
  it('counts what is assigned to one, followed or marked, and neither read, resolved nor deleted', async () => {
    const before = (await count(anaKey)).count;
    const assignee = { type: 'user' as const, id: ana.id };
    const [assigned, followed, marked, resolved, deleted, others] = await Promise.all(
      [{ assignee }, {}, {}, { assignee }, { assignee }, { assignee: { type: 'user' as const, id: me } }].map(
        (body) => createTicket(app, { message: 'Hi', ...body }),
      ),
    );
    if (!assigned || !followed || !marked || !resolved || !deleted || !others)
      throw new Error('Six were made.');
    await app.request('POST', ticketPath(followed.id, 'followers/'), { body: { user_id: ana.id } });
    await app.request('POST', ticketPath(assigned.id, 'followers/'), { body: { user_id: ana.id } });
    await mark(marked.id, {}, anaKey);
    await updateTicket(app, resolved.id, { status: 'resolved' });
    await app.request('DELETE', ticketPath(deleted.id));
    expect(await count(anaKey)).toEqual({ count: before + 3 });
    for (const { id } of [assigned, followed, marked]) await read(id, anaKey);
    expect(await count(anaKey)).toEqual({ count: before });
    app.clock.advance(1000);
    await customerWrites(app, assigned.id, 'More');
    expect(await count(anaKey)).toEqual({ count: before + 1 });
  });

  it('stops counting at 1000', async () => {
    const ben = await addUser(app, 'ben@example.com');
    const rows = Array.from({ length: 1001 }, (_, index) => ({
      project_id: 1,
      id: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
      ticket_number: 100_000 + index,
      channel_source: 'widget' as const,
      distinct_id: 'x',
      status: 'open' as const,
      assignee_user_id: ben.id,
      last_customer_message_at: app.clock.now(),
      created_at: app.clock.now(),
      updated_at: app.clock.now(),
    }));
    await app.database.kysely.insertInto('tickets').values(rows).execute();
    expect(await count(await addKey(app, ben.id))).toEqual({ count: 1000, count_capped: true });
  });
});
