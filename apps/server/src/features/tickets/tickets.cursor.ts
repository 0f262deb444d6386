import { ORDER_COLUMNS } from '@parley/contract/tickets';
import { type RawBuilder, sql } from 'kysely';
import { formatInstant, parseInstant } from '#platform/instant.ts';
import { isNullable } from './tickets.filter-sql.ts';
import { oneOf, type TicketOrder } from './tickets.filters.ts';

/** A place in an ordered list: the sort key and number of a row, and which way to go on from it. */
export interface TicketCursor {
  order: TicketOrder;
  /** ISO text, or null for a row without the date. */
  value: string | null;
  number: number;
  backward: boolean;
}

export function encodeCursor({ order, value, number, backward }: TicketCursor): string {
  return Buffer.from(JSON.stringify([order.column, order.descending, value, number, backward])).toString(
    'base64url',
  );
}

/** The database would refuse any other as an integer. */
function isTicketNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 2_147_483_647;
}

/** Undefined for anything this server did not write; the list then starts at its beginning. */
export function decodeCursor(text: string): TicketCursor | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parts)) return undefined;
    const [name, descending, value, number, backward] = parts as unknown[];
    const column = oneOf(ORDER_COLUMNS, name);
    const instant = typeof value === 'string' ? parseInstant(value) : undefined;
    if (!column || (value !== null && !instant) || !isTicketNumber(number)) return undefined;
    const order = { column, descending: descending === true };
    // Written anew: what we read as an instant the database might not.
    return { order, value: instant ? formatInstant(instant) : null, number, backward: backward === true };
  } catch {
    return undefined;
  }
}

/**
 * Rows strictly after the cursor in the direction it goes, as conditions to be read one after the other until the page
 * is full. Tickets without the date are a stretch of their own: "or is null" in one condition would have the index read
 * from its beginning. Follows orderSql: ties by number, missing dates last.
 */
export function afterCursor({ order, value, number, backward }: TicketCursor): RawBuilder<unknown>[] {
  const downward = order.descending !== backward;
  const beyondNumber = backward ? sql`t.ticket_number > ${number}` : sql`t.ticket_number < ${number}`;
  if (order.column === 'ticket_number') {
    return [downward ? sql`t.ticket_number < ${number}` : sql`t.ticket_number > ${number}`];
  }
  const column = sql`t.${sql.ref(order.column)}`;
  if (value === null) {
    const sameStretch = sql`(${column} is null and ${beyondNumber})`;
    return backward ? [sameStretch, sql`${column} is not null`] : [sameStretch];
  }
  const beyond = downward ? sql`${column} < ${value}::timestamptz` : sql`${column} > ${value}::timestamptz`;
  const tied = sql`(${column} = ${value}::timestamptz and ${beyondNumber})`;
  // The first bound repeats the key alone, so that the index is entered at the right place.
  const reach = downward ? sql`${column} <= ${value}::timestamptz` : sql`${column} >= ${value}::timestamptz`;
  const dated = sql`(${reach} and (${beyond} or ${tied}))`;
  return isNullable(order.column) && !backward ? [dated, sql`${column} is null`] : [dated];
}
