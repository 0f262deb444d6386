import type { ErrorBody } from '@parley/contract/errors';
import type { ScheduledReply } from '@parley/contract/scheduled-reply';
import type { PageOf } from '@parley/contract/schemas';
import type { Ticket } from '@parley/contract/tickets';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { merge } from '#features/ticket-merge/testing.ts';
import {
  addAdminKey,
  addKey,
  addUser,
  createTicket,
  eventsOf,
  getTicket,
  listMessages,
  type TestUser,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { SCHEDULED, schedule, sweep, watch } from './testing.ts';

let app: TestApp;
let ben: TestUser;
let bens: string;
let replying: string;
let ticket: Ticket;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ben = await addUser(app, 'ben@example.com');
  bens = await addKey(app, ben.id);
  replying = await addAdminKey(app, ['ticket:reply']);
});
beforeEach(async () => {
  await sql`delete from scheduled_replies where project_id = 1`.execute(app.database.kysely);
  ticket = await createTicket(app);
});
afterAll(() => app.close());

const path = (id: string, below = '') => `${SCHEDULED}${id}/${below}`;
const call = (method: string, address: string, key?: string, body?: object) =>
  app.request<ScheduledReply & ErrorBody>(method, address, {
    ...(key ? { key } : {}),
    ...(body ? { body } : {}),
  });
const retrieve = async (id: string) => (await call('GET', path(id))).body;
const texts = async () => (await listMessages(app, ticket.id)).map(({ content }) => content);
async function whenDue(): Promise<void> {
  app.clock.advance(10_000);
  await sweep(app);
}
const lacks = (answer: { status: number; body: ErrorBody }) =>
  expect(answer).toMatchObject({
    status: 403,
    body: { code: 'permission_denied', detail: "API key missing required scope 'ticket:write'." },
  });

describe('a key with ticket:reply alone', () => {
  it('writes to the customer, and neither notes nor the status', async () => {
    lacks(await schedule(app, ticket, { is_private: true }, replying));
    lacks(await schedule(app, ticket, { set_status: 'resolved' }, replying));
    lacks(await schedule(app, ticket, { set_status: 'resolved', undo_seconds: 0 }, replying));
    lacks(await schedule(app, ticket, { is_private: true, undo_seconds: 0 }, replying));
    const note = { scope: 'conversations_ticket', item_id: ticket.id, item_context: { is_private: true } };
    const comments = '/api/projects/1/comments/';
    lacks(await call('POST', comments, replying, { content: 'Among us', ...note }));
    expect(await listMessages(app, ticket.id)).toEqual([]);
    expect((await getTicket(app, ticket.id)).status).toBe('new');
    expect((await schedule(app, ticket, {}, replying)).status).toBe(202);
  });

  it('changes its user’s scheduled replies alone, and makes no more of them', async () => {
    const { body: other } = await schedule(app, ticket, {}, bens);
    lacks(await call('DELETE', path(other.id), replying));
    expect((await call('PATCH', path(other.id), replying, { message: 'x' })).status).toBe(403);
    const { body: own } = await schedule(app, ticket, {}, replying);
    lacks(await call('PATCH', path(own.id), replying, { set_status: 'resolved' }));
    expect((await call('PATCH', path(own.id), replying, { message: 'Better' })).status).toBe(200);
    expect((await call('DELETE', path(own.id), replying)).status).toBe(204);
    const { body: note } = await schedule(app, ticket, { is_private: true });
    lacks(await call('PATCH', path(note.id), replying, { message: 'x' }));
    lacks(await call('POST', path(note.id, 'send_now/'), replying));
    const writing = await addAdminKey(app, ['ticket:write']);
    expect((await call('DELETE', path(other.id), writing)).status).toBe(204);
  });
});

describe('a scheduled reply whose key was revoked', () => {
  const revoke = (token: string) =>
    sql`
    delete from api_keys where mask = ${`${token.slice(0, 4)}...${token.slice(-4)}`}`.execute(
      app.database.kysely,
    );

  it.each(['at once', 'only when it is due'])('is held, and seen: %s', async (when) => {
    const key = await addKey(app, ben.id, ['ticket:reply']);
    const { body } = await schedule(app, ticket, {}, key);
    expect(await watch(app)).toBe(0);
    await revoke(key);
    if (when === 'at once') expect(await watch(app)).toBe(1);
    await whenDue();
    expect(await retrieve(body.id)).toMatchObject({ state: 'held', reason: 'key_revoked' });
    expect((await eventsOf(app, ticket.id)).at(-1)).toMatchObject({ name: 'scheduled_replies.hold' });
    expect(await texts()).toEqual([]);
    expect((await call('POST', path(body.id, 'send_now/'), bens)).status).toBe(201);
  });

  it('is held too when its key may no longer do this', async () => {
    const key = await addKey(app, ben.id, ['ticket:reply']);
    const { body } = await schedule(app, ticket, {}, key);
    await sql`update api_keys set scopes = '{ticket:read}' where user_id = ${ben.id} and scopes = '{ticket:reply}'`.execute(
      app.database.kysely,
    );
    await whenDue();
    expect(await retrieve(body.id)).toMatchObject({ state: 'held', reason: 'key_revoked' });
  });

  it('goes out once its author has taken it over', async () => {
    const key = await addKey(app, ben.id, ['ticket:reply']);
    const { body } = await schedule(app, ticket, {}, key);
    await call('PATCH', path(body.id), bens, { message: 'Mine' });
    await revoke(key);
    expect(await watch(app)).toBe(0);
    await whenDue();
    expect(await texts()).toEqual(['Mine']);
  });
});

describe('#scheduled_replies.list', () => {
  const list = async (query: string, key?: string) =>
    app.request<PageOf<ScheduledReply> & ErrorBody>('GET', `${SCHEDULED}${query}`, key ? { key } : {});
  const idsOf = async (query: string, key?: string) =>
    (await list(query, key)).body.results.map(({ id }) => id);

  it('shows a manager everybody’s, or one user’s, and lets them take it back', async () => {
    const { body: theirs } = await schedule(app, ticket, {}, bens);
    const { body: mine } = await schedule(app, ticket, { undo_seconds: 20 });
    expect(await idsOf('')).toEqual([mine.id]);
    expect(await idsOf('?user=@me')).toEqual([mine.id]);
    expect(await idsOf('?user=all')).toEqual([theirs.id, mine.id]);
    expect(await idsOf(`?user=${ben.id}`)).toEqual([theirs.id]);
    expect(await idsOf(`?ticket=${ticket.id}&user=${ben.id}`, bens)).toEqual([theirs.id]);
    expect(await idsOf(`?user=${ben.id}`, bens)).toEqual([theirs.id]);
    for (const user of ['all', '1', '2147483647'])
      expect((await list(`?user=${user}`, bens)).status).toBe(403);
    for (const user of ['', 'ben', '0', '-1', '99999999999', '2147483648'])
      expect(await list(`?user=${user}`)).toMatchObject({ status: 400, body: { attr: 'user' } });
    expect((await call('DELETE', path(theirs.id))).status).toBe(204);
  });

  it('shows on a ticket also those on tickets merged into it', async () => {
    const target = await createTicket(app);
    const { body: moved } = await schedule(app, ticket);
    const { body: own } = await schedule(app, target, { undo_seconds: 20 });
    const merged = await merge(app, ticket.id, { target: target.id, allow_different_customers: true });
    expect(merged.status).toBe(200);
    expect(await idsOf(`?ticket=${target.id}`)).toEqual([moved.id, own.id]);
    expect(await idsOf(`?ticket=${ticket.id}`)).toEqual([moved.id]);
    expect((await call('DELETE', path(moved.id))).status).toBe(204);
    expect((await app.request('GET', ticketPath(target.id))).status).toBe(200);
  });
});
