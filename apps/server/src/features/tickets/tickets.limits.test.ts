import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTicket, customerWrites, reply, TICKETS, ticketPath } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedTickets } from '../../testing/ticket-rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const cursorOf = (value: unknown) =>
  encodeURIComponent(Buffer.from(JSON.stringify(value)).toString('base64url'));

describe('tickets.bulk_update_tags', () => {
  it('takes the most it allows: ten thousand changes in one request', { timeout: 120_000 }, async () => {
    await seedTickets(
      app,
      Array.from({ length: 100 }, () => ({})),
    );
    const rows = await app.database.kysely
      .selectFrom('tickets')
      .select('id')
      .where('project_id', '=', 1)
      .execute();
    const ids = rows.slice(0, 100).map((row) => row.id);
    const tags = Array.from({ length: 100 }, (_, index) => `tag-${index}`);
    const answer = await app.request('POST', `${TICKETS}bulk_update_tags/`, {
      body: { ids, action: 'add', tags },
    });
    expect(answer.status).toBe(200);
    const { rows: counted } = await sql<{ n: number }>`
      select count(*)::integer as n from activities where project_id = 1`.execute(app.database.kysely);
    expect(counted[0]?.n).toBe(10_000);
    const cleared = await app.request('POST', `${TICKETS}bulk_update_tags/`, {
      body: { ids, action: 'set', tags: [] },
    });
    expect(cleared.status).toBe(200);
  });
});

describe('cursors that nobody handed out', () => {
  it.each([
    '2026-01-01T00:00:00.000+20:00',
    '2026-01-01T00:00:00.000-16:00',
    '2026-01-01T09:00:00,123Z',
    '2026-02-31T00:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
  ])('%s is no reason for a server error', async (value) => {
    const ticket = await createTicket(app);
    for (const column of ['updated_at', 'sla_due_at']) {
      const list = await app.request('GET', `${TICKETS}?cursor=${cursorOf([column, true, value, 3, false])}`);
      expect(list.status).toBe(200);
    }
    const cursor = encodeURIComponent(Buffer.from(`>${value}`).toString('base64url'));
    expect((await app.request('GET', ticketPath(ticket.id, `messages/?cursor=${cursor}`))).status).toBe(200);
  });
});

describe('tickets.restore', () => {
  it('finds nothing when the 30 days are over, whether the purge came by or not', async () => {
    const [kept, lost] = [await createTicket(app), await createTicket(app)];
    await app.request('DELETE', ticketPath(lost.id));
    app.clock.advance(1000);
    await app.request('DELETE', ticketPath(kept.id));
    app.clock.advance(30 * 24 * 3_600_000 - 500);
    expect((await app.request('POST', ticketPath(kept.id, 'restore/'))).status).toBe(200);
    expect((await app.request('POST', ticketPath(lost.id, 'restore/'))).status).toBe(404);
  });
});

describe('tickets.unread_count', () => {
  it('keeps no sum that a change overtook', async () => {
    const ticket = await createTicket(app, { message: 'one' });
    const { cache } = app.parley.shared;
    const path = `${TICKETS}unread_count/`;
    const before = (await app.request<{ count: number }>('GET', path)).body.count;
    await cache.delete('conversations:unread_count:1');
    // The first reader is held between reading the sum and keeping it, while a customer writes.
    const set = cache.set.bind(cache);
    cache.set = async (key, value, ttl) => {
      if (/^\d+$/.test(value)) throw new Error('A sum was kept although it was overtaken.');
      await set(key, value, ttl);
      cache.set = async (later, sum, time) => {
        expect(/^\d+$/.test(sum)).toBe(false);
        await set(later, sum, time);
      };
      await customerWrites(app, ticket.id, 'overtaking');
    };
    await app.request('GET', path);
    cache.set = set;
    expect((await app.request<{ count: number }>('GET', path)).body.count).toBe(before + 1);
  });
});

describe('updated_at', () => {
  it('never goes backwards, whichever clock is behind', async () => {
    const ticket = await createTicket(app);
    app.clock.advance(60_000);
    const patched = await app.request<{ updated_at: string }>('PATCH', ticketPath(ticket.id), { body: {} });
    app.clock.advance(-30_000);
    await reply(app, ticket.id, 'from a node whose clock is behind');
    const now = await app.request<{ updated_at: string }>('GET', ticketPath(ticket.id));
    expect(now.body.updated_at).toBe(patched.body.updated_at);
    app.clock.advance(30_000);
  });
});
