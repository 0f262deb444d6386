import { EVENTS } from '@parley/contract/events';
import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addAdminKey,
  addUser,
  adminId,
  createTicket,
  customerWrites,
  eventsOf,
  getTicket,
  listMessages,
  reply,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { ADMIN_EMAIL, createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const base = ({ id, ticket_number, channel_source, channel_detail, status, priority }: Ticket) => ({
  ticket_id: id,
  ticket_number,
  channel_source,
  channel_detail,
  status,
  priority,
});
const ANN = { name: 'Ann', email: 'ann@example.com' };
const customer = ({ distinct_id }: Ticket) => ({
  customer_name: 'Ann',
  customer_email: 'ann@example.com',
  customer_distinct_id: distinct_id,
});

/** The newest event of a ticket, which must have this name. */
async function newest(ticketId: string, name: keyof typeof EVENTS) {
  const event = (await eventsOf(app, ticketId)).at(-1);
  expect(event?.name).toBe(name);
  return event;
}

describe('events of tickets', () => {
  it('have the names of the published workflow events', () => {
    const names = Object.entries(EVENTS).flatMap(([name, event]) =>
      'workflowEvent' in event ? [[name, event.workflowEvent]] : [],
    );
    expect(Object.fromEntries(names)).toEqual({
      'tickets.create': '$conversation_ticket_created',
      'tickets.change_status': '$conversation_ticket_status_changed',
      'tickets.change_priority': '$conversation_ticket_priority_changed',
      'tickets.assign': '$conversation_ticket_assigned',
      'tickets.reply': '$conversation_message_sent',
      'messages.receive': '$conversation_message_received',
      'notes.create': '$conversation_private_message_sent',
      'tickets.ai_feedback': '$ai_feedback',
      'tickets.ai_metric': '$ai_metric',
    });
  });

  it('tickets.create carries the ticket and its customer', async () => {
    const ticket = await createTicket(app, { anonymous_traits: ANN, priority: 'high' });
    const event = await newest(ticket.id, 'tickets.create');
    expect(event).toMatchObject({
      project_id: 1,
      resource_id: ticket.id,
      resource_version: 1,
      actor: { actor_type: 'user', actor_id: String(await adminId(app)), actor_email: ADMIN_EMAIL },
      created_at: app.clock.now(),
    });
    expect(event?.payload).toEqual({
      ...base(ticket),
      ...customer(ticket),
      assignee_type: null,
      assignee_id: null,
    });
  });

  it('carry whole characters of a long name and address, and not more than 400', async () => {
    const long = { name: `${'n'.repeat(399)}\u{1F600}${'n'.repeat(9)}`, email: 'e'.repeat(5000) };
    const { id } = await createTicket(app, { anonymous_traits: long });
    expect((await newest(id, 'tickets.create'))?.payload).toMatchObject({
      customer_name: `${'n'.repeat(399)}\u{1F600}`,
      customer_email: 'e'.repeat(400),
    });
  });

  it('tickets.change_status and tickets.change_priority carry both values', async () => {
    const { id } = await createTicket(app, { anonymous_traits: ANN, priority: 'low' });
    const resolved = await updateTicket(app, id, { status: 'resolved' });
    expect((await newest(id, 'tickets.change_status'))?.payload).toEqual({
      ...base(resolved),
      ...customer(resolved),
      old_status: 'new',
      new_status: 'resolved',
    });
    const cleared = await updateTicket(app, id, { priority: null });
    expect((await newest(id, 'tickets.change_priority'))?.payload).toEqual({
      ...base(cleared),
      ...customer(cleared),
      old_priority: 'low',
      new_priority: null,
    });
  });

  it('tickets.assign carries the id as a string', async () => {
    const user = await addUser(app, 'agent@example.com');
    const { id } = await createTicket(app, { anonymous_traits: ANN });
    const ticket = await updateTicket(app, id, { assignee: { type: 'user', id: user.id } });
    expect((await newest(id, 'tickets.assign'))?.payload).toEqual({
      ...base(ticket),
      ...customer(ticket),
      assignee_type: 'user',
      assignee_id: String(user.id),
    });
  });

  it('tickets.reply carries the words, cut at 1000, and how the SLA stands', async () => {
    const { id } = await createTicket(app, { anonymous_traits: ANN, status: 'open' });
    const message = await reply(app, id, 'x'.repeat(1500));
    const ticket = await getTicket(app, id);
    expect((await newest(id, 'tickets.reply'))?.payload).toEqual({
      ...base(ticket),
      ...customer(ticket),
      message_id: message.id,
      message_content: 'x'.repeat(1000),
      author_type: 'team',
      sla_due_at: null,
      sla_active: false,
      sla_breached: false,
      sla_delta_seconds: null,
    });
    const due = new Date(app.clock.now().getTime() + 90_000).toISOString();
    await updateTicket(app, id, { sla_due_at: due });
    await reply(app, id, 'in time');
    expect((await newest(id, 'tickets.reply'))?.payload).toMatchObject({
      sla_due_at: due,
      sla_active: true,
      sla_breached: false,
      sla_delta_seconds: -90,
    });
    app.clock.advance(100_000);
    await reply(app, id, 'too late');
    expect((await newest(id, 'tickets.reply'))?.payload).toMatchObject({
      sla_breached: true,
      sla_delta_seconds: 10,
    });
  });

  it('messages.receive carries the words of the customer', async () => {
    const { id } = await createTicket(app, { anonymous_traits: ANN });
    const message_id = await customerWrites(app, id, 'y'.repeat(1500));
    const ticket = await getTicket(app, id);
    expect((await newest(id, 'messages.receive'))?.payload).toEqual({
      ...base(ticket),
      ...customer(ticket),
      message_id,
      message_content: 'y'.repeat(1000),
      author_type: 'customer',
    });
  });

  it('an event of a note never carries its words', async () => {
    const { id } = await createTicket(app, { anonymous_traits: ANN });
    const note = await reply(app, id, 'a secret among us', { is_private: true });
    const path = ticketPath(id, `notes/${note.id}/`);
    expect(await newest(id, 'notes.create')).toMatchObject({
      resource_id: note.id,
      payload: { message_id: note.id },
    });
    await app.request('PATCH', path, { body: { message: 'another secret' } });
    await app.request('DELETE', path);
    const told = (await eventsOf(app, id)).filter(({ name }) => name.startsWith('notes.'));
    expect(told.map(({ name }) => name)).toEqual(['notes.create', 'notes.update', 'notes.delete']);
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  it('a key is its user, whatever its scopes', async () => {
    const key = await addAdminKey(app, ['ticket:write']);
    const made = await app.request<Ticket>('POST', TICKETS, { key, body: {} });
    expect(await newest(made.body.id, 'tickets.create')).toMatchObject({
      actor: { actor_type: 'user', actor_email: ADMIN_EMAIL },
    });
  });

  it('a request that is refused reports nothing', async () => {
    const { id } = await createTicket(app);
    await app.request('PATCH', ticketPath(id), { body: { status: 'open', assignee: 'nobody' } });
    expect(await eventsOf(app, id)).toHaveLength(1);
  });
});

describe('version and times of a ticket', () => {
  const steps: [name: string, step: (id: string) => Promise<unknown>, movesTime: boolean][] = [
    ['update', (id) => updateTicket(app, id, { status: 'pending' }), true],
    ['an empty update', (id) => updateTicket(app, id, {}), true],
    ['a public reply', (id) => reply(app, id, 'Hello'), true],
    ['a customer message', (id) => customerWrites(app, id, 'Hello'), true],
    ['reading', (id) => app.request('GET', ticketPath(id)), false],
    ['marking as read', (id) => app.request('POST', ticketPath(id, 'read/')), false],
    [
      'bulk status',
      (ids) => app.request('POST', `${TICKETS}bulk_update_status/`, { body: { ids: [ids], status: 'open' } }),
      true,
    ],
    [
      'bulk tags',
      (id) =>
        app.request('POST', `${TICKETS}bulk_update_tags/`, {
          body: { ids: [id], action: 'add', tags: ['new'] },
        }),
      true,
    ],
  ];

  it.each(steps)('%s adds one to the version, and the event says which', async (_name, step, movesTime) => {
    const before = await createTicket(app, { message: 'Hello' });
    app.clock.advance(1000);
    await step(before.id);
    const after = await getTicket(app, before.id);
    expect(after.version).toBe(before.version + 1);
    expect(after.updated_at).toBe(movesTime ? app.clock.now().toISOString() : before.updated_at);
    expect((await eventsOf(app, before.id)).at(-1)?.resource_version).toBe(after.version);
  });

  it('deleting and restoring add one each', async () => {
    const { id } = await createTicket(app);
    await app.request('DELETE', ticketPath(id));
    await app.request('POST', ticketPath(id, 'restore/'));
    expect((await getTicket(app, id)).version).toBe(3);
  });

  it('a created_at sent back as a filter finds its own ticket, to the millisecond', async () => {
    app.clock.advance(86_400_123);
    const { id, created_at, updated_at } = await createTicket(app);
    app.clock.advance(1);
    await createTicket(app);
    expect(created_at).toMatch(/T\d\d:\d\d:\d\d\.\d{3}Z$/);
    const ids = async (query: Record<string, string>) => {
      const { body } = await app.request<{ results: Ticket[] }>(
        'GET',
        `${TICKETS}?${new URLSearchParams(query)}`,
      );
      return body.results.map((ticket) => ticket.id);
    };
    expect(await ids({ created_from: created_at, created_to: created_at })).toEqual([id]);
    expect(await ids({ date_from: updated_at, date_to: updated_at })).toEqual([id]);
  });

  it('every instant has three fractional digits and a Z, on every surface', async () => {
    const { id } = await createTicket(app, { message: 'Hello', sla_due_at: '2026-05-01T00:00:00Z' });
    const shown = [
      await getTicket(app, id),
      await listMessages(app, id),
      (await app.request('GET', ticketPath(id, 'activity/'))).body,
      (await eventsOf(app, id)).map(({ payload }) => payload),
    ];
    const instants = JSON.stringify(shown).match(/"\d{4}-\d\d-\d\dT[^"]*"/g) ?? [];
    expect(instants.length).toBeGreaterThan(5);
    for (const instant of instants) expect(instant).toMatch(/T\d\d:\d\d:\d\d\.\d{3}Z"$/);
  });
});
