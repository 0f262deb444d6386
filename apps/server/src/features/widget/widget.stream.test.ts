import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { lockTickets } from '#features/tickets/tickets.service.ts';
import { moveToSession } from '#features/tickets/tickets.session.service.ts';
import { sequenceEvents } from '#platform/events/sequencer.ts';
import { readStream, type StreamReader } from '../../testing/event-stream.ts';
import {
  addMessage,
  addPerson,
  addTenant,
  createTicket,
  projectOf,
  reply,
  SYSTEM,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import {
  browser,
  claim,
  type Fields,
  newIdentitySecret,
  openPage,
  type Page,
  person,
  widgetToken,
  written,
} from './testing.ts';
import { sessionHash } from './visitor.ts';

let app: TestApp;
let url: string;
let page: Page;
let token: string;
let secret: string;
const open: StreamReader[] = [];
beforeAll(async () => {
  app = await createTestApp({ streamHeartbeatMs: 50 });
  url = `${await app.listen()}/api/conversations/v1/widget/stream`;
  token = await widgetToken(app);
  page = openPage(app, token);
  secret = await newIdentitySecret(app);
});
afterEach(() => {
  for (const reader of open.splice(0)) reader.stop();
});
afterAll(() => app.close());

const header = (visitor: Fields) =>
  String(new URLSearchParams(Object.entries(visitor).map(([name, value]) => [name, String(value)])));
const headersOf = (visitor: Fields, place?: string) => ({
  'x-conversations-token': token,
  'x-conversations-visitor': header(visitor),
  ...(place === undefined ? {} : { 'last-event-id': place }),
});

async function listen(visitor: Fields, place?: string): Promise<StreamReader> {
  // What was written before has its number by now.
  while ((await sequenceEvents(app.database)).more);
  const reader = await readStream(url, headersOf(visitor, place));
  open.push(reader);
  await vi.waitFor(() => expect(reader.events.length).toBeGreaterThan(0));
  return reader;
}

/** What was told after the greeting. */
const told = ({ events }: StreamReader) => events.slice(1).map(({ event, data }) => [event, data.ticket_id]);
const hears = (reader: StreamReader, expected: unknown[]) =>
  vi.waitFor(() => expect(told(reader)).toEqual(expected), { timeout: 20_000 });
/** Once this is heard, everything that was told before it has arrived. */
async function mark(visitor: Fields, id: string, reader: StreamReader): Promise<void> {
  const before = told(reader).length;
  await written(page, visitor, { ticket_id: id });
  await vi.waitFor(() => expect(told(reader).length).toBeGreaterThan(before), { timeout: 20_000 });
}

describe('the stream of a visitor', () => {
  it('tells of messages, status and reading in their own tickets, and of nothing else', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor);
    const stranger = await written(page, browser());
    const reader = await listen(visitor);
    expect(reader.events[0]).toMatchObject({ event: 'ready', data: {} });
    await reply(app, stranger.ticket_id, 'To somebody else');
    await reply(app, id, 'Among us', { is_private: true });
    await updateTicket(app, id, { tags: ['secret'], priority: 'high' });
    await reply(app, id, 'For you');
    await app.request('POST', ticketPath(id, 'read/'));
    await page.read(visitor, id);
    await updateTicket(app, id, { status: 'resolved' });
    await hears(reader, [
      ['status', id],
      ['message', id],
      ['read', id],
      ['read', id],
      ['status', id],
    ]);
    expect(reader.events.filter(({ event }) => event === 'read').map(({ data }) => data.by)).toEqual([
      'team',
      'customer',
    ]);
    const text = JSON.stringify(reader.events);
    for (const word of ['secret', 'Among', 'For you', 'version', stranger.ticket_id])
      expect(text).not.toContain(word);
  });

  it('tells nothing of notes, whatever becomes of them, and of edited and deleted messages', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor);
    const reader = await listen(visitor);
    const comment = (message: string, body: object) =>
      app.request('PATCH', `/api/projects/1/comments/${message}/`, { body });
    const note = await reply(app, id, 'Among us', { is_private: true });
    await comment(note.id, { content: 'Still among us' });
    await comment(note.id, { deleted: true });
    const answer = await reply(app, id, 'Answer');
    await comment(answer.id, { content: 'Better answer' });
    await comment(answer.id, { deleted: true });
    await hears(reader, [
      ['status', id],
      ['message', id],
      ['message', id],
      ['message', id],
    ]);
  });

  it('tells of a ticket that comes after it was opened, from wherever', async () => {
    const visitor = browser();
    const reader = await listen(visitor);
    const { ticket_id: id } = await written(page, visitor);
    await hears(reader, [
      ['ticket', id],
      ['message', id],
    ]);
    await written(page, browser());
    const second = await written(page, visitor);
    await hears(reader, [
      ['ticket', id],
      ['message', id],
      ['ticket', second.ticket_id],
      ['message', second.ticket_id],
    ]);
  });

  it('goes on where it was cut, without loss and without doubles', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor);
    const first = await listen(visitor);
    await reply(app, id, 'One');
    await hears(first, [
      ['status', id],
      ['message', id],
    ]);
    const place = first.events.at(-1)?.place;
    first.stop();
    await reply(app, id, 'Two');
    await written(page, browser());
    const { ticket_id: other } = await written(page, visitor);
    const second = await listen(visitor, place);
    await reply(app, id, 'Three');
    await hears(second, [
      ['message', id],
      ['ticket', other],
      ['message', other],
      ['message', id],
    ]);
    expect(second.events[0]?.event).toBe('ready');
  });

  it('loses nothing between catching up and joining, while others write', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor);
    const start = (await listen(visitor)).events[0]?.place;
    const writing = Promise.all(Array.from({ length: 20 }, (_, n) => addMessage(app, id, `${n}`, FROM_TEAM)));
    await updateTicket(app, id, { status: 'pending' });
    const readers = await Promise.all(Array.from({ length: 5 }, () => listen(visitor, start)));
    await writing;
    const statuses = ['open', 'pending', 'open', 'on_hold', 'resolved'];
    for (const status of statuses) await updateTicket(app, id, { status });
    for (const reader of readers)
      await vi.waitFor(() => expect(told(reader).filter(([event]) => event === 'status')).toHaveLength(6), {
        timeout: 20_000,
      });
    expect(new Set(readers.map((reader) => JSON.stringify(told(reader)))).size).toBe(1);
  });

  it('names places that say nothing, and takes no others', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor);
    const reader = await listen(visitor);
    await reply(app, id, 'One');
    await hears(reader, [
      ['status', id],
      ['message', id],
    ]);
    for (const { place } of reader.events) expect(place).toMatch(/^v1\.[\w-]{40,}$/);
    for (const place of ['1', '0', '-1', 'v1.x', `${reader.events[0]?.place}x`])
      expect((await listen(visitor, place)).events[0]?.event).toBe('reset');
  });

  it('says that the team types, not who, and not that they look', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor);
    const reader = await listen(visitor);
    const present = (state: string) => app.request('PUT', ticketPath(id, 'presence/'), { body: { state } });
    await present('viewing');
    await mark(visitor, id, reader);
    await present('typing');
    await vi.waitFor(() => expect(told(reader).at(-1)).toEqual(['typing', id]), { timeout: 20_000 });
    await present('gone');
    await vi.waitFor(
      () =>
        expect(reader.events.filter(({ event }) => event === 'typing').map(({ data }) => data)).toEqual([
          { ticket_id: id, is_typing: true },
          { ticket_id: id, is_typing: false },
        ]),
      { timeout: 20_000 },
    );
    expect(
      reader.events.filter(({ event }) => event === 'typing').every(({ place }) => place === undefined),
    ).toBe(true);
    expect(JSON.stringify(reader.events)).not.toMatch(/Admin|ada@|user_id|viewing/);
  });
});

const FROM_TEAM = { author_type: 'team', is_private: false };

describe('a signed visitor', () => {
  it('hears of the tickets of all their ids, of this browser, and of a proven address', async () => {
    await addPerson(app, ['stream-1', 'stream-phone']);
    const anonymous = browser();
    const { ticket_id: inBrowser } = await written(page, anonymous);
    const { id: mailed } = await createTicket(app, { message: 'By mail', distinct_id: 'Stream@Example.com' });
    await app.database.kysely
      .updateTable('tickets')
      .set({ channel_source: 'email', identity_verified: true })
      .where('id', '=', mailed)
      .execute();
    const ends = Math.floor(app.clock.now().getTime() / 1000) + 3600;
    const visitor = {
      ...person(secret, 'stream-1'),
      ...claim(secret, 'stream-1', 'stream@example.com', ends),
      widget_session_id: anonymous.widget_session_id,
    };
    const reader = await listen(visitor);
    const { ticket_id: onPhone } = await written(page, person(secret, 'stream-phone'));
    await addMessage(app, mailed, 'x', FROM_TEAM);
    await reply(app, mailed, 'Answer');
    await reply(app, inBrowser, 'Answer');
    await hears(reader, [
      ['ticket', onPhone],
      ['message', onPhone],
      ['status', mailed],
      ['message', mailed],
      ['status', inBrowser],
      ['message', inBrowser],
    ]);
  });

  it('is let go once the secret that signed them is revoked, or their claim ends', async () => {
    const old = await newIdentitySecret(app);
    secret = await newIdentitySecret(app);
    const reader = await listen(person(old, 'stream-2'));
    const path = '/api/projects/1/identity_secrets/';
    const secrets = await app.request<{ results: { id: string; kind: string }[] }>('GET', path);
    const previous = secrets.body.results.find(({ kind }) => kind === 'previous');
    await app.request('DELETE', `${path}${previous?.id}/`);
    await reader.ended;
    const now = Math.floor(app.clock.now().getTime() / 1000);
    const claiming = {
      ...person(secret, 'stream-3'),
      ...claim(secret, 'stream-3', 'a@example.com', now + 60),
    };
    const other = await listen(claiming);
    app.clock.advance(61_000);
    await other.ended;
  });
});

describe('a ticket that changes hands', () => {
  it('is told to both browsers, and from then on to the new one alone', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor, { traits: { email: 'moved@example.com' } });
    const after = browser();
    const [old, fresh] = [await listen(visitor), await listen(after)];
    const project = await projectOf(app);
    await app.parley.unitOfWork.run(SYSTEM, async (uow) =>
      moveToSession(uow, 1, await lockTickets(uow, project, [id]), sessionHash(after.widget_session_id)),
    );
    await reply(app, id, 'To the new one');
    await hears(fresh, [
      ['ticket', id],
      ['status', id],
      ['message', id],
    ]);
    await vi.waitFor(() => expect(told(old)[0]).toEqual(['ticket', id]));
    const { ticket_id: own } = await written(page, visitor);
    await vi.waitFor(() => expect(told(old).at(-1)).toEqual(['message', own]), { timeout: 20_000 });
    expect(told(old).filter(([event, ticket]) => event === 'message' && ticket === id)).toEqual([]);
  });
});

describe('who may listen', () => {
  const status = async (headers: Record<string, string>, query = '') => {
    const abort = new AbortController();
    const response = await fetch(`${url}${query}`, { headers, signal: abort.signal });
    abort.abort();
    return response.status;
  };

  it('is said by headers alone', async () => {
    const visitor = browser();
    expect(await status(headersOf(visitor))).toBe(200);
    expect(await status({ 'x-conversations-token': token }, `?${header(visitor)}`)).toBe(400);
    expect(await status({ 'x-conversations-token': token })).toBe(400);
    expect(await status({ 'x-conversations-visitor': header(visitor) })).toBe(403);
    const forged = { identity_distinct_id: 'stream-1', identity_hash: '0'.repeat(64) };
    expect(await status(headersOf(forged))).toBe(403);
  });

  it('is any page, which is told so', async () => {
    const abort = new AbortController();
    const response = await fetch(url, {
      headers: { ...headersOf(browser()), origin: 'https://shop.example' },
      signal: abort.signal,
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    abort.abort();
  });

  it('hears nothing of another project', async () => {
    const tenant = await addTenant(app, 'streams');
    const theirs = openPage(app, await widgetToken(app, tenant.projectId, tenant.key));
    const visitor = browser();
    const reader = await listen(visitor);
    await written(theirs, visitor);
    const { ticket_id: own } = await written(page, visitor);
    await hears(reader, [
      ['ticket', own],
      ['message', own],
    ]);
  });

  it('has so many streams, and no more', async () => {
    const limited = await createTestApp({
      environment: { PARLEY_RATE_LIMITS: '{"widget_streams": 2, "widget_address_streams": 3}' },
    });
    const address = `${await limited.listen()}/api/conversations/v1/widget/stream`;
    const own = await widgetToken(limited);
    const visitor = browser();
    const ask = (who: Fields) =>
      readStream(address, { 'x-conversations-token': own, 'x-conversations-visitor': header(who) });
    const first = await ask(visitor);
    const readers = [await ask(visitor)];
    await expect(ask(visitor)).rejects.toThrow('429');
    readers.push(await ask(browser()));
    await expect(ask(browser())).rejects.toThrow('429');
    first.stop();
    await vi.waitFor(async () => void readers.push(await ask(visitor)), { timeout: 20_000 });
    for (const reader of readers) reader.stop();
    await limited.close();
  });

  it('is sent away when the server stops', async () => {
    const short = await createTestApp();
    const address = `${await short.listen()}/api/conversations/v1/widget/stream`;
    const headers = {
      'x-conversations-token': await widgetToken(short),
      'x-conversations-visitor': header(browser()),
    };
    const reader = await readStream(address, headers);
    await vi.waitFor(() => expect(reader.events).toHaveLength(1));
    await short.close();
    await reader.ended;
  });
});
