import type { Message } from '@parley/contract/messages';
import type { PageOf } from '@parley/contract/schemas';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addKey,
  addMessage,
  addTenant,
  addUser,
  createTicket,
  customerWrites,
  getTicket,
  listMessages,
  reply,
  setProject,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const page = async (id: string, query: string) =>
  (await app.request<PageOf<Message>>('GET', ticketPath(id, `messages/${query}`))).body;
const contents = ({ results }: PageOf<Message>) => results.map(({ content }) => content);
const publicBy = (author_type: string, more: object = {}) => ({ author_type, is_private: false, ...more });

async function ticketWithMessages(count: number): Promise<string> {
  const { id } = await createTicket(app);
  for (let n = 1; n <= count; n += 1) await customerWrites(app, id, `message ${n}`);
  return id;
}

describe('messages.list', () => {
  it('case 89: shows customer, support and private messages in the order of time', async () => {
    const { id } = await createTicket(app, { message: 'from the customer' });
    await reply(app, id, 'to the customer');
    await reply(app, id, 'among us', { is_private: true });
    const messages = await listMessages(app, id);
    expect(messages).toMatchObject([
      { content: 'from the customer', author_type: 'customer', is_private: false },
      { content: 'to the customer', author_type: 'support', is_private: false },
      { content: 'among us', author_type: 'support', is_private: true },
    ]);
    expect(Object.keys(messages[0] ?? {})).toEqual([
      'id',
      'content',
      'rich_content',
      'author_type',
      'author_name',
      'author_email',
      'is_private',
      'has_full_email_content',
      'version',
      'created_at',
      'ticket_id',
      'ticket_number',
      'mentions',
    ]);
  });

  it('gives messages of one instant strictly increasing times', async () => {
    const messages = await listMessages(app, await ticketWithMessages(5));
    const times = messages.map(({ created_at }) => created_at);
    expect(times).toEqual([...new Set(times)].sort());
    for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('gives messages written at once strictly increasing times', async () => {
    const { id } = await createTicket(app);
    await Promise.all(Array.from({ length: 8 }, (_, n) => reply(app, id, `at once ${n}`)));
    const times = (await listMessages(app, id)).map(({ created_at }) => Date.parse(created_at));
    expect(times).toHaveLength(8);
    expect(times.every((time, n) => n === 0 || time > (times[n - 1] ?? 0))).toBe(true);
  });

  it('case 90: leaves deleted messages out', async () => {
    const { id } = await createTicket(app, { message: 'stays' });
    const gone = await reply(app, id, 'goes', { is_private: true });
    expect((await app.request('DELETE', ticketPath(id, `notes/${gone.id}/`))).status).toBe(204);
    expect(await page(id, '')).toMatchObject({ count: 1, results: [{ content: 'stays' }] });
  });

  it('case 91: a stored is_private of "true", a string, is not private', async () => {
    const { id } = await createTicket(app);
    const message = await addMessage(app, id, 'hello', publicBy('customer'));
    for (const stored of ['"true"', '1', 'null', '{}']) {
      await sql`update messages set item_context = jsonb_build_object('is_private', ${stored}::jsonb)
        where id = ${message}`.execute(app.database.kysely);
      expect(await listMessages(app, id)).toMatchObject([{ is_private: false, author_type: 'customer' }]);
    }
  });

  it('case 92: names the author', async () => {
    const traits = [{ name: 'Ann', email: 'ann@x.example' }, { email: 'ann@x.example' }, { name: '' }, {}];
    const names = [];
    for (const anonymous_traits of traits) {
      const { id } = await createTicket(app, { anonymous_traits, message: 'Hello' });
      names.push((await listMessages(app, id)).map(({ author_name }) => author_name));
    }
    expect(names.flat()).toEqual(['Ann', 'ann@x.example', 'Customer', 'Customer']);

    const { id } = await createTicket(app, { anonymous_traits: { name: 'Ann' } });
    await addMessage(app, id, 'by the assistant', publicBy('AI'));
    await addMessage(app, id, 'by nobody', publicBy('support'));
    await addMessage(app, id, 'over Slack', publicBy('customer', { slack_author_name: 'Ann on Slack' }));
    await addMessage(app, id, 'by mail', publicBy('customer', { email_from_name: 'Ann by mail' }));
    const shown = await listMessages(app, id);
    expect(shown.map(({ author_name }) => author_name)).toEqual([
      'AI assistant',
      'Support',
      'Ann on Slack',
      'Ann by mail',
    ]);
    expect(shown.map(({ author_email }) => author_email)).toEqual([null, null, null, null]);

    await setProject(app, { conversations_settings: { ai_assistant_name: 'Robo' } });
    expect((await listMessages(app, id))[0]?.author_name).toBe('Robo');
    await setProject(app, { conversations_settings: {} });
  });

  it('names agents by their name, else by their address', async () => {
    const { id } = await createTicket(app);
    const named = await addUser(app, 'grace@example.com', { firstName: 'Grace', lastName: 'Hopper' });
    const unnamed = await addUser(app, 'unnamed@example.com');
    for (const user of [named, unnamed]) {
      const key = await addKey(app, user.id);
      await app.request('POST', ticketPath(id, 'reply/'), { key, body: { message: 'Hello' } });
    }
    expect(await listMessages(app, id)).toMatchObject([
      { author_name: 'Grace Hopper', author_email: 'grace@example.com' },
      { author_name: 'unnamed@example.com', author_email: 'unnamed@example.com' },
    ]);
  });

  it('case 93: pages by limit and offset', async () => {
    const id = await ticketWithMessages(5);
    const first = await page(id, '?limit=2');
    expect(contents(first)).toEqual(['message 1', 'message 2']);
    expect(first).toMatchObject({ count: 5, previous: null });
    expect(first.next).toMatch(/\/messages\/\?limit=2&offset=2$/);
    const last = await page(id, '?limit=2&offset=4');
    expect(contents(last)).toEqual(['message 5']);
    expect(last.next).toBeNull();
    expect(last.previous).toMatch(/\?limit=2&offset=2$/);
  });

  it('falls back on a limit or offset that is none, and clamps at 200', async () => {
    const id = await ticketWithMessages(3);
    for (const query of ['?limit=-1', '?limit=0', '?limit=x', '?offset=-5', '?limit=1e3', '?offset=1e9']) {
      expect(contents(await page(id, query))).toHaveLength(3);
    }
    expect(await page(id, '?offset=1000000000')).toMatchObject({ count: 3, results: [], next: null });
    await sql`
      insert into messages (project_id, id, ticket_id, content, created_at)
      select 1, gen_random_uuid(), ${id}, 'filler', ${app.clock.now()}::timestamptz + n * interval '1 second'
      from generate_series(1, 250) n`.execute(app.database.kysely);
    expect((await page(id, '')).results).toHaveLength(50);
    expect((await page(id, '?limit=1000')).results).toHaveLength(200);
  });

  it('pages by cursor there and back', async () => {
    const id = await ticketWithMessages(5);
    const seen: string[][] = [];
    let at: PageOf<Message> = await page(id, '?limit=2&cursor=');
    const follow = async (url: string) => (await app.request<PageOf<Message>>('GET', url)).body;
    seen.push(contents(at));
    while (at.next !== null) {
      at = await follow(at.next);
      seen.push(contents(at));
    }
    expect(seen).toEqual([['message 1', 'message 2'], ['message 3', 'message 4'], ['message 5']]);
    const back: string[][] = [];
    while (at.previous !== null) {
      at = await follow(at.previous);
      back.push(contents(at));
    }
    expect(back.flat()).toEqual(['message 3', 'message 4', 'message 1', 'message 2']);
    expect(at.count).toBe(5);
    for (const cursor of ['nonsense', '%00', btoa('>2026-99-99T00:00:00.000Z'), "'; drop table messages"]) {
      expect(contents(await page(id, `?limit=2&cursor=${encodeURIComponent(cursor)}`))).toEqual(seen[0]);
    }
  });

  it('case 94: an empty thread is an empty page', async () => {
    const { id } = await createTicket(app);
    expect(await page(id, '')).toEqual({ count: 0, next: null, previous: null, results: [] });
  });

  it('does not mark the ticket as read', async () => {
    const before = await createTicket(app, { message: 'Hello' });
    await listMessages(app, before.id);
    expect(await getTicket(app, before.id)).toEqual(before);
  });

  it('is 404 for the ticket of another project', async () => {
    const tenant = await addTenant(app, 'elsewhere');
    const { id } = await createTicket(app, { message: 'Hello' });
    const options = { key: tenant.key };
    expect((await app.request('GET', `${tenant.tickets}${id}/messages/`, options)).status).toBe(404);
    expect((await app.request('GET', ticketPath(id, 'messages/'), options)).status).toBe(404);
  });
});
