import type { FacetSelection } from '#features/ticket-counts/ticket-counts.service.ts';
import type { TicketFilters } from './tickets.filters.ts';

/** Filters under which an index gives the rows in their order, so that one plan is right for all their values. */
export const STEADY: ReadonlySet<string> = new Set([
  'statuses',
  'priorities',
  'channels',
  'assignees',
  'snoozed',
  'deleted',
  'order',
]);

/** What the cells can count, and what does not narrow. */
const FACETS: ReadonlySet<string> = new Set([...STEADY, 'tagsAny', 'tagsAll']);

/** Whether a filter narrows by nothing but what cells know, be it of several tags. */
export function areFacets(filters: TicketFilters): boolean {
  return Object.entries(filters).every(([name, value]) => FACETS.has(name) || isUnread(name, value));
}

/** Cells know which tickets the team has not read, but not whom of it. */
function isUnread(name: string, value: unknown): boolean {
  return name === 'unread' && value === 'team';
}

/** The one tag a filter names, '' when it names none, undefined when the cells cannot count it. */
function singleTag({ tagsAny, tagsAll }: TicketFilters): string | undefined {
  const lists = [tagsAny, tagsAll].filter((list) => list !== undefined);
  if (lists.length === 0) return '';
  const distinct = new Set(lists.flat());
  const [tag] = distinct;
  return distinct.size === 1 && lists.every((list) => list.length > 0) && tag !== '' ? tag : undefined;
}

/** The selection of cells that a filter stands for; undefined when they cannot count it (decisions.md 14). */
export function facetsOf(filters: TicketFilters): FacetSelection | undefined {
  const tag = singleTag(filters);
  if (tag === undefined || !areFacets(filters)) return undefined;
  const { deleted = false, statuses, priorities, channels, snoozed } = filters;
  const assignees = filters.assignees?.map((one) =>
    one.type === 'unassigned' ? '' : `${one.type}:${one.id}`,
  );
  const unread = filters.unread === 'team';
  return { deleted, statuses, priorities, channels, snoozed, assignees, tag, unread };
}
