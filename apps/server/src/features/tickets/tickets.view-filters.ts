import {
  AI_TRIAGE_RESULTS,
  CHANNEL_SOURCES,
  ORDER_COLUMNS,
  SLA_STATES,
  TICKET_PRIORITIES,
  TICKET_STATUSES,
} from '@parley/contract/tickets';
import { isUuid } from '#platform/ids.ts';
import {
  type AssigneeFilter,
  type FilterContext,
  LIST_MAX,
  oneOf,
  parseAssignee,
  parseBound,
  SEARCH_MAX,
  TAGS_MAX,
  type TicketFilters,
} from './tickets.filters.ts';

type Stored = Readonly<Record<string, unknown>>;

/**
 * Entries of a stored list that are understood. Undefined when the key is absent or an empty list; an empty list when
 * it is there but nothing in it can be used: that dimension then matches nothing instead of everything.
 */
function readList<T>(value: unknown, read: (entry: unknown) => T | undefined): T[] | undefined {
  if (value === undefined || value === null || value === '' || value === 'all') return undefined;
  const entries = Array.isArray(value) ? value : [value];
  if (entries.length === 0) return undefined;
  return entries.slice(0, LIST_MAX).flatMap((entry) => read(entry) ?? []);
}

function readAssignee(entry: unknown, context: FilterContext): AssigneeFilter | undefined {
  // Old views hold the words of the query parameter.
  if (typeof entry === 'string') return parseAssignee(entry, context);
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { type, id } = entry as Stored;
  if (type === 'user' && typeof id === 'number' && Number.isInteger(id) && Math.abs(id) <= 2_147_483_647)
    return { type, id };
  return type === 'role' && typeof id === 'string' && isUuid(id) ? { type, id: id.toLowerCase() } : undefined;
}

function readTags(value: unknown): string[] | undefined {
  return readList(value, (entry) =>
    typeof entry === 'string' ? entry.replaceAll('\0', '\uFFFD') : undefined,
  )?.slice(0, TAGS_MAX);
}

/** Bounds that no ticket is within: what a stored bound that cannot be read comes to. */
const NOTHING_WITHIN = {
  from: new Date('9999-12-31T23:59:59.999Z'),
  to: new Date('0001-01-01T00:00:00.000Z'),
};

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function readBound(value: unknown, bound: 'from' | 'to', context: FilterContext): Date | undefined {
  if (!isSet(value)) return undefined;
  const parsed = typeof value === 'string' ? parseBound(value, bound, context) : undefined;
  return parsed === null ? undefined : (parsed ?? NOTHING_WITHIN[bound]);
}

function readBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** Whether a filter is stored that cannot be read and has no value of its own to say "nothing". */
function isUnreadable({ snoozed, unread, search }: Stored): boolean {
  return (
    (isSet(snoozed) && typeof snoozed !== 'boolean') ||
    (isSet(unread) && typeof unread !== 'boolean' && unread !== 'mine') ||
    (isSet(search) && (typeof search !== 'string' || search.trim().length > SEARCH_MAX))
  );
}

function readSorting(value: unknown): TicketFilters['order'] {
  if (typeof value !== 'object' || value === null) return undefined;
  const { columnKey, order } = value as Stored;
  const column = oneOf(ORDER_COLUMNS, columnKey);
  return column ? { column, descending: order === -1 } : undefined;
}

/**
 * Reads the filters stored with a view (inbox.md 4.2). Never fails. What cannot be read matches nothing: dropping it
 * would show more than the view was made for (decisions.md 17).
 */
export function readViewFilters(stored: unknown, context: FilterContext): TicketFilters {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return { ids: [] };
  const view = stored as Stored;
  const tags = readTags(view.tags);
  const search = typeof view.search === 'string' ? view.search.trim().replaceAll('\0', '\uFFFD') : '';
  const excluded = readTags(view.tagsExclude);
  const filters = {
    statuses: readList(view.status, (entry) => oneOf(TICKET_STATUSES, entry)),
    priorities: readList(view.priority, (entry) => oneOf(TICKET_PRIORITIES, entry)),
    channels: readList(view.channel, (entry) => oneOf(CHANNEL_SOURCES, entry)),
    sla: readList(view.sla, (entry) => oneOf(SLA_STATES, entry)),
    aiTriageResults: readList(view.aiTriageResult, (entry) => oneOf(AI_TRIAGE_RESULTS, entry)),
    assignees: readList(view.assignee, (entry) => readAssignee(entry, context)),
    tagsAny: view.tagsMatch === 'all' ? undefined : tags,
    tagsAll: view.tagsMatch === 'all' ? tags : undefined,
    // Excluding nothing understood excludes nothing: it cannot widen past the other dimensions.
    tagsExclude: excluded && excluded.length > 0 ? excluded : undefined,
    updatedFrom: readBound(view.dateFrom, 'from', context),
    updatedTo: readBound(view.dateTo, 'to', context),
    createdFrom: readBound(view.createdFrom, 'from', context),
    createdTo: readBound(view.createdTo, 'to', context),
    snoozed: readBoolean(view.snoozed),
    unread: view.unread === true ? 'team' : view.unread === 'mine' ? 'mine' : undefined,
    search: search !== '' && search.length <= SEARCH_MAX ? search : undefined,
    order: readSorting(view.sorting),
    ids: isUnreadable(view) ? [] : undefined,
  };
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}
