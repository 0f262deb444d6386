import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { openStream, type StreamReader } from '../../testing/event-stream.ts';
import { addKey, addUser, createTicket, type TestUser, ticketPath } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const PATH = '/api/projects/1/conversations/notifications/';

let app: TestApp;
let url: string;
let ana: TestUser;
let keys: { ana: string; ben: string };
const open: StreamReader[] = [];
beforeAll(async () => {
  app = await createTestApp();
  url = await app.listen();
  ana = await addUser(app, 'ana@example.com');
  const ben = await addUser(app, 'ben@example.com');
  keys = { ana: await addKey(app, ana.id), ben: await addKey(app, ben.id) };
});
afterEach(() => {
  for (const reader of open.splice(0)) reader.stop();
});
afterAll(() => app.close());

async function follow(key: string): Promise<StreamReader> {
  const reader = await openStream(url, key);
  open.push(reader);
  await vi.waitFor(() => expect(reader.events.length).toBeGreaterThan(0));
  return reader;
}
const personal = (reader: StreamReader) => reader.events.filter(({ event }) => event === 'personal');
const names = (reader: StreamReader) => personal(reader).map(({ data }) => data.name);
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000 });

it('all windows of a user hear of their notifications, and nobody else does', async () => {
  const [first, second, other] = [await follow(keys.ana), await follow(keys.ana), await follow(keys.ben)];
  const { id } = await createTicket(app, { assignee: { type: 'user', id: ana.id } });
  for (const reader of [first, second])
    await until(() => expect(names(reader)).toEqual(['notifications.create']));
  expect(personal(first)[0]).toEqual({
    id: Number.NaN,
    event: 'personal',
    data: { name: 'notifications.create', ticket_id: null },
  });
  const count = await app.request<{ count: number }>('GET', `${PATH}unread_count/`, { key: keys.ana });
  expect(count.body).toEqual({ count: 1 });
  await app.request('GET', ticketPath(id), { key: keys.ana });
  await until(() => expect(names(second)).toEqual(['notifications.create', 'notifications.update']));
  await app.request('POST', ticketPath(id, 'unread/'), { key: keys.ana, body: {} });
  await until(() =>
    expect(personal(second).at(-1)?.data).toEqual({ name: 'tickets.mark_unread', ticket_id: id }),
  );
  // What everybody hears, after all of the above.
  await app.request('POST', ticketPath(id, 'followers/'), { key: keys.ana, body: {} });
  await until(() => expect(other.events.map(({ event }) => event)).toContain('followers.add'));
  expect(personal(other)).toEqual([]);
});
