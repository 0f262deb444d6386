import { once } from 'node:events';
import { connect } from 'node:net';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { openStream, type StreamReader } from '../../testing/event-stream.ts';
import { addAdminKey, createTicket, TICKETS } from '../../testing/fixtures.ts';
import { API_KEY, createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
let url: string;
const open: StreamReader[] = [];

beforeAll(async () => {
  app = await createTestApp({ streamHeartbeatMs: 250 });
  url = await app.listen();
});
afterEach(() => {
  for (const reader of open.splice(0)) reader.stop();
});
afterAll(() => app.close());

async function follow(lastEventId?: number, key = API_KEY): Promise<StreamReader> {
  const reader = await openStream(url, key, lastEventId);
  open.push(reader);
  await vi.waitFor(() => expect(reader.events.length).toBeGreaterThan(0));
  return reader;
}

/** Open streams, as the metrics count them. */
async function clients(): Promise<number> {
  const { text } = await app.request('GET', '/metrics');
  return Number(/^parley_stream_clients (\d+)$/m.exec(text)?.[1]);
}

const seqs = (reader: StreamReader) => reader.events.slice(1).map((event) => event.id);

it('says what changed, with name, id and version, and not what it is', async () => {
  const reader = await follow();
  expect(reader.events[0]?.event).toBe('ready');
  const ticket = await createTicket(app, { message: 'a secret of the customer' });
  await vi.waitFor(() => expect(reader.events.map((event) => event.event)).toContain('messages.receive'));
  const created = reader.events.find((event) => event.event === 'tickets.create');
  expect(created?.data).toEqual({
    seq: created?.id,
    name: 'tickets.create',
    id: ticket.id,
    version: 1,
    ticket_id: ticket.id,
  });
  expect(JSON.stringify(reader.events)).not.toContain('secret');
});

it('resumes after a cut without loss and without doubles', async () => {
  const first = await follow();
  const start = first.events[0]?.id ?? 0;
  await createTicket(app);
  await vi.waitFor(() => expect(seqs(first)).toEqual([start + 1]));
  first.stop();
  for (let i = 0; i < 5; i += 1) await createTicket(app);
  const second = await follow(start + 1);
  await createTicket(app);
  const expected = [2, 3, 4, 5, 6, 7].map((step) => start + step);
  await vi.waitFor(() => expect(seqs(second)).toEqual(expected));
});

it('loses nothing between catching up and joining, while others write', async () => {
  const start = (await follow()).events[0]?.id ?? 0;
  const writing = Promise.all(Array.from({ length: 20 }, () => createTicket(app)));
  const readers = await Promise.all(Array.from({ length: 5 }, () => follow(start)));
  await writing;
  const expected = Array.from({ length: 20 }, (_, index) => start + index + 1);
  for (const reader of readers) await vi.waitFor(() => expect(seqs(reader)).toEqual(expected));
});

it('tells a client whose place is unknown to start over', async () => {
  const newest = (await follow()).events[0]?.id ?? 0;
  for (const place of [newest + 1000, 999_999_999]) {
    const reader = await follow(place);
    expect(reader.events[0]).toMatchObject({ event: 'reset', id: newest });
  }
  await sql`delete from events where project_id = 1 and seq <= 3`.execute(app.database.kysely);
  expect((await follow(1)).events[0]?.event).toBe('reset');
});

it('ends the stream of a key that was revoked', async () => {
  const key = await addAdminKey(app, ['ticket:read']);
  const reader = await follow(undefined, key);
  await sql`delete from api_keys where scopes = array['ticket:read']`.execute(app.database.kysely);
  await reader.ended;
});

it('lets go of a client that does not read, and serves the others', { timeout: 60_000 }, async () => {
  const reader = await follow();
  const start = reader.events[0]?.id ?? 0;
  await vi.waitFor(async () => expect(await clients()).toBe(1));
  const { port, hostname } = new URL(url);
  const slow = connect({ port: Number(port), host: hostname });
  await once(slow, 'connect');
  slow.pause();
  slow.write(
    `GET ${TICKETS.replace('conversations/tickets', 'events/stream')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${API_KEY}\r\n\r\n`,
  );
  await vi.waitFor(async () => expect(await clients()).toBe(2));
  await sql`
    insert into events (project_id, name, resource_id, resource_version, actor, payload, created_at)
    select 1, 'tickets.update', repeat('x', 600), 1, '{}', '{}', now() from generate_series(1, 25000)`.execute(
    app.database.kysely,
  );
  app.parley.wakeSequencer();
  await vi.waitFor(() => expect(seqs(reader).at(-1)).toBe(start + 25_000), {
    timeout: 40_000,
    interval: 200,
  });
  expect(seqs(reader)).toHaveLength(25_000);
  const gone = once(slow, 'close');
  slow.resume();
  await gone;
});

it('lets go of a client that neither reads nor has a key any more, without harm to the process', {
  timeout: 60_000,
}, async () => {
  const key = await addAdminKey(app, ['ticket:read']);
  const { port, hostname } = new URL(url);
  const slow = connect({ port: Number(port), host: hostname });
  await once(slow, 'connect');
  slow.pause();
  const path = TICKETS.replace('conversations/tickets', 'events/stream');
  slow.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n\r\n`);
  await vi.waitFor(async () => expect(await clients()).toBe(1));
  // Enough to fill what the kernel buffers, below what lets a slow client go.
  await sql`
    insert into events (project_id, name, resource_id, resource_version, actor, payload, created_at)
    select 1, 'tickets.update', repeat('x', 600), 1, '{}', '{}', now() from generate_series(1, 4000)`.execute(
    app.database.kysely,
  );
  app.parley.wakeSequencer();
  await sql`delete from api_keys where scopes = array['ticket:read']`.execute(app.database.kysely);
  await vi.waitFor(async () => expect(await clients()).toBe(0), { timeout: 10_000 });
  for (let i = 0; i < 5; i += 1) await createTicket(app);
  expect((await app.request('GET', TICKETS)).status).toBe(200);
  slow.destroy();
});
