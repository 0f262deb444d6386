import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import {
  listedNumbers,
  listTickets,
  type SeededTicket,
  seedTickets,
  type TicketSeed,
} from '../../testing/ticket-rows.ts';

const HOUR = 3_600_000;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.database.kysely.deleteFrom('tickets').execute();
});

const inHours = (hours: number) => new Date(app.clock.now().getTime() + hours * HOUR);

/** Positions, in the order they were seeded, of the tickets as listed. */
async function orderOf(seeded: readonly SeededTicket[], order_by?: string): Promise<number[]> {
  const numbers = await listedNumbers(app, order_by === undefined ? {} : { order_by });
  return numbers.map((number) => seeded.findIndex((ticket) => ticket.ticket_number === number));
}

describe('order_by', () => {
  it('case 30: sla_due_at lists what is due first, and -sla_due_at last', async () => {
    const seeded = await seedTickets(app, [{ sla_due_at: inHours(5) }, { sla_due_at: inHours(1) }]);
    expect(await orderOf(seeded, 'sla_due_at')).toEqual([1, 0]);
    expect(await orderOf(seeded, '-sla_due_at')).toEqual([0, 1]);
  });

  it('case 31: tickets without the date come last, either way', async () => {
    for (const column of ['sla_due_at', 'snoozed_until'] as const) {
      await app.database.kysely.deleteFrom('tickets').execute();
      const seeds: TicketSeed[] = [{}, { [column]: inHours(1) }, {}, { [column]: inHours(5) }];
      const seeded = await seedTickets(app, seeds);
      expect(await orderOf(seeded, column)).toEqual([1, 3, 2, 0]);
      expect(await orderOf(seeded, `-${column}`)).toEqual([3, 1, 2, 0]);
    }
  });

  it('sorts by each of the other columns', async () => {
    const seeded = await seedTickets(app, [
      { created_at: inHours(-3), updated_at: inHours(-1) },
      { created_at: inHours(-1), updated_at: inHours(-2) },
      { created_at: inHours(-2), updated_at: inHours(-3) },
    ]);
    expect(await orderOf(seeded, 'created_at')).toEqual([0, 2, 1]);
    expect(await orderOf(seeded, '-created_at')).toEqual([1, 2, 0]);
    expect(await orderOf(seeded, 'updated_at')).toEqual([2, 1, 0]);
    expect(await orderOf(seeded, 'ticket_number')).toEqual([0, 1, 2]);
    expect(await orderOf(seeded, '-ticket_number')).toEqual([2, 1, 0]);
  });

  it('case 56: anything else is newest updated first', async () => {
    const seeded = await seedTickets(app, [
      { updated_at: inHours(-1) },
      { updated_at: inHours(-2) },
      { updated_at: inHours(0) },
    ]);
    for (const order of [undefined, '', 'nonsense', '--updated_at', 'id', 'updated_at desc', 'status']) {
      expect([order, await orderOf(seeded, order)]).toEqual([order, [2, 0, 1]]);
    }
  });

  it('case 32: equal keys go by the higher number, and pages do not overlap', async () => {
    const due = inHours(2);
    const seeded = await seedTickets(app, Array(25).fill({ sla_due_at: due, snoozed_until: due }));
    const expected = seeded.map((ticket) => ticket.ticket_number).reverse();
    for (const column of ['updated_at', 'created_at', 'sla_due_at', 'snoozed_until']) {
      for (const order_by of [column, `-${column}`]) {
        const pages: number[] = [];
        for (let offset = 0; offset < 25; offset += 10) {
          const { results } = await listTickets(app, { order_by, limit: 10, offset });
          pages.push(...results.map((ticket) => ticket.ticket_number));
        }
        expect([order_by, pages]).toEqual([order_by, expected]);
      }
    }
  });
});
