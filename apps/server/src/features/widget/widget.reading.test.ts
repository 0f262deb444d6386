import { WidgetMessages, WidgetTickets } from '@parley/contract/widget';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addAdminKey,
  addMessage,
  adminId,
  getTicket,
  reply,
  setProject,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { shapeErrors } from '../../testing/shape.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { browser, openPage, type Page, type WidgetError, widgetToken, written } from './testing.ts';

let app: TestApp;
let page: Page;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  page = openPage(app, await widgetToken(app));
});
afterAll(() => app.close());

/** A ticket of a new browser. */
async function opened(message = 'Hello') {
  const visitor = browser();
  const { ticket_id: id, created_at: createdAt } = await written(page, visitor, { message });
  return { visitor, id, createdAt };
}

const contents = (messages: { content: string }[]) => messages.map(({ content }) => content);

describe('the messages of a ticket', () => {
  it('case 23: come in ascending order, named by who wrote them', async () => {
    const { visitor, id } = await opened();
    await reply(app, id, 'Answer');
    await addMessage(app, id, 'By itself', { author_type: 'AI', is_private: false });
    await addMessage(app, id, 'Nobody', { author_type: 'team', is_private: false });
    await written(page, visitor, { ticket_id: id, message: 'Thanks', traits: { name: 'Ada' } });
    const { status, body } = await page.messages(visitor, id);
    expect(status).toBe(200);
    expect(shapeErrors(WidgetMessages, body)).toEqual([]);
    expect(body).toMatchObject({ ticket_id: id, ticket_status: 'open', unread_count: 1, has_more: false });
    expect(body.messages.map((one) => [one.content, one.author_type, one.author_name])).toEqual([
      ['Hello', 'customer', 'Ada'],
      ['Answer', 'support', 'Admin'],
      ['By itself', 'AI', 'AI assistant'],
      ['Nobody', 'team', 'Support'],
      ['Thanks', 'customer', 'Ada'],
    ]);
    const times = body.messages.map(({ created_at: at }) => at);
    expect(times).toEqual([...new Set(times)].sort());
  });

  it('names a customer without a name by address, and else “You”', async () => {
    const { visitor, id } = await opened();
    const name = async () => (await page.messages(visitor, id)).body.messages[0]?.author_name;
    expect(await name()).toBe('You');
    await written(page, visitor, { ticket_id: id, traits: { name: '', email: 'ada@example.com' } });
    expect(await name()).toBe('ada@example.com');
  });

  it('case 24: a private note is nowhere to be seen', async () => {
    const { visitor, id } = await opened();
    const before = await page.tickets(visitor);
    await reply(app, id, 'The customer is wrong', { is_private: true });
    const { text, body } = await page.messages(visitor, id);
    expect(contents(body.messages)).toEqual(['Hello']);
    expect(text).not.toContain('wrong');
    expect(text).not.toContain('is_private');
    expect(body.unread_count).toBe(0);
    expect((await page.tickets(visitor)).body).toEqual(before.body);
    // Only the boolean makes a message private.
    await addMessage(app, id, 'Public', Object({ author_type: 'team', is_private: 'true' }));
    expect(contents((await page.messages(visitor, id)).body.messages)).toEqual(['Hello', 'Public']);
  });

  it('case 25: a deleted message is gone, and the list falls back to the one before', async () => {
    const { visitor, id } = await opened();
    const { id: messageId } = await reply(app, id, 'Oops');
    const comments = '/api/projects/1/comments/';
    const deleted = await app.request('PATCH', `${comments}${messageId}/`, { body: { deleted: true } });
    expect(deleted.status).toBe(200);
    expect(contents((await page.messages(visitor, id)).body.messages)).toEqual(['Hello']);
    expect((await page.tickets(visitor)).body.results).toMatchObject([
      { last_message: 'Hello', message_count: 1 },
    ]);
  });

  it('case 26: after an instant only later ones, to the millisecond and however it is written', async () => {
    const { visitor, id, createdAt } = await opened();
    const { created_at: second } = await reply(app, id, 'Answer');
    const third = await written(page, visitor, { ticket_id: id, message: 'Thanks' });
    const after = async (instant: string) =>
      contents((await page.messages(visitor, id, { after: instant })).body.messages);
    expect(await after(createdAt)).toEqual(['Answer', 'Thanks']);
    expect(await after(second)).toEqual(['Thanks']);
    expect(await after(third.created_at)).toEqual([]);
    expect(await after(createdAt.replace('Z', '000+00:00'))).toEqual(['Answer', 'Thanks']);
    expect(await after(createdAt.replace('Z', ' 00:00').replace(' 00:00', '+00:00'))).toEqual([
      'Answer',
      'Thanks',
    ]);
    const before = new Date(new Date(createdAt).getTime() - 1).toISOString();
    expect(await after(before)).toEqual(['Hello', 'Answer', 'Thanks']);
  });

  it('case 27: a page that is full says that there may be more', async () => {
    const { visitor, id } = await opened('1');
    for (const message of ['2', '3']) await written(page, visitor, { ticket_id: id, message });
    const first = await page.messages(visitor, id, { limit: 2 });
    expect([contents(first.body.messages), first.body.has_more]).toEqual([['1', '2'], true]);
    const after = first.body.messages[1]?.created_at ?? '';
    const rest = await page.messages(visitor, id, { limit: 2, after });
    expect([contents(rest.body.messages), rest.body.has_more]).toEqual([['3'], false]);
  });

  it('refuses what is no number, instant or status', async () => {
    const { visitor, id } = await opened();
    const wrong = [
      { limit: 0 },
      { limit: 501 },
      { limit: 'x' },
      { limit: '1e2' },
      { limit: -1 },
      { after: 'yesterday' },
      { after: '2026-02-30T00:00:00Z' },
    ];
    for (const query of wrong) {
      const answer = await page.messages<WidgetError>(visitor, id, query);
      const [field = ''] = Object.keys(query);
      expect([query, answer.status, answer.body.details]).toEqual([
        query,
        400,
        { [field]: [expect.any(String)] },
      ]);
    }
    for (const query of [{ status: 'shut' }, { offset: -1 }, { limit: 501 }])
      expect([query, (await page.tickets(visitor, query)).status]).toEqual([query, 400]);
    expect((await page.messages(visitor, id, { _: '1770000000000', unknown: 'x' })).status).toBe(200);
  });

  it('are told with what an agent wrote in their form', async () => {
    const { visitor, id } = await opened();
    const rich = { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Bold' }] }] };
    await reply(app, id, 'Bold', { rich_content: rich });
    expect((await page.messages(visitor, id)).body.messages[1]?.rich_content).toEqual(rich);
  });
});

describe('the tickets of a visitor', () => {
  it('case 28: of a status', async () => {
    const { visitor, id } = await opened();
    await written(page, visitor);
    await updateTicket(app, id, { status: 'resolved' });
    expect((await page.tickets(visitor, { status: 'new' })).body.count).toBe(1);
    expect((await page.tickets(visitor, { status: 'resolved' })).body.results.map((one) => one.id)).toEqual([
      id,
    ]);
    expect((await page.tickets(visitor, { status: 'pending' })).body).toEqual({ count: 0, results: [] });
  });

  it('case 29: page by page, the newest first', async () => {
    const visitor = browser();
    const made = [];
    for (const message of ['1', '2', '3']) {
      app.clock.advance(1000);
      made.unshift((await written(page, visitor, { message })).ticket_id);
    }
    const all = await page.tickets(visitor);
    expect(shapeErrors(WidgetTickets, all.body)).toEqual([]);
    expect(all.body.results.map(({ id }) => id)).toEqual(made);
    const ids = async (query: object) => {
      const { body } = await page.tickets(visitor, { ...query });
      return [body.count, body.results.map(({ id }) => id)];
    };
    expect(await ids({ limit: 2 })).toEqual([3, made.slice(0, 2)]);
    expect(await ids({ limit: 2, offset: 2 })).toEqual([3, made.slice(2)]);
    expect(await ids({ offset: 3 })).toEqual([3, []]);
  });

  it('cases 30 and 32: what is unread is told at once, until it is marked as read', async () => {
    const { visitor, id } = await opened();
    const unread = async () => [
      (await page.tickets(visitor)).body.results[0]?.unread_count,
      (await page.messages(visitor, id)).body.unread_count,
      (await getTicket(app, id)).unread_customer_count,
    ];
    expect(await unread()).toEqual([0, 0, 0]);
    await reply(app, id, 'One');
    await reply(app, id, 'Two');
    expect(await unread()).toEqual([2, 2, 2]);
    expect((await page.tickets(visitor)).body.results[0]).toMatchObject({
      last_message: 'Two',
      message_count: 3,
    });
    const { version, updated_at: updatedAt } = await getTicket(app, id);
    for (let n = 0; n < 2; n += 1) {
      const answer = await page.read(visitor, id);
      expect([answer.status, answer.body]).toEqual([200, { success: true, unread_count: 0 }]);
    }
    expect(await unread()).toEqual([0, 0, 0]);
    // Once, however often it is said, and the ticket does not jump up in the team's list.
    expect(await getTicket(app, id)).toMatchObject({ version: version + 1, updated_at: updatedAt });
    const events = app.database.kysely.selectFrom('events').select('name').where('ticket_id', '=', id);
    expect(await events.where('name', '=', 'tickets.customer_read').execute()).toHaveLength(1);
  });

  it('case 31: with the beginning of what was said last', async () => {
    const { visitor, id } = await opened();
    await reply(app, id, 'x'.repeat(600));
    expect((await page.tickets(visitor)).body.results[0]?.last_message).toBe('x'.repeat(500));
  });

  it('that was never written to has nothing that was said last', async () => {
    const { visitor, id } = await opened();
    const { kysely } = app.database;
    await kysely
      .updateTable('tickets')
      .set({ last_message_at: null, last_message_text: null, message_count: 0 })
      .where('id', '=', id)
      .execute();
    await kysely.deleteFrom('messages').where('ticket_id', '=', id).execute();
    expect((await page.tickets(visitor)).body.results).toMatchObject([
      { id, last_message: null, last_message_at: null, message_count: 0 },
    ]);
    expect((await page.messages(visitor, id)).body.messages).toEqual([]);
  });
});

describe('an agent without a name', () => {
  it('is named by address, as the team chose to write', async () => {
    const { visitor, id } = await opened();
    const key = await addAdminKey(app, ['*']);
    const query = app.database.kysely.updateTable('users').where('id', '=', await adminId(app));
    await query.set({ first_name: '' }).execute();
    await app.request('POST', ticketPath(id, 'reply/'), { key, body: { message: 'Hi' } });
    expect((await page.messages(visitor, id)).body.messages[1]?.author_name).toBe('ada@example.com');
    await query.set({ first_name: 'Admin' }).execute();
    await setProject(app, { conversations_settings: { ai_assistant_name: 'Robin' } });
    await addMessage(app, id, 'By itself', { author_type: 'AI', is_private: false });
    expect((await page.messages(visitor, id)).body.messages[2]?.author_name).toBe('Robin');
  });
});
