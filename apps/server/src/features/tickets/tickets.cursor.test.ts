import { ORDER_COLUMNS } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import {
  followPage,
  type ListQuery,
  listedNumbers,
  listTickets,
  seedTickets,
  type TicketPage,
} from '../../testing/ticket-rows.ts';
import { encodeCursor } from './tickets.cursor.ts';

const TOTAL = 47;
const HOUR = 3_600_000;
const ORDERS = ORDER_COLUMNS.flatMap((column) => [column, `-${column}`]);

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  // Few different instants, so that most keys are shared; a third of the tickets has none.
  const at = (index: number) => new Date(app.clock.now().getTime() + (index % 4) * HOUR);
  const maybe = (index: number) => (index % 3 === 0 ? null : at(index));
  await seedTickets(
    app,
    Array.from({ length: TOTAL }, (_, index) => ({
      status: index % 5 ? ('open' as const) : ('resolved' as const),
      updated_at: at(index),
      created_at: at(index + 1),
      sla_due_at: maybe(index),
      snoozed_until: maybe(index + 1),
    })),
  );
});
afterAll(() => app.close());

const numbersOf = (page: TicketPage) => page.results.map((ticket) => ticket.ticket_number);

/** Walks the links of a page until they end. */
async function walk(from: TicketPage, direction: 'next' | 'previous'): Promise<TicketPage[]> {
  const pages: TicketPage[] = [];
  for (let link = from[direction]; link !== null; ) {
    const page = await followPage(app, link);
    pages.push(page);
    link = page[direction];
    expect(pages.length).toBeLessThan(100);
  }
  return pages;
}

describe('cursor', () => {
  it.each(ORDERS)('walks all tickets by %s, forth and back, as offsets do', async (order_by) => {
    for (const query of [{ order_by }, { order_by, status: 'resolved' }] satisfies ListQuery[]) {
      const expected = await listedNumbers(app, query);
      for (const limit of [1, 4, expected.length, expected.length + 1]) {
        const first = await listTickets(app, { ...query, limit, cursor: '' });
        const forth = [first, ...(await walk(first, 'next'))];
        expect(forth.flatMap(numbersOf)).toEqual(expected);
        expect([first.previous, forth.length]).toEqual([null, Math.ceil(expected.length / limit)]);
        expect(new Set(forth.map(({ count }) => count))).toEqual(new Set([expected.length]));
        const back = await walk(forth.at(-1) ?? first, 'previous');
        expect(back.map(numbersOf)).toEqual(forth.slice(0, -1).reverse().map(numbersOf));
      }
    }
  });

  it('links carry the cursor instead of an offset, and the rest sorted', async () => {
    const { next } = await listTickets(app, { status: 'open', offset: 3, limit: 5, cursor: '' });
    expect([...new URL(next ?? '').searchParams.keys()]).toEqual(['cursor', 'limit', 'status']);
  });

  it('keeps its place while tickets come and go', async () => {
    const first = await listTickets(app, { order_by: '-ticket_number', limit: 10, cursor: '' });
    const [fresh] = await seedTickets(app, [{}]);
    const second = await followPage(app, first.next ?? '');
    expect(numbersOf(second)[0]).toBe((numbersOf(first).at(-1) ?? 0) - 1);
    const before = await followPage(app, second.previous ?? '');
    expect(numbersOf(before)).toEqual(numbersOf(first));
    expect(numbersOf(await followPage(app, before.previous ?? ''))).toEqual([fresh?.ticket_number]);
    await app.database.kysely
      .deleteFrom('tickets')
      .where('ticket_number', '=', fresh?.ticket_number ?? 0)
      .execute();
  });

  it('one this server did not write starts at the beginning', async () => {
    const beginning = numbersOf(await listTickets(app, { limit: 5, cursor: '' }));
    const forged = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    const cursors = [
      'nonsense',
      '%00',
      'é',
      forged(null),
      forged({}),
      forged(['password', true, '2026-01-01T00:00:00.000Z', 1, false]),
      forged(['updated_at', true, '1', 1, false]),
      forged(['updated_at', true, '0000-01-01T00:00:00.000Z', 1, false]),
      forged(['updated_at', true, '+275760-09-13T00:00:00.000Z', 1, false]),
      forged(['updated_at', true, "'; drop table tickets; --", 1, false]),
      forged(['updated_at', true, '2026-01-01T00:00:00.000Z', 1e10, false]),
      forged(['updated_at', true, '2026-01-01T00:00:00.000Z', '1', false]),
      forged(['updated_at', true, 7, 1, false]),
      'A'.repeat(10_000),
    ];
    for (const cursor of cursors) {
      expect([cursor, numbersOf(await listTickets(app, { limit: 5, cursor }))]).toEqual([cursor, beginning]);
    }
  });

  it('at the edges of what dates can be finds what is beyond', async () => {
    for (const value of ['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', null]) {
      for (const column of ORDER_COLUMNS) {
        const order = { column, descending: true };
        const cursor = encodeCursor({ order, value, number: 2_147_483_647, backward: false });
        const { count } = await listTickets(app, { cursor, limit: 1 });
        expect(count).toBe(TOTAL);
      }
    }
  });
});
