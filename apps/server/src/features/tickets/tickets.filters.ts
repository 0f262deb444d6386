import type { ChannelSource, TicketPriority, TicketStatus } from '@parley/contract/tickets';
import {
  AI_TRIAGE_RESULTS,
  CHANNEL_DETAILS,
  CHANNEL_SOURCES,
  ORDER_COLUMNS,
  SLA_STATES,
  TICKET_PRIORITIES,
  TICKET_STATUSES,
} from '@parley/contract/tickets';
import { isUuid } from '#platform/ids.ts';
import { parseDateBound } from '#platform/relative-date.ts';

export type AssigneeFilter =
  | { type: 'unassigned' }
  | { type: 'user'; id: number }
  | { type: 'role'; id: string };
export type OrderColumn = (typeof ORDER_COLUMNS)[number];
export interface TicketOrder {
  column: OrderColumn;
  descending: boolean;
}

/** A text that tickets must hold, or must not. */
export interface Sought {
  text: string;
  excluded?: boolean;
  /** False where no person of the project holds it. */
  inPersons?: boolean;
}

/**
 * What a list is narrowed to. A missing dimension does not narrow; an empty list in one matches nothing (a stored
 * view none of whose entries can be understood must not widen, decisions.md 17).
 */
export interface TicketFilters {
  statuses?: readonly TicketStatus[];
  priorities?: readonly TicketPriority[];
  channels?: readonly ChannelSource[];
  channelDetail?: string;
  assignees?: readonly AssigneeFilter[];
  sla?: readonly (typeof SLA_STATES)[number][];
  snoozed?: boolean;
  unread?: 'team' | 'mine';
  deleted?: boolean;
  organization?: string;
  updatedFrom?: Date;
  updatedTo?: Date;
  createdFrom?: Date;
  createdTo?: Date;
  distinctIds?: readonly string[];
  emails?: readonly string[];
  ids?: readonly string[];
  search?: string;
  /** Beside `search`: each of these. */
  words?: readonly Sought[];
  /** Texts in what names the customer: address, name, e-mail. Each of them. */
  from?: readonly string[];
  /** Texts in the address written to, or in a CC. Each of them. */
  to?: readonly string[];
  hasFile?: boolean;
  /** What tickets must not match. */
  excluding?: readonly TicketFilters[];
  tagsAny?: readonly string[];
  tagsAll?: readonly string[];
  tagsExclude?: readonly string[];
  /** Of a response target group: its own tags, undefined for the lowest, and those of the groups above it. */
  responseTarget?: { has: readonly string[] | undefined; lacks: readonly string[] };
  aiTriageResults?: readonly string[];
  order?: TicketOrder;
}

/** What relative words in a filter stand for. */
export interface FilterContext {
  now: Date;
  timezone: string;
  userId: number | undefined;
}

export const SEARCH_MAX = 200;
export const LIST_MAX = 100;
export const TAGS_MAX = 50;

/** The member of a closed list that a text names. */
export function oneOf<const T extends readonly string[]>(values: T, text: unknown): T[number] | undefined {
  return values.find((value) => value === text);
}

/** Those of several texts that name a member; undefined when none does. */
function someOf<const T extends readonly string[]>(
  values: T,
  texts: readonly string[],
): T[number][] | undefined {
  const found = values.filter((value) => texts.includes(value));
  return found.length > 0 ? found : undefined;
}

function splitList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

function nonEmpty<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length > 0 ? items : undefined;
}

/** `user:3`, `role:<uuid>`, `me`, `unassigned`; undefined for anything else. */
export function parseAssignee(text: string, context: FilterContext): AssigneeFilter | undefined {
  const word = text.toLowerCase();
  if (word === 'unassigned') return { type: 'unassigned' };
  if (word === 'me') return context.userId === undefined ? undefined : { type: 'user', id: context.userId };
  const user = /^user:(\d{1,10})$/.exec(text)?.[1];
  if (user !== undefined && Number(user) <= 2_147_483_647) return { type: 'user', id: Number(user) };
  const role = /^role:(.+)$/.exec(text)?.[1];
  return role !== undefined && isUuid(role) ? { type: 'role', id: role.toLowerCase() } : undefined;
}

/** A JSON array of tag names, elements turned to text; undefined when it is none or empty. */
function parseTags(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value) || value.length === 0) return undefined;
    return value
      .slice(0, TAGS_MAX)
      .map((item) => (typeof item === 'string' ? item : JSON.stringify(item)).replaceAll('\0', '\uFFFD'));
  } catch {
    return undefined;
  }
}

function parseBoolean(text: string | undefined): boolean | undefined {
  const word = text?.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

function parseOrder(text: string | undefined): TicketOrder | undefined {
  if (text === undefined) return undefined;
  const descending = text.startsWith('-');
  const column = oneOf(ORDER_COLUMNS, descending ? text.slice(1) : text);
  return column ? { column, descending } : undefined;
}

/** A bound: undefined when absent or invalid, null when `all` lifts a view's bound. */
export function parseBound(
  text: string | undefined,
  bound: 'from' | 'to',
  context: FilterContext,
): Date | null | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'all') return null;
  return parseDateBound(text, { now: context.now, timezone: context.timezone, bound });
}

/** Dimensions named in a query. `null` is a dimension the query lifts explicitly. */
export type QueryFilters = { [K in keyof TicketFilters]?: TicketFilters[K] | null };

type Query = Readonly<Record<string, string | undefined>>;

/** Reads the list's query parameters; what is invalid counts as absent (tickets-api.md 3). */
export function parseQueryFilters(query: Query, context: FilterContext): QueryFilters {
  const assignees = splitList(query.assignee)
    .slice(0, LIST_MAX)
    .flatMap((item) => parseAssignee(item, context) ?? []);
  const channel = oneOf(CHANNEL_SOURCES, query.channel_source);
  const sla = oneOf(SLA_STATES, query.sla);
  const search = query.search?.trim();
  const found: MaybeFilters = {
    statuses: someOf(TICKET_STATUSES, splitList(query.status)),
    priorities: someOf(TICKET_PRIORITIES, splitList(query.priority)),
    channels: channel && [channel],
    channelDetail: oneOf(CHANNEL_DETAILS, query.channel_detail),
    assignees: nonEmpty(assignees),
    sla: sla && [sla],
    snoozed: parseBoolean(query.snoozed),
    unread: query.unread?.toLowerCase() === 'true' ? 'team' : query.unread === 'mine' ? 'mine' : undefined,
    deleted: parseBoolean(query.deleted),
    organization: query.organization || undefined,
    updatedFrom: parseBound(query.date_from, 'from', context),
    updatedTo: parseBound(query.date_to, 'to', context),
    createdFrom: parseBound(query.created_from, 'from', context),
    createdTo: parseBound(query.created_to, 'to', context),
    distinctIds: nonEmpty(splitList(query.distinct_ids).slice(0, LIST_MAX)),
    emails: nonEmpty(splitList(query.emails).slice(0, LIST_MAX)),
    ids: nonEmpty(splitList(query.ids).slice(0, LIST_MAX).filter(isUuid)),
    search: search && search.length <= SEARCH_MAX ? search : undefined,
    tagsAny: parseTags(query.tags),
    tagsAll: parseTags(query.tags_all),
    tagsExclude: parseTags(query.tags_exclude),
    aiTriageResults: someOf(AI_TRIAGE_RESULTS, splitList(query.ai_triage_result)),
    order: parseOrder(query.order_by),
  };
  return dropAbsent(found);
}

type MaybeFilters = { [K in keyof TicketFilters]?: TicketFilters[K] | null | undefined };

function dropAbsent(filters: MaybeFilters): QueryFilters {
  return Object.fromEntries(
    Object.entries(filters).filter(([, value]) => value !== undefined),
  ) as QueryFilters;
}

/** A view's filters with those of the query laid over them, dimension by dimension. */
export function overlayFilters(view: TicketFilters, query: QueryFilters): TicketFilters {
  const merged: QueryFilters = { ...view, ...query };
  // Tags of the query replace the view's whichever way the view matched its own (tickets-api.md 3).
  if (query.tagsAny && !query.tagsAll) delete merged.tagsAll;
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as TicketFilters;
}
