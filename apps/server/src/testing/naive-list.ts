import type { TicketsTable } from '@parley/db/schema';
import type { Selectable } from 'kysely';
import { LADDER } from './known-tickets.ts';

/** A ticket with everything the list's filters ask about. */
export interface KnownTicket {
  row: Selectable<TicketsTable>;
  /** Contents of its messages that are not deleted. */
  messages: string[];
  /** Texts and numbers among the properties of its person. */
  personWords: string[];
  /** The tickets whose threads go on in it. */
  merged: KnownTicket[];
  /** Whether the caller has unread messages of the customer. */
  unreadMine: boolean;
}

export interface NaiveContext {
  now: number;
  userId: number;
  /** What the date filters in use stand for, in milliseconds; a text that is not among them is no date. */
  dates: ReadonlyMap<string, { from: number; to: number }>;
}

type Query = Readonly<Record<string, string>>;
type Test = (ticket: KnownTicket) => boolean;

const HOUR = 3_600_000;
const STATUSES = ['new', 'open', 'pending', 'on_hold', 'resolved'];
const PRIORITIES = ['low', 'medium', 'high', 'critical'];
const CHANNELS = ['widget', 'email', 'slack', 'teams', 'github'];
const TRIAGE = ['persisted', 'suggested', 'escalated_no_reply', 'clarified', 'in_progress'];

/** As the database does it: letter by letter. */
export function lower(text: string): string {
  return [...text].map((letter) => [...letter.toLowerCase()][0] ?? '').join('');
}

function items(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function names(text: string | undefined): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (!Array.isArray(value) || value.length === 0) return undefined;
    return value.slice(0, 50).map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  } catch {
    return undefined;
  }
}

/** The tests of one parameter that names members of a closed list. */
function listed(
  text: string | undefined,
  known: readonly string[],
  get: (ticket: KnownTicket) => unknown,
): Test[] {
  const named = items(text).filter((item) => known.includes(item));
  return named.length > 0 ? [(ticket) => named.some((item) => item === get(ticket))] : [];
}

function assigneeTests(text: string | undefined, { userId }: NaiveContext): Test[] {
  const tests = items(text)
    .slice(0, 100)
    .flatMap((item): Test[] => {
      const word = item.toLowerCase();
      if (word === 'unassigned')
        return [({ row }) => row.assignee_user_id === null && row.assignee_role_id === null];
      if (word === 'me') return [({ row }) => row.assignee_user_id === userId];
      const [kind, id = ''] = item.split(':');
      if (item.split(':').length !== 2) return [];
      if (kind === 'user' && /^[0-9]{1,10}$/.test(id) && Number(id) < 2 ** 31)
        return [({ row }) => row.assignee_user_id === Number(id)];
      const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
      return kind === 'role' && isUuid ? [({ row }) => row.assignee_role_id === id.toLowerCase()] : [];
    });
  return tests.length > 0 ? [(ticket) => tests.some((test) => test(ticket))] : [];
}

function slaTests(text: string | undefined, { now }: NaiveContext): Test[] {
  const due = ({ row }: KnownTicket) => row.sla_due_at?.getTime() ?? Number.NaN;
  if (text === 'breached') return [(ticket) => due(ticket) < now && ticket.row.status !== 'resolved'];
  if (text === 'at-risk') return [(ticket) => due(ticket) >= now && due(ticket) <= now + HOUR];
  return text === 'on-track' ? [(ticket) => due(ticket) > now + HOUR] : [];
}

function dateTests(query: Query, { dates }: NaiveContext): Test[] {
  const from = (text: string | undefined, get: (ticket: KnownTicket) => Date): Test[] => {
    const bound = dates.get(text ?? '');
    return bound ? [(ticket) => get(ticket).getTime() >= bound.from] : [];
  };
  const to = (text: string | undefined, get: (ticket: KnownTicket) => Date): Test[] => {
    const bound = dates.get(text ?? '');
    return bound ? [(ticket) => get(ticket).getTime() <= bound.to] : [];
  };
  return [
    ...from(query.date_from, ({ row }) => row.updated_at),
    ...to(query.date_to, ({ row }) => row.updated_at),
    ...from(query.created_from, ({ row }) => row.created_at),
    ...to(query.created_to, ({ row }) => row.created_at),
  ];
}

function tagTests(query: Query): Test[] {
  const [any, all, none] = [names(query.tags), names(query.tags_all), names(query.tags_exclude)];
  return [
    ...(any ? [({ row }: KnownTicket) => any.some((name) => row.tags.includes(name))] : []),
    ...(all ? [({ row }: KnownTicket) => all.every((name) => row.tags.includes(name))] : []),
    ...(none ? [({ row }: KnownTicket) => !none.some((name) => row.tags.includes(name))] : []),
  ];
}

function targetTests(label: string | undefined): Test[] {
  const index = LADDER.findIndex((group) => group.label === label);
  if (index < 0) return [];
  const rank = ({ row }: KnownTicket) =>
    Math.max(0, ...LADDER.map(({ tags }, at) => (tags.some((tag) => row.tags.includes(tag)) ? at : 0)));
  return [(ticket) => rank(ticket) === index];
}

function customerTests(query: Query): Test[] {
  const ids = items(query.distinct_ids).slice(0, 100);
  const emails = items(query.emails).slice(0, 100).map(lower);
  if (ids.length + emails.length === 0) return [];
  return [
    ({ row }) =>
      ids.includes(row.distinct_id) || (row.email_from !== null && emails.includes(lower(row.email_from))),
  ];
}

function triageTests(text: string | undefined): Test[] {
  const named = items(text).filter((item) => TRIAGE.includes(item));
  if (named.length === 0) return [];
  return [
    ({ row: { ai_triage } }) =>
      named.some((item) => (item === 'in_progress' ? ai_triage.status === item : ai_triage.result === item)),
  ];
}

export function wordsOf({ row, messages, personWords, merged }: KnownTicket): string[] {
  const traits = row.anonymous_traits as { name?: string; email?: string };
  const cc = row.cc_participants as string[];
  return [
    traits.name,
    traits.email,
    row.email_subject,
    row.email_from,
    ...cc,
    ...row.tags,
    ...messages,
    ...personWords,
  ]
    .filter((text) => typeof text === 'string')
    .map(lower)
    .concat(merged.flatMap(wordsOf));
}

function isText(search: string | undefined): boolean {
  return searchTests(search).length > 0 && !/^#?[0-9]+$/.test(search?.trim() ?? '');
}

function searchTests(text: string | undefined): Test[] {
  const sought = text?.trim() ?? '';
  if (sought === '' || sought.length > 200) return [];
  const digits = sought.startsWith('#') ? sought.slice(1) : sought;
  if (/^[0-9]+$/.test(digits)) return [({ row }) => row.ticket_number === Number(digits)];
  return [(ticket) => wordsOf(ticket).some((words) => words.includes(lower(sought)))];
}

function flagTests(query: Query): Test[] {
  const flag = (text = '') => ({ true: true, false: false })[text.toLowerCase()];
  const [snoozed, deleted] = [flag(query.snoozed), flag(query.deleted) ?? false];
  const ids = items(query.ids)
    .slice(0, 100)
    .filter((id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    .map((id) => id.toLowerCase());
  return [
    ({ row }) => (row.deleted_at !== null) === deleted,
    ...(snoozed === undefined ? [] : [({ row }: KnownTicket) => (row.snoozed_until !== null) === snoozed]),
    ...(query.unread?.toLowerCase() === 'true' ? [({ row }: KnownTicket) => row.unread_team_count > 0] : []),
    ...(query.unread === 'mine' ? [({ unreadMine }: KnownTicket) => unreadMine] : []),
    ...(query.organization ? [({ row }: KnownTicket) => row.organization_id === query.organization] : []),
    ...(ids.length > 0 ? [({ row }: KnownTicket) => ids.includes(row.id)] : []),
  ];
}

function exact(
  text: string | undefined,
  known: readonly string[],
  get: (ticket: KnownTicket) => unknown,
): Test[] {
  return text !== undefined && known.includes(text) ? [(ticket) => get(ticket) === text] : [];
}

const COLUMNS = ['updated_at', 'created_at', 'sla_due_at', 'snoozed_until'] as const;

/** Ties by the higher number, tickets without the date last. */
function compare(order: string | undefined): (a: KnownTicket, b: KnownTicket) => number {
  const descending = order?.startsWith('-') ?? true;
  const name = order?.replace(/^-/, '');
  const sign = descending ? -1 : 1;
  if (name === 'ticket_number') return (a, b) => sign * (a.row.ticket_number - b.row.ticket_number);
  const column = COLUMNS.find((known) => known === name);
  if (column === undefined) return compare('-updated_at');
  return (a, b) => {
    const [x, y] = [a.row[column]?.getTime(), b.row[column]?.getTime()];
    if (x !== undefined && y !== undefined && x !== y) return sign * (x - y);
    if ((x === undefined) !== (y === undefined)) return x === undefined ? 1 : -1;
    return b.row.ticket_number - a.row.ticket_number;
  };
}

/** What a query tests a ticket for, but for the text. */
function fieldTests(query: Query, context: NaiveContext): Test[] {
  return [
    ...listed(query.status, STATUSES, ({ row }) => row.status),
    ...listed(query.priority, PRIORITIES, ({ row }) => row.priority),
    ...exact(query.channel_source, CHANNELS, ({ row }) => row.channel_source),
    ...exact(query.channel_detail, ['widget_api', 'slack_bot_mention'], ({ row }) => row.channel_detail),
    ...assigneeTests(query.assignee, context),
    ...slaTests(query.sla, context),
    ...dateTests(query, context),
    ...tagTests(query),
    ...targetTests(query.response_target),
    ...customerTests(query),
    ...triageTests(query.ai_triage_result),
    ...flagTests(query),
  ];
}

/** The tickets a query holds for, from tickets-api.md 3 alone: every ticket is tested one by one. */
export function naiveList(
  tickets: readonly KnownTicket[],
  query: Query,
  context: NaiveContext,
): KnownTicket[] {
  const tests = [...fieldTests(query, context), ...searchTests(query.search)];
  return tickets.filter((ticket) => tests.every((test) => test(ticket))).sort(compare(query.order_by));
}

/** What the list shows of those: by a text alone no ticket whose thread goes on in another, which holds it too. */
export function shownList(
  tickets: readonly KnownTicket[],
  query: Query,
  context: NaiveContext,
): KnownTicket[] {
  const found = naiveList(tickets, query, context);
  // Whether it is deleted is always asked.
  const isTextAlone = fieldTests(query, context).length === 1 && isText(query.search);
  return isTextAlone ? found.filter(({ row }) => row.merged_into_id === null) : found;
}
