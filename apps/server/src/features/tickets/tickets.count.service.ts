import { type FacetSums, sumManyByFacets } from '#features/ticket-counts/ticket-counts.service.ts';
import type { Project } from '#platform/actor.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { facetsOf } from './tickets.facets.ts';
import type { TicketFilters } from './tickets.filters.ts';
import { countList } from './tickets.list.ts';
import { readViewFilters } from './tickets.view-filters.ts';

export interface CountedList {
  count: number;
  capped: boolean;
  unread?: number;
}

/** A list to count, as it is stored with a view, for somebody: what `me` and relative dates in it mean. */
export interface StoredList {
  filters: unknown;
  userId: number | undefined;
}

function read(context: ReadContext, project: Project, { filters, userId }: StoredList): TicketFilters {
  return readViewFilters(filters, { now: context.now, timezone: project.timezone, userId });
}

/** Counts of stored lists that narrow by facets alone, in one statement; undefined in the place of the others. */
export async function countFacetLists(
  context: ReadContext,
  project: Project,
  lists: readonly StoredList[],
): Promise<(CountedList | undefined)[]> {
  const selections = lists.map((list) => facetsOf(read(context, project, list)));
  const known = selections.filter((selection) => selection !== undefined);
  const sums = (await sumManyByFacets(context, project.id, known)).values();
  return selections.map((selection) => (selection ? toCounted(sums.next().value) : undefined));
}

function toCounted(sums: FacetSums | undefined): CountedList | undefined {
  return sums && { count: sums.tickets, capped: false, unread: sums.unread };
}

/** The count of any stored list, as the list of tickets counts it: exact, or capped (decisions.md 14). */
export async function countStoredList(
  context: ReadContext,
  project: Project,
  list: StoredList,
): Promise<CountedList> {
  return countList(context, {
    projectId: project.id,
    access: project.access,
    userId: list.userId,
    filters: read(context, project, list),
    query: {},
  });
}
