import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countCacheDrops } from '../../testing/cache-drops.ts';
import {
  addKey,
  addUser,
  customerWrites,
  eventNames,
  getTicket,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { listTickets, matchingNumbers, seedTicket } from '../../testing/ticket-rows.ts';
import { unreadCountKey } from './tickets.unread-count.service.ts';

let app: TestApp;
let viewer: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  viewer = await addKey(app, (await addUser(app, 'viewer@example.com', { access: 'viewer' })).id);
});
afterAll(() => app.close());

async function storedUnread(id: string): Promise<number | undefined> {
  const row = await app.database.kysely
    .selectFrom('tickets')
    .select('unread_team_count')
    .where('project_id', '=', 1)
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.unread_team_count;
}

const retrieve = (id: string | number, query = '', key?: string) =>
  app.request<Ticket>('GET', ticketPath(id, query), key ? { key } : {});

describe('tickets.retrieve', () => {
  it('case 8: shows 0 unread and stores it', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    const { status, body } = await retrieve(id);
    expect([status, body.unread_team_count, await storedUnread(id)]).toEqual([200, 0, 0]);
  });

  it('leaves updated_at alone, moves the version, and says that the ticket was read', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    const before = await getTicket(app, id);
    app.clock.advance(1000);
    const { body } = await retrieve(id);
    expect(body).toEqual({ ...before, unread_team_count: 0, version: before.version + 1 });
    expect(await eventNames(app, id)).toEqual(['tickets.read']);
  });

  it('case 9: drops the cached unread count exactly once', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 3 });
    const cache = countCacheDrops(app, unreadCountKey(1));
    await retrieve(id);
    expect(cache.drops).toBe(1);
  });

  it('case 10: writes nothing and leaves the cache alone when nothing is unread', async () => {
    const { id, ticket_number } = await seedTicket(app, { unread_team_count: 0 });
    const cache = countCacheDrops(app, unreadCountKey(1));
    const { body } = await retrieve(ticket_number);
    expect([body.version, cache.drops]).toEqual([1, 0]);
    expect(await eventNames(app, id)).toEqual([]);
  });

  it('with mark_read=false shows the counter and leaves it (decision 19)', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    const cache = countCacheDrops(app, unreadCountKey(1));
    const { body } = await retrieve(id, '?mark_read=false');
    expect([body.unread_team_count, await storedUnread(id), cache.drops]).toEqual([5, 5, 0]);
  });

  it('case 20: a viewer sees the ticket and clears nothing', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    const cache = countCacheDrops(app, unreadCountKey(1));
    const { status, body } = await retrieve(id, '', viewer);
    expect([status, body.unread_team_count, body.user_access_level]).toEqual([200, 5, 'viewer']);
    expect([await storedUnread(id), cache.drops]).toEqual([5, 0]);
  });

  it('two readers at once clear it once', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    const shown = await Promise.all([retrieve(id), retrieve(id), retrieve(id)]);
    expect(shown.map(({ body }) => body.unread_team_count)).toEqual([0, 0, 0]);
    expect(await eventNames(app, id)).toEqual(['tickets.read']);
  });
});

describe('tickets.read', () => {
  it('marks as read and answers with the ticket', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    const { status, body } = await app.request<Ticket>('POST', ticketPath(id, 'read/'));
    expect([status, body.unread_team_count, await storedUnread(id)]).toEqual([200, 0, 0]);
  });

  it('by a viewer leaves the shared counter and sets their own mark', async () => {
    const { id, ticket_number } = await seedTicket(app);
    await customerWrites(app, id, 'hello');
    expect(await matchingNumbers(app, { unread: 'mine' }, viewer)).toContain(ticket_number);
    const { status, body } = await app.request<Ticket>('POST', ticketPath(id, 'read/'), { key: viewer });
    expect([status, body.unread_team_count]).toEqual([200, 1]);
    expect(await matchingNumbers(app, { unread: 'mine' }, viewer)).not.toContain(ticket_number);
  });
});

describe('unread marks of each agent (decision 27)', () => {
  it('reading clears the counter for all and the mark for the reader alone', async () => {
    const { id, ticket_number } = await seedTicket(app);
    const colleague = await addKey(app, (await addUser(app, 'colleague@example.com')).id);
    await customerWrites(app, id, 'hello');
    await retrieve(id);
    expect(await matchingNumbers(app, { unread: 'true' })).not.toContain(ticket_number);
    expect(await matchingNumbers(app, { unread: 'mine' })).not.toContain(ticket_number);
    expect(await matchingNumbers(app, { unread: 'mine' }, colleague)).toContain(ticket_number);
    await retrieve(id, '', colleague);
    expect(await matchingNumbers(app, { unread: 'mine' }, colleague)).not.toContain(ticket_number);
    app.clock.advance(1);
    await customerWrites(app, id, 'are you there?');
    expect(await matchingNumbers(app, { unread: 'mine' })).toContain(ticket_number);
    expect(await matchingNumbers(app, { unread: 'mine' }, colleague)).toContain(ticket_number);
  });
});

describe('lists leave the counter alone', () => {
  it('case 11: listing tickets', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    const { results } = await listTickets(app, { ids: id });
    expect([results[0]?.unread_team_count, await storedUnread(id)]).toEqual([5, 5]);
  });

  it('case 12: listing messages', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    const { status } = await app.request('GET', ticketPath(id, 'messages/'));
    expect([status, await storedUnread(id)]).toEqual([200, 5]);
  });
});
