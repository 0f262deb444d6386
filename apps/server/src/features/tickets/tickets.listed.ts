import { sql } from 'kysely';
import { type Condition, type FilterScope, plainConditions, soughtWords } from './tickets.filter-sql.ts';
import type { TicketFilters } from './tickets.filters.ts';

/** Filters that say nothing about the tickets themselves. */
const BESIDE_TEXT = new Set(['search', 'words', 'order', 'deleted']);

/**
 * Conditions of a list on the alias `t` of tickets, all but its texts. By texts alone the ticket in which the thread of
 * a merged one goes on is found in its stead: it holds them too. Other filters may hold for the merged one only.
 */
export function listConditions(projectId: number, filters: TicketFilters, scope: FilterScope): Condition[] {
  const conditions = plainConditions(projectId, filters, scope);
  const isTextAlone =
    soughtWords(filters).length > 0 && Object.keys(filters).every((name) => BESIDE_TEXT.has(name));
  return isTextAlone ? [...conditions, sql`t.merged_into_id is null`] : conditions;
}
