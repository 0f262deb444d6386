import type { Ticket } from '@parley/contract/tickets';
import type { MessagesTable, TicketsTable } from '@parley/db/schema';
import { type Insertable, sql } from 'kysely';
import { newId } from '#platform/ids.ts';
import { TICKETS } from './fixtures.ts';
import type { TestApp } from './test-app.ts';

export type TicketSeed = Partial<Omit<Insertable<TicketsTable>, 'ticket_number'>>;
export interface SeededTicket {
  id: string;
  ticket_number: number;
}

/** Rows of one statement: a statement takes at most 65,535 parameters. */
const BATCH = 500;

/** Tickets in any state, straight into the table; they get the next numbers of their project, in order. */
export async function seedTickets(
  app: TestApp,
  seeds: readonly TicketSeed[],
  projectId = 1,
): Promise<SeededTicket[]> {
  const now = app.clock.now();
  const { last_number } = await app.database.kysely
    .updateTable('ticket_counters')
    .set({ last_number: sql`last_number + ${seeds.length}` })
    .where('project_id', '=', projectId)
    .returning('last_number')
    .executeTakeFirstOrThrow();
  const rows = seeds.map((seed, index) => {
    const id = seed.id ?? newId();
    return {
      project_id: projectId,
      channel_source: 'widget' as const,
      distinct_id: id,
      status: 'new' as const,
      created_at: now,
      updated_at: now,
      ...seed,
      id,
      ticket_number: last_number - seeds.length + index + 1,
    };
  });
  for (let start = 0; start < rows.length; start += BATCH) {
    await app.database.kysely
      .insertInto('tickets')
      .values(rows.slice(start, start + BATCH))
      .execute();
  }
  return rows.map(({ id, ticket_number }) => ({ id, ticket_number }));
}

export async function seedTicket(app: TestApp, seed: TicketSeed = {}, projectId = 1): Promise<SeededTicket> {
  const [ticket] = await seedTickets(app, [seed], projectId);
  if (!ticket) throw new Error('No ticket was inserted.');
  return ticket;
}

/** A message that touches no counter and sets off no rule. */
export async function seedMessage(
  app: TestApp,
  ticketId: string,
  seed: Partial<Insertable<MessagesTable>> & { content: string },
): Promise<void> {
  const { rows } = await sql<{ at: Date }>`
    select greatest(max(created_at) + interval '1 millisecond', ${app.clock.now()}) as at
    from messages where project_id = ${seed.project_id ?? 1} and ticket_id = ${ticketId}`.execute(
    app.database.kysely,
  );
  await app.database.kysely
    .insertInto('messages')
    .values({
      project_id: 1,
      id: newId(),
      ticket_id: ticketId,
      created_at: rows[0]?.at ?? app.clock.now(),
      ...seed,
    })
    .execute();
}

export interface TicketPage {
  count: number;
  count_capped?: true;
  next: string | null;
  previous: string | null;
  results: Ticket[];
}

export type ListQuery = Record<string, string | number>;

export function listPath(query: ListQuery = {}, base = TICKETS): string {
  const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return `${base}?${parameters}`;
}

/** A page of tickets of project 1. Throws unless it is a 200. */
export async function listTickets(app: TestApp, query: ListQuery = {}, key?: string): Promise<TicketPage> {
  return followPage(app, listPath(query), key);
}

/** The page a `next` or `previous` link leads to. */
export async function followPage(app: TestApp, link: string, key?: string): Promise<TicketPage> {
  const url = new URL(link, 'http://localhost');
  const response = await app.request<TicketPage>('GET', url.pathname + url.search, key ? { key } : {});
  if (response.status !== 200) throw new Error(`${link} answered ${response.status}: ${response.text}`);
  return response.body;
}

/** The numbers of the tickets a list shows, in its order; the count must agree. */
export async function listedNumbers(app: TestApp, query: ListQuery = {}, key?: string): Promise<number[]> {
  const page = await listTickets(app, query, key);
  const numbers = page.results.map((ticket) => ticket.ticket_number);
  if (page.count !== numbers.length)
    throw new Error(`count says ${page.count} of ${numbers.length} tickets.`);
  return numbers;
}

/** Sorted, where a test is about which tickets are listed and not in what order. */
export async function matchingNumbers(app: TestApp, query: ListQuery = {}, key?: string): Promise<number[]> {
  return (await listedNumbers(app, query, key)).sort((a, b) => a - b);
}

/** Seeds tickets under names; the answer finds the names of those a query lists, in the order they were seeded. */
export async function seedNamed(app: TestApp, tickets: Record<string, TicketSeed>) {
  const seeded = await seedTickets(app, Object.values(tickets));
  const names = new Map(Object.keys(tickets).map((name, index) => [seeded[index]?.ticket_number, name]));
  return async (query: ListQuery, key?: string) =>
    (await matchingNumbers(app, query, key)).map((number) => names.get(number));
}
