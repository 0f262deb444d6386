import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addEmailConfig,
  addKey,
  addTenant,
  addUser,
  adminId,
  createTicket,
  customerWrites,
  eventNames,
  getTicket,
  listMessages,
  reply,
  setProject,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const send = (id: string | number, body: object, key?: string) =>
  app.request<Message>('POST', ticketPath(id, 'reply/'), { body, ...(key ? { key } : {}) });
const storedOf = (id: string) =>
  app.database.kysely
    .selectFrom('messages')
    .select(['id', 'content', 'rich_content', 'item_context', 'author_user_id'])
    .where('ticket_id', '=', id)
    .orderBy('created_at')
    .execute();
const outboxOf = (id: string) =>
  app.database.kysely.selectFrom('outbox').selectAll().where('ticket_id', '=', id).execute();

describe('tickets.reply', () => {
  it('case 95: answers 201 and stores exactly the published context', async () => {
    const { id } = await createTicket(app);
    const { status, body } = await send(id, { message: '  Hello Ann \n' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ content: 'Hello Ann', author_type: 'support', version: 0 });
    expect(await storedOf(id)).toEqual([
      {
        id: body.id,
        content: 'Hello Ann',
        rich_content: null,
        item_context: { author_type: 'support', is_private: false },
        author_user_id: await adminId(app),
      },
    ]);
    expect(await listMessages(app, id)).toEqual([body]);
  });

  it('case 96: is public unless it says otherwise', async () => {
    const { id } = await createTicket(app);
    expect((await send(id, { message: 'one' })).body.is_private).toBe(false);
    expect((await send(id, { message: 'two', is_private: false })).body.is_private).toBe(false);
    expect((await send(id, { message: 'three', is_private: true })).body.is_private).toBe(true);
  });

  it('case 97: refuses a blank or missing message and rich content that is too long', async () => {
    const { id } = await createTicket(app);
    const refused: [object, object][] = [
      [{}, { code: 'required', attr: 'message' }],
      [{ message: '' }, { code: 'blank', attr: 'message' }],
      [{ message: ' \n\t ' }, { code: 'blank', attr: 'message' }],
      [{ message: null }, { code: 'null', attr: 'message' }],
      [{ message: 'x'.repeat(5001) }, { code: 'max_length', attr: 'message' }],
      [
        { message: 'x', rich_content: { text: 'x'.repeat(100_000) } },
        { code: 'max_length', attr: 'rich_content' },
      ],
    ];
    for (const [body, error] of refused) {
      expect(await send(id, body)).toMatchObject({
        status: 400,
        body: { type: 'validation_error', ...error },
      });
    }
    expect(await storedOf(id)).toEqual([]);
    expect((await send(id, { message: 'x'.repeat(5000) })).status).toBe(201);
    // Two quotes, two braces and the name take eleven of the 100,000.
    const rich_content = { text: 'x'.repeat(100_000 - 11) };
    const longest = await send(id, { message: 'longest', rich_content });
    expect([longest.status, longest.body.rich_content]).toEqual([201, rich_content]);
  });

  it('case 98: a public reply to an e-mail ticket is delivered once, a private one never', async () => {
    const email_config_id = await addEmailConfig(app, { email: 'help@example.com' });
    await setProject(app, { conversations_settings: { email_enabled: true } });
    const composed = await app.request<{ id: string }>('POST', `${TICKETS}compose/`, {
      body: { recipient_email: 'ann@example.com', email_subject: 'Order 7', email_config_id, message: 'Hi' },
    });
    const { id } = composed.body;
    const before = await outboxOf(id);
    const rich_content = { type: 'doc', content: [] };
    const { body } = await send(id, { message: 'About your order', rich_content });
    await send(id, { message: 'Among us', is_private: true });
    await send(id, { message: 'About your order', rich_content });
    const delivered = (await outboxOf(id)).slice(before.length);
    expect(delivered).toMatchObject([
      {
        channel: 'email',
        state: 'queued',
        message_id: body.id,
        destination: { to: 'ann@example.com', email_config_id },
        payload: { subject: 'Order 7', content: 'About your order', rich_content },
      },
    ]);
    const widget = await createTicket(app);
    await send(widget.id, { message: 'Over the widget' });
    expect(await outboxOf(widget.id)).toEqual([]);
    await setProject(app, { conversations_settings: {} });
    await send(id, { message: 'With e-mail off' });
    expect(await outboxOf(id)).toHaveLength(before.length + 1);
  });

  it('case 99: with Support off nothing is stored or sent, whatever the body', async () => {
    const before = await createTicket(app);
    await setProject(app, { conversations_enabled: false });
    for (const body of [{ message: 'Hello' }, {}]) {
      expect(await send(before.id, body)).toMatchObject({
        status: 400,
        body: { type: 'validation_error', code: 'support_disabled', attr: null },
      });
    }
    // The ticket is looked at before Support is.
    expect((await send('01900000-0000-7000-8000-000000000000', {})).status).toBe(404);
    await setProject(app, { conversations_enabled: true });
    expect(await getTicket(app, before.id)).toEqual(before);
    expect(await eventNames(app, before.id)).toEqual(['tickets.create']);
  });

  it('is 404 for a ticket of another project, and stores nothing', async () => {
    const tenant = await addTenant(app, 'elsewhere');
    const { id } = await createTicket(app);
    const path = `${tenant.tickets}${id}/reply/`;
    const answer = await app.request('POST', path, { key: tenant.key, body: { message: 'x' } });
    expect(answer.status).toBe(404);
    expect(await storedOf(id)).toEqual([]);
  });
});

describe('tickets.reply: the duplicate guard', () => {
  it('case 100: the same reply twice in a row is one message, answered 201 and then 200', async () => {
    const { id, ticket_number } = await createTicket(app);
    const rich_content = { type: 'doc', a: 1 };
    const first = await send(id, { message: 'Hello', rich_content });
    app.clock.advance(119_999);
    const again = await send(ticket_number, { message: ' Hello ', rich_content: { a: 1, type: 'doc' } });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(await storedOf(id)).toHaveLength(1);
    expect(await eventNames(app, id)).toHaveLength(4);
    expect((await getTicket(app, id)).message_count).toBe(1);
  });

  it('identical replies sent at once are one message: one 201, the others 200 or 409', async () => {
    const { id } = await createTicket(app);
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(id, { message: 'At once' })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const [stored, ...others] = await storedOf(id);
    expect(others).toEqual([]);
    for (const { status, body } of answers) {
      if (status === 409) {
        expect(body).toMatchObject({
          type: 'invalid_request',
          code: 'reply_in_progress',
          error_type: 'reply_in_progress',
        });
      } else expect([[200, 201].includes(status), body.id]).toEqual([true, stored?.id]);
    }
  });

  it('case 101: the same text in public and in private are two messages', async () => {
    const { id } = await createTicket(app);
    const statuses = [
      await send(id, { message: 'Hello' }),
      await send(id, { message: 'Hello', is_private: true }),
      await send(id, { message: 'Hello', is_private: true }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([201, 201, 200]);
    expect(await storedOf(id)).toHaveLength(2);
  });

  it('ends after 120 seconds', async () => {
    const { id } = await createTicket(app);
    await reply(app, id, 'Hello');
    app.clock.advance(120_000);
    expect((await send(id, { message: 'Hello' })).status).toBe(201);
  });

  it('does not hold back another author, other rich content, another ticket, or the customer', async () => {
    const { id } = await createTicket(app);
    const key = await addKey(app, (await addUser(app, 'other@example.com')).id);
    await customerWrites(app, id, 'Hello');
    const statuses = [
      await send(id, { message: 'Hello' }),
      await send(id, { message: 'Hello' }, key),
      await send(id, { message: 'Hello', rich_content: { type: 'doc' } }),
      await send((await createTicket(app)).id, { message: 'Hello' }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([201, 201, 201, 201]);
    expect(await storedOf(id)).toHaveLength(4);
  });

  it('does not count an original that was edited or deleted since', async () => {
    const { id } = await createTicket(app);
    const body = { message: 'A note', is_private: true };
    const edited = await reply(app, id, 'A note', { is_private: true });
    await app.request('PATCH', ticketPath(id, `notes/${edited.id}/`), { body: { message: 'A note' } });
    const second = await send(id, body);
    await app.request('DELETE', ticketPath(id, `notes/${second.body.id}/`));
    const third = await send(id, body);
    expect([second.status, third.status]).toEqual([201, 201]);
    expect(new Set([edited.id, second.body.id, third.body.id]).size).toBe(3);
  });
});

describe('tickets.reply: status rules', () => {
  const statusAfter = async (status: 'new' | 'open' | 'pending' | 'on_hold' | 'resolved', body: object) => {
    const { id } = await createTicket(app, { status });
    await send(id, { message: 'Hello', ...body });
    return (await getTicket(app, id)).status;
  };

  it('the first public reply opens a new ticket; no other status moves, and no note moves one', async () => {
    expect(await statusAfter('new', {})).toBe('open');
    expect(await statusAfter('new', { is_private: true })).toBe('new');
    for (const status of ['open', 'pending', 'on_hold', 'resolved'] as const) {
      expect(await statusAfter(status, {})).toBe(status);
    }
  });

  it('a customer message opens what was waiting or done, and ends a snooze', async () => {
    for (const status of ['pending', 'on_hold', 'resolved'] as const) {
      const { id } = await createTicket(app, { status, snoozed_until: '2030-01-01T00:00:00Z' });
      await customerWrites(app, id, 'Still broken');
      expect(await getTicket(app, id)).toMatchObject({ status: 'open', snoozed_until: null });
    }
    const fresh = await createTicket(app);
    await customerWrites(app, fresh.id, 'Hello');
    expect((await getTicket(app, fresh.id)).status).toBe('new');
  });

  it('each rule can be switched off for the project', async () => {
    const status_rules = { reply_opens_new: false, customer_reopens: false };
    await setProject(app, { conversations_settings: { status_rules } });
    expect(await statusAfter('new', {})).toBe('new');
    const { id } = await createTicket(app, { status: 'resolved', snoozed_until: '2030-01-01T00:00:00Z' });
    await customerWrites(app, id, 'Still broken');
    expect(await getTicket(app, id)).toMatchObject({
      status: 'resolved',
      snoozed_until: '2030-01-01T00:00:00.000Z',
    });
    await setProject(app, { conversations_settings: {} });
  });

  it('a rule reports the change of status like any other', async () => {
    const { id } = await createTicket(app);
    await reply(app, id, 'Hello');
    await updateTicket(app, id, { status: 'resolved' });
    await customerWrites(app, id, 'Still broken');
    expect(await eventNames(app, id)).toEqual([
      'tickets.create',
      'tickets.update',
      'tickets.change_status',
      'tickets.reply',
      'tickets.update',
      'tickets.change_status',
      'tickets.update',
      'tickets.change_status',
      'messages.receive',
    ]);
  });
});
