import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  addPerson,
  addRole,
  addTenant,
  createTicket,
  eventNames,
  getTicket,
  listMessages,
  TICKETS,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const create = (body: unknown) => app.request<Ticket>('POST', TICKETS, { body });
const numberOfTickets = async () =>
  (await app.database.kysely.selectFrom('tickets').select('id').execute()).length;

describe('tickets.create', () => {
  it('case 78: answers 201 with the full ticket, new over the widget', async () => {
    const { status, body } = await create({});
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/),
      ticket_number: expect.any(Number),
      channel_source: 'widget',
      channel_detail: 'widget_api',
      distinct_id: body.id,
      status: 'new',
      priority: null,
      assignee: null,
      anonymous_traits: {},
      identity_verified: null,
      ai_resolved: false,
      escalation_reason: null,
      ai_triage: {},
      created_at: '2026-03-02T10:00:00.000Z',
      updated_at: '2026-03-02T10:00:00.000Z',
      message_count: 0,
      last_message_at: null,
      last_message_text: null,
      unread_team_count: 0,
      unread_customer_count: 0,
      session_id: null,
      session_context: {},
      sla_due_at: null,
      snoozed_until: null,
      slack_channel_id: null,
      slack_thread_ts: null,
      slack_team_id: null,
      email_subject: null,
      email_from: null,
      email_to: null,
      cc_participants: [],
      github_repo: null,
      github_issue_number: null,
      organization_id: null,
      organization_id_source: null,
      person: null,
      tags: [],
      merged_into_id: null,
      merged_into_ticket_number: null,
      user_access_level: 'manager',
      version: 1,
      deleted_at: null,
    });
    expect(await getTicket(app, body.id)).toEqual(body);
  });

  it('takes the published body', async () => {
    const published = {
      status: 'pending',
      priority: 'high',
      anonymous_traits: { name: 'Ann' },
      ai_resolved: true,
      escalation_reason: 'A person was asked for',
    };
    const { status, body } = await create({ ...published, ticket_number: 4711 });
    expect(status).toBe(201);
    expect(body).toMatchObject(published);
    expect(body.ticket_number).not.toBe(4711);
  });

  it('takes what goes beyond the published body', async () => {
    const person = await addPerson(app, ['ann-1'], { email: 'ann@example.com' });
    const role = await addRole(app, 'Billing');
    const { body } = await create({
      distinct_id: 'ann-1',
      message: ' Where is my order? ',
      email_subject: 'Order 7',
      tags: ['VIP', 'vip ', 'order'],
      assignee: { type: 'role', id: role },
      sla_due_at: '2026-03-03T10:00:00+01:00',
      snoozed_until: '2026-03-04',
    });
    expect(body).toMatchObject({
      distinct_id: 'ann-1',
      person: { id: person },
      email_subject: 'Order 7',
      tags: ['order', 'vip'],
      assignee: { type: 'role', id: role, role: { name: 'Billing' } },
      sla_due_at: '2026-03-03T09:00:00.000Z',
      snoozed_until: '2026-03-04T00:00:00.000Z',
      status: 'on_hold',
      message_count: 1,
      unread_team_count: 1,
      last_message_text: 'Where is my order?',
    });
    expect(await listMessages(app, body.id)).toMatchObject([
      { content: 'Where is my order?', author_type: 'customer', is_private: false },
    ]);
    const vocabulary = await app.database.kysely.selectFrom('tags').select('name').execute();
    expect(vocabulary.map(({ name }) => name)).toEqual(expect.arrayContaining(['order', 'vip']));
  });

  it('the message that opens a ticket leaves the status and the snooze it was given', async () => {
    const snoozed_until = '2030-01-01T00:00:00.000Z';
    for (const status of ['resolved', 'pending', 'on_hold', 'open'] as const) {
      const { body } = await create({ status, snoozed_until, message: 'Hello' });
      expect(body).toMatchObject({ status, snoozed_until });
    }
  });

  it('an empty distinct id never meets a person or another ticket', async () => {
    await addPerson(app, ['nobody'], { email: '' });
    const { body } = await create({ distinct_id: '' });
    expect(body).toMatchObject({ distinct_id: body.id, person: null });
  });

  it('is logged, and reported with its first message', async () => {
    const { id } = await createTicket(app, { message: 'Hello', status: 'resolved' });
    expect(await eventNames(app, id)).toEqual(['tickets.create', 'messages.receive']);
    expect((await activitiesOf(app, id)).map(({ activity }) => activity)).toEqual(['created']);
  });

  it('a blank message is none', async () => {
    for (const message of ['', ' \n ']) expect((await create({ message })).body.message_count).toBe(0);
  });

  it('numbers tickets made at once without gap or double', async () => {
    const first = (await createTicket(app)).ticket_number;
    const made = await Promise.all(Array.from({ length: 10 }, () => createTicket(app)));
    const numbers = made.map(({ ticket_number }) => ticket_number).toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 10 }, (_, n) => first + 1 + n));
  });

  it('numbers each project from 1', async () => {
    const tenant = await addTenant(app, 'elsewhere');
    const numbers = [];
    for (let n = 0; n < 2; n += 1) {
      const made = await app.request<Ticket>('POST', tenant.tickets, { key: tenant.key, body: {} });
      numbers.push(made.body.ticket_number);
    }
    expect(numbers).toEqual([1, 2]);
  });

  it('a refused ticket leaves nothing behind, not even its number', async () => {
    const { ticket_number } = await createTicket(app);
    const before = await numberOfTickets();
    const refused = await create({ assignee: { type: 'user', id: 999_999 }, tags: ['unborn'], message: 'x' });
    expect([refused.status, refused.body]).toMatchObject([400, { attr: 'assignee' }]);
    expect(await numberOfTickets()).toBe(before);
    const tag = app.database.kysely.selectFrom('tags').selectAll().where('name', '=', 'unborn');
    expect(await tag.execute()).toEqual([]);
    expect((await createTicket(app)).ticket_number).toBe(ticket_number + 1);
  });
});
