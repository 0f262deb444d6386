import type { AccessLevel } from '@parley/contract/route';
import type { ReadContext } from '#platform/unit-of-work.ts';
import type { TicketFilters } from './tickets.filters.ts';
import { readKeysetList } from './tickets.list.ts';

export type { Sought, TicketFilters } from './tickets.filters.ts';

export interface TicketPageRequest {
  projectId: number;
  access: AccessLevel;
  userId: number | undefined;
  filters: TicketFilters;
  cursor: string;
  limit: number;
}

export interface TicketPage {
  count: number;
  capped: boolean;
  /** Tickets as JSON, as the list shows them. */
  json: string[];
  cursors: { next: string | null; previous: string | null };
}

/** One keyset page of the list of tickets, for features that show it in a form of their own. */
export async function findTicketPage(context: ReadContext, request: TicketPageRequest): Promise<TicketPage> {
  const { cursor, limit, ...rest } = request;
  return readKeysetList(context, { ...rest, query: { cursor } }, limit);
}
