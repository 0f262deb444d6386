import type { Ticket } from '@parley/contract/tickets';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  addEmailConfig,
  addKey,
  addUser,
  adminId,
  createTicket,
  customerWrites,
  eventNames,
  eventsOf,
  getTicket,
  listMessages,
  reply,
  setProject,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { merge, thread, wrongFigures } from './testing.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(async () => {
  expect(await wrongFigures(app)).toEqual([]);
  await app.close();
});

const split = (id: string, body: object, key?: string) =>
  app.request<Ticket & { code?: string; attr?: string }>('POST', ticketPath(id, 'split/'), {
    body,
    ...(key ? { key } : {}),
  });

/** A ticket with messages of both sides; the ids of its messages in order. */
async function talk(more: object = {}) {
  const ticket = await createTicket(app, { message: 'one', email_subject: 'Two things', ...more });
  await customerWrites(app, ticket.id, 'other matter');
  app.clock.advance(1000);
  await reply(app, ticket.id, 'answer');
  await reply(app, ticket.id, 'note', { is_private: true });
  await customerWrites(app, ticket.id, 'other matter again');
  return { ticket, messages: await listMessages(app, ticket.id) };
}

describe('tickets.split', () => {
  it('moves messages with their ids and dates to a new ticket of the same customer', async () => {
    const assignee = { type: 'user', id: await adminId(app) };
    const traits = { name: 'Ann' };
    const { ticket, messages } = await talk({
      distinct_id: 'ann',
      priority: 'high',
      assignee,
      anonymous_traits: traits,
    });
    const moved = messages.filter(({ content }) => content.startsWith('other'));
    const { status, body } = await split(ticket.id, {
      message_ids: moved.map(({ id }) => id.toUpperCase()),
      tags: ['Second '],
    });
    expect([status, body]).toMatchObject([
      201,
      {
        status: 'open',
        distinct_id: 'ann',
        channel_source: 'widget',
        priority: 'high',
        anonymous_traits: traits,
        assignee: { id: assignee.id },
        email_subject: 'Two things',
        tags: ['second'],
        message_count: 2,
        last_message_text: 'other matter again',
      },
    ]);
    expect(body.ticket_number).toBeGreaterThan(ticket.ticket_number);
    const there = await listMessages(app, body.id);
    expect(there.map(({ id, created_at }) => [id, created_at])).toEqual(
      moved.map(({ id, created_at }) => [id, created_at]),
    );
    expect((await listMessages(app, ticket.id)).map(({ content }) => content)).toEqual([
      'one',
      'answer',
      'note',
    ]);
    expect(await getTicket(app, ticket.id)).toMatchObject({ message_count: 2, last_message_text: 'answer' });
  });

  it('the first message may go; what was unread goes along', async () => {
    const { ticket, messages } = await talk();
    expect((await getTicket(app, ticket.id)).unread_team_count).toBe(3);
    await app.request('POST', ticketPath(ticket.id, 'read/'));
    await customerWrites(app, ticket.id, 'unread');
    const unread = (await listMessages(app, ticket.id)).at(-1)?.id;
    const { body } = await split(ticket.id, { message_ids: [messages[0]?.id, unread], email_subject: 'New' });
    expect(body).toMatchObject({ unread_team_count: 1, message_count: 2, email_subject: 'New' });
    expect(await getTicket(app, ticket.id)).toMatchObject({ unread_team_count: 0, unread_customer_count: 1 });
  });

  it('is linked, and told on both tickets', async () => {
    const { ticket, messages } = await talk();
    const { body } = await split(ticket.id, { message_ids: [messages[1]?.id] });
    const { body: links } = await app.request<{ results: object[] }>('GET', ticketPath(body.id, 'links/'));
    expect(links.results).toMatchObject([
      { kind: 'split', direction: 'outgoing', ticket: { id: ticket.id } },
    ]);
    expect((await activitiesOf(app, ticket.id)).map(({ activity }) => activity)).toContain('split');
    expect((await activitiesOf(app, body.id))[0]?.activity).toBe('created');
    expect((await eventNames(app, body.id))[0]).toBe('tickets.create');
    const event = (await eventsOf(app, ticket.id)).find(({ name }) => name === 'tickets.split');
    expect(event?.payload).toMatchObject({
      new_ticket_id: body.id,
      new_ticket_number: body.ticket_number,
      message_ids: [messages[1]?.id],
    });
  });

  it('takes along what is still on its way to the customer', async () => {
    await setProject(app, { conversations_settings: { email_enabled: true } });
    const { ticket } = await talk();
    await sql`update tickets set channel_source = 'email', email_from = 'ann@example.com',
      email_config_id = ${await addEmailConfig(app)} where id = ${ticket.id}`.execute(app.database.kysely);
    const sent = await reply(app, ticket.id, 'by mail');
    const { body } = await split(ticket.id, { message_ids: [sent.id] });
    const rows = await app.database.kysely.selectFrom('outbox').select(['ticket_id', 'message_id']).execute();
    expect(rows).toEqual([{ ticket_id: body.id, message_id: sent.id }]);
    expect(body.email_from).toBe('ann@example.com');
  });

  it('refuses what is not there, all messages, and those of a merged ticket', async () => {
    const { ticket, messages } = await talk({ distinct_id: 'bob' });
    const other = await talk({ distinct_id: 'bob' });
    const all = messages.map(({ id }) => id);
    const foreign = other.messages[0]?.id ?? '';
    const refusals = [
      [[...all.slice(0, 1), foreign], 'does_not_exist', 'message_ids__1'],
      [all, 'cannot_move_all', 'message_ids'],
      [[], 'empty', 'message_ids'],
      [['no-uuid'], 'invalid_input', 'message_ids__0'],
      [Array(501).fill(foreign), 'max_length', 'message_ids'],
    ] as const;
    for (const [message_ids, code, attr] of refusals) {
      const answer = await split(ticket.id, { message_ids });
      expect([code, answer.status, answer.body]).toMatchObject([code, 400, { code, attr }]);
    }
    await merge(app, other.ticket.id, { target: ticket.id });
    expect((await split(ticket.id, { message_ids: [foreign] })).body).toMatchObject({
      code: 'merged_message',
      attr: 'message_ids__0',
    });
    expect(await split(other.ticket.id, { message_ids: [foreign] })).toMatchObject({
      status: 409,
      body: { code: 'already_merged' },
    });
    // All of its own, though others are shown.
    expect((await split(ticket.id, { message_ids: all })).body.code).toBe('cannot_move_all');
    expect(await thread(app, ticket.id)).toHaveLength(10);
  });

  it('needs edit access; the same Idempotency-Key splits once', async () => {
    const { ticket, messages } = await talk();
    const viewer = await addUser(app, 'viewer@example.com', { access: 'viewer' });
    const body = { message_ids: [messages[0]?.id] };
    expect((await split(ticket.id, body, await addKey(app, viewer.id))).status).toBe(403);
    const send = () =>
      app.request<Ticket>('POST', ticketPath(ticket.id, 'split/'), {
        body,
        headers: { 'idempotency-key': 's' },
      });
    const [first, again] = [await send(), await send()];
    expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
  });
});
