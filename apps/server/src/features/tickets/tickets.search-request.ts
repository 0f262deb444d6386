import type { Condition } from './tickets.filter-sql.ts';
import type { Sought, TicketOrder } from './tickets.filters.ts';

/** A list to be found. */
export interface SearchRequest {
  projectId: number;
  /** Every condition but the words, on the alias t of tickets. */
  plain: readonly Condition[];
  /** Those of them that say which list is walked down: whose tickets, and whether deleted ones. */
  whose: readonly Condition[];
  words: readonly Sought[];
  order: TicketOrder;
  reversed: boolean;
  /** No conditions but that they are not deleted. */
  isBare: boolean;
  /** Few tickets match by the nature of the conditions, such as those of one customer. */
  isNarrow: boolean;
  /** Nothing but dates, by which indexes tell matches without a look at a ticket. */
  isDated: boolean;
  /** The conditions bound what the list is ordered by, so that matches begin where the list does. */
  isBounded: boolean;
  /** Stretches of the order to read one after the other until the page is full; one without conditions is all. */
  stretches: readonly (readonly Condition[])[];
  limit: number;
  offset: number;
  /** Past this a count stops; Infinity counts on. */
  cap: number;
}

export interface SearchResult {
  count: number;
  capped: boolean;
  /** Of the page, in order. */
  ids: string[];
}
