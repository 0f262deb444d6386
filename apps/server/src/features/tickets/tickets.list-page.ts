import type { AccessLevel } from '@parley/contract/route';
import { afterCursor, decodeCursor, encodeCursor, type TicketCursor } from './tickets.cursor.ts';
import { type Condition, DEFAULT_ORDER } from './tickets.filter-sql.ts';
import type { TicketFilters, TicketOrder } from './tickets.filters.ts';

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;
/** Past this a count that no cell holds stops counting (decisions.md 14). */
export const COUNT_CAP = 10_000;

export interface ListRequest {
  projectId: number;
  access: AccessLevel;
  userId: number | undefined;
  filters: TicketFilters;
  query: { limit?: string; offset?: string; cursor?: string; count?: string };
}

/** What a list answers, however it found it. */
export interface ListPage extends KeysetPage {
  count: number;
  capped: boolean;
}

/** Where a keyset page begins, and which way it goes. */
export interface Keyset {
  order: TicketOrder;
  backward: boolean;
  isStart: boolean;
  /** Conditions to be read under one after the other until the page is full. */
  stretches: Condition[][];
}

export function readKeyset({ query, filters }: Pick<ListRequest, 'query' | 'filters'>): Keyset {
  const cursor = decodeCursor(query.cursor ?? '');
  return {
    order: cursor?.order ?? filters.order ?? DEFAULT_ORDER,
    backward: cursor?.backward ?? false,
    isStart: cursor === undefined,
    stretches: cursor ? afterCursor(cursor).map((after) => [after]) : [[]],
  };
}

export interface KeysetPage {
  json: string[];
  cursors: { next: string | null; previous: string | null };
}

/** The page of rows read along a keyset: one more row than asked for tells whether there is a further page. */
export function keysetPage(
  { order, backward, isStart }: Keyset,
  rows: readonly string[],
  limit: number,
): KeysetPage {
  const hasMore = rows.length > limit;
  const json = rows.slice(0, limit);
  if (backward) json.reverse();
  const toCursor = (row: string | undefined, goBack: boolean) =>
    row === undefined ? null : encodeCursor(cursorOf(row, order, goBack));
  const [first, last] = [json[0], json.at(-1)];
  return {
    json,
    cursors: {
      next: backward || hasMore ? toCursor(last, false) : null,
      previous: backward ? (hasMore ? toCursor(first, true) : null) : isStart ? null : toCursor(first, true),
    },
  };
}

function cursorOf(row: string, order: TicketOrder, backward: boolean): TicketCursor {
  // Our own JSON of a moment ago.
  const ticket = JSON.parse(row) as { ticket_number: number } & Record<string, unknown>;
  const value = order.column === 'ticket_number' ? null : ticket[order.column];
  return { order, value: typeof value === 'string' ? value : null, number: ticket.ticket_number, backward };
}
