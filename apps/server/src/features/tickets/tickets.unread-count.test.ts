import type { Ticket } from '@parley/contract/tickets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countCacheDrops } from '../../testing/cache-drops.ts';
import {
  addTenant,
  createTicket,
  customerWrites,
  reply,
  setProject,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedTicket, seedTickets } from '../../testing/ticket-rows.ts';
import { unreadCountKey } from './tickets.unread-count.service.ts';

let app: TestApp;
beforeEach(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterEach(() => app.close());

async function unreadCount(): Promise<unknown> {
  const { status, body } = await app.request<unknown>('GET', `${TICKETS}unread_count/`);
  expect(status).toBe(200);
  return body;
}

describe('tickets.unread_count', () => {
  it('case 13: is 0 without tickets', async () => {
    expect(await unreadCount()).toEqual({ count: 0 });
  });

  it('case 14: is the sum over tickets', async () => {
    await seedTickets(app, [{ unread_team_count: 3 }, { unread_team_count: 2 }]);
    expect(await unreadCount()).toEqual({ count: 5 });
  });

  it('case 15: leaves out resolved and deleted tickets, and those of other projects', async () => {
    const other = await addTenant(app, 'other');
    await seedTicket(app, { unread_team_count: 100 }, other.projectId);
    await seedTickets(app, [
      { unread_team_count: 3 },
      { status: 'resolved', unread_team_count: 5 },
      { unread_team_count: 7, deleted_at: app.clock.now() },
    ]);
    expect(await unreadCount()).toEqual({ count: 3 });
  });

  it('case 16: is 0 while Support is off', async () => {
    await seedTicket(app, { unread_team_count: 5 });
    await setProject(app, { conversations_enabled: false });
    expect(await unreadCount()).toEqual({ count: 0 });
  });

  it('is cached for 30 seconds, and no longer', async () => {
    expect(await unreadCount()).toEqual({ count: 0 });
    // Behind the server's back, so that nothing drops the cached value.
    await seedTicket(app, { unread_team_count: 4 });
    app.clock.advance(29_999);
    expect(await unreadCount()).toEqual({ count: 0 });
    app.clock.advance(1);
    expect(await unreadCount()).toEqual({ count: 4 });
  });
});

describe('what drops the cached count (decision 6)', () => {
  /** Runs a change with a warm cache; the answer is how often the key was dropped. */
  async function dropsOf(change: () => Promise<unknown>): Promise<number> {
    await unreadCount();
    const cache = countCacheDrops(app, unreadCountKey(1));
    await change();
    return cache.drops;
  }

  it('case 17: resolving a ticket, once', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    expect(await unreadCount()).toEqual({ count: 5 });
    expect(await dropsOf(() => updateTicket(app, id, { status: 'resolved' }))).toBe(1);
    expect(await unreadCount()).toEqual({ count: 0 });
  });

  it('case 18: opening a resolved one, once', async () => {
    const { id } = await seedTicket(app, { status: 'resolved', unread_team_count: 5 });
    expect(await dropsOf(() => updateTicket(app, id, { status: 'open' }))).toBe(1);
    expect(await unreadCount()).toEqual({ count: 5 });
  });

  it('case 19: not what leaves the sum as it is', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    const snoozed_until = '2026-04-01T00:00:00Z';
    const changes = [{ priority: 'high' }, { status: 'open' }, { tags: ['a'] }, { snoozed_until }, {}];
    for (const change of changes) {
      expect([change, await dropsOf(() => updateTicket(app, id, change))]).toEqual([change, 0]);
    }
    expect(await dropsOf(() => reply(app, id, 'We are on it.'))).toBe(0);
    expect(await dropsOf(() => createTicket(app))).toBe(0);
    expect(await unreadCount()).toEqual({ count: 5 });
  });

  it('a message of the customer, once, also when it opens a ticket', async () => {
    const { id } = await seedTicket(app, { status: 'resolved', unread_team_count: 2 });
    expect(await dropsOf(() => customerWrites(app, id, 'It broke again'))).toBe(1);
    expect(await unreadCount()).toEqual({ count: 3 });
    expect(await dropsOf(() => createTicket(app, { message: 'Hello' }))).toBe(1);
    expect(await unreadCount()).toEqual({ count: 4 });
  });

  it('deleting and restoring a ticket with unread messages, once each', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    expect(await dropsOf(() => app.request('DELETE', ticketPath(id)))).toBe(1);
    expect(await unreadCount()).toEqual({ count: 0 });
    expect(await dropsOf(() => app.request<Ticket>('POST', ticketPath(id, 'restore/')))).toBe(1);
    expect(await unreadCount()).toEqual({ count: 5 });
  });

  it('a change between reading the sum and keeping it: the old sum is not kept', async () => {
    const { id } = await seedTicket(app);
    const { cache } = app.parley.shared;
    const get = cache.get.bind(cache);
    let reads = 0;
    cache.get = async (key) => {
      reads += 1;
      // The second look is the one before keeping what was read.
      if (reads === 2) await customerWrites(app, id, 'Just now');
      return get(key);
    };
    expect(await unreadCount()).toEqual({ count: 0 });
    cache.get = get;
    expect(reads).toBe(2);
    expect(await unreadCount()).toEqual({ count: 1 });
  });

  it('not a change that fails', async () => {
    const { id } = await seedTicket(app, { unread_team_count: 5 });
    const failing = () =>
      app.request('PATCH', ticketPath(id), { body: { status: 'resolved', assignee: 'nobody' } });
    expect(await dropsOf(failing)).toBe(0);
    expect(await unreadCount()).toEqual({ count: 5 });
  });
});
