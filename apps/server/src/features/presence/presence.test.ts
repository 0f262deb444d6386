import { type Presence, presence } from '@parley/contract/presence';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStream, type StreamReader } from '../../testing/event-stream.ts';
import {
  addAdminKey,
  addKey,
  addTenant,
  addUser,
  createTicket,
  type Tenant,
  type TestUser,
  TICKETS,
  ticketPath,
} from '../../testing/fixtures.ts';
import { shapeErrors } from '../../testing/shape.ts';
import { API_KEY, createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
let url: string;
let tenant: Tenant;
let ana: TestUser;
let anaKey: string;
let ticket: string;
const open: StreamReader[] = [];

beforeAll(async () => {
  app = await createTestApp({ roles: ['http', 'realtime', 'scheduler'] });
  url = await app.listen();
  tenant = await addTenant(app, 'elsewhere');
  ana = await addUser(app, 'ana@example.com', { firstName: 'Ana', access: 'viewer' });
  anaKey = await addKey(app, ana.id);
});
beforeEach(async () => {
  ticket = (await createTicket(app)).id;
});
afterEach(() => {
  for (const reader of open.splice(0)) reader.stop();
});
afterAll(() => app.close());

type Answer = { results: Presence[]; code?: string; attr?: string };
const put = (body: unknown, key = anaKey, id: string | number = ticket) =>
  app.request<Answer>('PUT', ticketPath(id, 'presence/'), { key, body });
const list = async (id = ticket, key = API_KEY) =>
  (await app.request<Answer>('GET', ticketPath(id, 'presence/'), { key })).body.results;
const shown = async (id = ticket) => (await list(id)).map(({ actor, state }) => `${actor.name} ${state}`);
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000 });

async function follow(key = API_KEY, { clientId = '', after }: { clientId?: string; after?: number } = {}) {
  const reader = await openStream(url, key, after, clientId);
  open.push(reader);
  await until(() => expect(reader.events.length).toBeGreaterThan(0));
  return reader;
}
const heard = (reader: StreamReader) =>
  reader.events.filter(({ event, data }) => event === 'presence' && data.ticket_id === ticket);
const states = (reader: StreamReader) => heard(reader).map(({ data }) => data.state);

describe('presence.update', () => {
  it('says who is there, for half a minute; a viewer may', async () => {
    const { status, body } = await put({ state: 'viewing' });
    expect(status).toBe(200);
    expect(shapeErrors(presence.update.responses[200], body)).toEqual([]);
    const now = app.clock.now().getTime();
    expect(await list()).toEqual([
      {
        ticket_id: ticket,
        actor: { kind: 'user', user_id: ana.id, name: 'Ana' },
        state: 'viewing',
        since: new Date(now).toISOString(),
        expires_at: new Date(now + 30_000).toISOString(),
      },
    ]);
    app.clock.advance(20_000);
    await put({ state: 'typing' });
    expect((await list())[0]).toMatchObject({ state: 'typing', since: new Date(now).toISOString() });
    app.clock.advance(29_999);
    expect(await shown()).toEqual(['Ana typing']);
    app.clock.advance(1);
    expect(await shown()).toEqual([]);
  });

  it('shows the most of what somebody does in several windows', async () => {
    expect((await put({ state: 'viewing', client_id: 'a phone' })).body).toMatchObject({
      code: 'invalid_input',
      attr: 'client_id',
    });
    await put({ state: 'viewing', client_id: 'phone' });
    await put({ state: 'replying', client_id: 'desk' });
    expect(await shown()).toEqual(['Ana replying']);
    await put({ state: 'typing', client_id: 'phone' });
    expect(await shown()).toEqual(['Ana typing']);
    await put({ state: 'gone', client_id: 'phone' });
    expect(await shown()).toEqual(['Ana replying']);
    await put({ state: 'gone', client_id: 'desk' });
    expect(await shown()).toEqual([]);
  });

  it('writes nothing', async () => {
    const before = app.statements.length;
    await put({ state: 'typing' });
    expect(app.statements.slice(before).filter((text) => /^\s*(insert|update|delete)/i.test(text))).toEqual(
      [],
    );
  });

  it('keeps somebody on the last 20 tickets they were on', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 21; n += 1) ids.push((await createTicket(app)).id);
    for (const id of ids) await put({ state: 'viewing' }, anaKey, id);
    expect(await shown(ids[0])).toEqual([]);
    expect(await shown(ids[1])).toEqual(['Ana viewing']);
    expect(await shown(ids[20])).toEqual(['Ana viewing']);
  });

  it.each([
    ['no state', {}, 'state'],
    ['a state there is not', { state: 'dancing' }, 'state'],
    ['a strange client', { state: 'viewing', client_id: 'a:b\u0000' }, 'client_id'],
    ['a long client', { state: 'viewing', client_id: 'x'.repeat(65) }, 'client_id'],
    ['half a letter', { state: 'viewing', client_id: '\ud800' }, 'client_id'],
  ])('refuses %s', async (_, body, attr) => {
    const refused = await put(body);
    expect([refused.status, refused.body.attr]).toEqual([400, attr]);
    expect(await shown()).toEqual([]);
  });

  it('needs a ticket that is there and ticket:write', async () => {
    const theirs = await app.request<{ id: string }>('POST', tenant.tickets, { key: tenant.key, body: {} });
    expect((await put({ state: 'viewing' }, anaKey, theirs.body.id)).status).toBe(404);
    expect((await put({ state: 'viewing' }, await addAdminKey(app, ['ticket:read']))).status).toBe(403);
    await app.request('DELETE', ticketPath(ticket));
    expect((await put({ state: 'viewing' })).status).toBe(404);
  });
});

describe('presence.list_many', () => {
  const many = (tickets: string, key = API_KEY, path = TICKETS) =>
    app.request<Answer>('GET', `${path}presence/?tickets=${tickets}`, { key });

  it('answers for several tickets, and nothing of other projects', async () => {
    const other = (await createTicket(app)).id;
    await put({ state: 'viewing' });
    await put({ state: 'typing' }, API_KEY, other);
    const { body } = await many(`${ticket},${other.toUpperCase()},01900000-0000-7000-8000-000000000000`);
    expect(body.results.map(({ ticket_id, state }) => [ticket_id, state])).toEqual([
      [ticket, 'viewing'],
      [other, 'typing'],
    ]);
    expect((await many(`${ticket},${other}`, tenant.key, tenant.tickets)).body.results).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['no uuid', '7'],
    [
      'too many',
      Array(101)
        .fill(0)
        .map((_, n) => n)
        .join(),
    ],
  ])('refuses %s', async (_, tickets) => {
    const { status, body } = await many(tickets);
    expect([status, body.attr]).toEqual([400, 'tickets']);
  });
});

describe('streams', () => {
  it('hear of it without a number, so that resuming is as before', async () => {
    const reader = await follow();
    await put({ state: 'viewing' });
    await until(() => expect(states(reader)).toEqual(['viewing']));
    expect(heard(reader)[0]).toEqual({
      id: Number.NaN,
      event: 'presence',
      data: { ticket_id: ticket, actor: { kind: 'user', user_id: ana.id, name: 'Ana' }, state: 'viewing' },
    });
    const last = reader.events.findLast(({ id }) => !Number.isNaN(id))?.id ?? 0;
    reader.stop();
    await createTicket(app);
    const again = await follow(API_KEY, { after: last });
    const numbers = () => again.events.map(({ id }) => id).filter((id) => !Number.isNaN(id));
    await until(() => expect(numbers()).toEqual([last, last + 1]));
  });

  it('hear of changes only, and of the last one when they come fast', async () => {
    const reader = await follow();
    for (const state of ['viewing', 'viewing', 'replying', 'typing', 'viewing', 'typing'])
      await put({ state });
    await until(() => expect(states(reader).at(-1)).toBe('typing'));
    await put({ state: 'gone' });
    await until(() => expect(states(reader).at(-1)).toBe('gone'));
    expect(states(reader).length).toBeLessThan(6);
  });

  it('hear when somebody was not heard of any more', async () => {
    const reader = await follow();
    await put({ state: 'typing' });
    await until(() => expect(states(reader)).toEqual(['typing']));
    app.clock.advance(30_000);
    await until(() => expect(states(reader)).toEqual(['typing', 'gone']));
  });

  it('take their window along when they close, and no other', async () => {
    const [watcher, phone, desk] = [
      await follow(),
      await follow(anaKey, { clientId: 'phone' }),
      await follow(anaKey, { clientId: 'desk' }),
    ];
    await put({ state: 'typing', client_id: 'phone' });
    await put({ state: 'viewing', client_id: 'desk' });
    phone.stop();
    await until(async () => expect(await shown()).toEqual(['Ana viewing']));
    desk.stop();
    await until(async () => expect(await shown()).toEqual([]));
    await until(() => expect(states(watcher).at(-1)).toBe('gone'));
  });
});
