import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addKey,
  addMessage,
  addUser,
  createTicket,
  eventsOf,
  listMessages,
  reply,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

describe('messages.full_email', () => {
  it('shows the whole e-mail of a message that was cut, and 404 for every other', async () => {
    const { id, ticket_number } = await createTicket(app);
    const path = (messageId: string, ticket = id) => ticketPath(ticket, `messages/${messageId}/full_email/`);
    const context = { author_type: 'customer', is_private: false };
    const [cut, plain] = [await addMessage(app, id, 'Hi', context), await addMessage(app, id, 'Ho', context)];
    const full_email = 'Hi\n\nOn Monday you wrote:\n> Hello';
    await app.database.kysely.updateTable('messages').set({ full_email }).where('id', '=', cut).execute();
    expect((await listMessages(app, id)).map((message) => message.has_full_email_content)).toEqual([
      true,
      false,
    ]);
    for (const ref of [id, String(ticket_number)]) {
      const answer = await app.request('GET', path(cut, ref));
      expect([answer.status, answer.body]).toEqual([200, { content: full_email }]);
    }
    const other = await createTicket(app);
    const unknown = '01900000-0000-7000-8000-000000000000';
    const missing = [path(plain), path(unknown), path('x'), path('%00'), path(cut, other.id)];
    await app.database.kysely
      .updateTable('messages')
      .set({ deleted_at: app.clock.now(), full_email })
      .where('id', '=', plain)
      .execute();
    for (const each of [...missing, path(plain)]) {
      const { status, body } = await app.request('GET', each);
      expect([each, status, body]).toMatchObject([
        each,
        404,
        { code: 'full_email_not_found', error_type: 'full_email_not_found' },
      ]);
    }
    expect((await app.request('GET', path(cut, unknown))).body).toMatchObject({ code: 'not_found' });
  });
});

describe('tickets.ai_feedback', () => {
  const send = (id: string, body: object, headers = {}) =>
    app.request<{ code: string; attr: string }>('POST', ticketPath(id, 'ai_feedback/'), { body, headers });
  const aiEvents = async (id: string) =>
    (await eventsOf(app, id)).filter(({ name }) => name.startsWith('tickets.ai_'));
  const stored = (id: string) =>
    app.database.kysely.selectFrom('ai_feedback').selectAll().where('ticket_id', '=', id).execute();

  it('answers 202 without a body and reports exactly one event', async () => {
    const { id } = await createTicket(app);
    const { id: message_id } = await reply(app, id, 'Made by AI');
    const cases: [body: object, name: string, payload: object][] = [
      [{ rating: 'good' }, 'tickets.ai_metric', { metric_name: 'reviewer_quality', metric_value: 1 }],
      [{ rating: 'bad' }, 'tickets.ai_metric', { metric_name: 'reviewer_quality', metric_value: 0 }],
      [{ rating: 'bad', feedback_text: ' ' }, 'tickets.ai_metric', { metric_value: 0 }],
      [{ rating: 'good', feedback_text: 'Nice' }, 'tickets.ai_metric', { metric_value: 1 }],
      [{ rating: 'bad', feedback_text: ' Wrong ' }, 'tickets.ai_feedback', { feedback_text: 'Wrong' }],
    ];
    for (const [n, [body, name, payload]] of cases.entries()) {
      const answer = await send(id, { message_id, ...body });
      expect([answer.status, answer.text]).toEqual([202, '']);
      const events = await aiEvents(id);
      expect(events).toHaveLength(n + 1);
      expect(events.at(-1)).toMatchObject({ name, payload: { message_id, ...payload } });
    }
    expect(await stored(id)).toMatchObject([{ message_id, rating: 'bad', feedback_text: 'Wrong' }]);
  });

  it('keeps one rating of each reviewer', async () => {
    const { id } = await createTicket(app);
    const colleague = await addKey(app, (await addUser(app, 'reviewer@example.com')).id);
    await send(id, { message_id: 'draft-1', rating: 'good' });
    const body = { message_id: 'draft-1', rating: 'bad' };
    await app.request('POST', ticketPath(id, 'ai_feedback/'), { key: colleague, body });
    await send(id, { message_id: 'draft-2', rating: 'good' });
    const ratings = (await stored(id)).map(({ message_id, rating }) => `${message_id} ${rating}`);
    expect(ratings.sort()).toEqual(['draft-1 bad', 'draft-1 good', 'draft-2 good']);
  });

  it('is done once per Idempotency-Key', async () => {
    const { id } = await createTicket(app);
    const again = async () => {
      const headers = { 'idempotency-key': 'feedback' };
      const { status, text } = await send(id, { message_id: '1', rating: 'good' }, headers);
      return [status, text];
    };
    expect([await again(), await again()]).toEqual([
      [202, ''],
      [202, ''],
    ]);
    expect(await aiEvents(id)).toHaveLength(1);
  });

  it('refuses bad input', async () => {
    const { id } = await createTicket(app);
    const good = { message_id: '1', rating: 'good' };
    const refusals: [body: object, code: string, attr: string][] = [
      [{ message_id: undefined }, 'required', 'message_id'],
      [{ message_id: '' }, 'blank', 'message_id'],
      [{ message_id: 'x'.repeat(201) }, 'max_length', 'message_id'],
      [{ message_id: 1 }, 'invalid_input', 'message_id'],
      [{ rating: 'great' }, 'invalid_choice', 'rating'],
      [{ rating: null }, 'null', 'rating'],
      [{ feedback_text: 'x'.repeat(2001) }, 'max_length', 'feedback_text'],
      [{ feedback_text: 'a\0' }, 'null_characters_not_allowed', 'feedback_text'],
    ];
    for (const [more, code, attr] of refusals) {
      const { status, body } = await send(id, { ...good, ...more });
      expect([more, status, body.code, body.attr]).toEqual([more, 400, code, attr]);
    }
    expect([await aiEvents(id), await stored(id)]).toEqual([[], []]);
    expect((await send('999999', good)).status).toBe(404);
  });
});
