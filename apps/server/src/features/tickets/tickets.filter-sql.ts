import { type RawBuilder, sql } from 'kysely';
import type { AssigneeFilter, OrderColumn, TicketFilters, TicketOrder } from './tickets.filters.ts';

export type Condition = RawBuilder<unknown>;

const INT4_MAX = 2_147_483_647;
const AT_RISK_MS = 3_600_000;

/** `%` and `_` of the searcher stand for themselves. */
function likePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** Conditions on the alias `t` of tickets that a filter stands for; every one is a parameter, none is text. */
export function filterConditions(
  projectId: number,
  filters: TicketFilters,
  scope: { now: Date; userId: number | undefined },
): Condition[] {
  const { now, userId } = scope;
  const conditions: Condition[] = [
    sql`t.project_id = ${projectId}`,
    filters.deleted ? sql`t.deleted_at is not null` : sql`t.deleted_at is null`,
  ];
  const add = <T>(value: T | undefined, condition: (value: T) => Condition) => {
    if (value !== undefined) conditions.push(condition(value));
  };
  add(filters.statuses, (values) => anyOf(sql`t.status`, values));
  add(filters.priorities, (values) => anyOf(sql`t.priority`, values));
  add(filters.channels, (values) => anyOf(sql`t.channel_source`, values));
  add(filters.channelDetail, (value) => sql`t.channel_detail = ${value}`);
  add(filters.assignees, assigneeCondition);
  add(filters.sla, (states) => either(states.map((state) => slaCondition(state, now))));
  add(filters.snoozed, (value) => (value ? sql`t.snoozed_until is not null` : sql`t.snoozed_until is null`));
  add(filters.unread, (whose) => (whose === 'team' ? sql`t.unread_team_count > 0` : unreadByUser(userId)));
  add(filters.organization, (value) => sql`t.organization_id = ${value}`);
  add(filters.updatedFrom, (value) => sql`t.updated_at >= ${value}`);
  add(filters.updatedTo, (value) => sql`t.updated_at <= ${value}`);
  add(filters.createdFrom, (value) => sql`t.created_at >= ${value}`);
  add(filters.createdTo, (value) => sql`t.created_at <= ${value}`);
  add(filters.ids, (values) => sql`t.id = any(${[...values]}::uuid[])`);
  add(filters.tagsAny, (values) => sql`t.tags && ${[...values]}::text[]`);
  add(filters.tagsAll, (values) => (values.length > 0 ? sql`t.tags @> ${[...values]}::text[]` : sql`false`));
  add(filters.tagsExclude, (values) => sql`not t.tags && ${[...values]}::text[]`);
  add(filters.aiTriageResults, triageCondition);
  add(filters.search, (text) => searchCondition(projectId, text));
  if (filters.distinctIds || filters.emails) conditions.push(customerCondition(filters));
  return conditions;
}

export function allOf(conditions: readonly Condition[]): Condition {
  return sql.join([...conditions], sql` and `);
}

function either(conditions: readonly Condition[]): Condition {
  return conditions.length > 0 ? sql`(${sql.join([...conditions], sql` or `)})` : sql`false`;
}

function anyOf(column: Condition, values: readonly string[]): Condition {
  return values.length === 1 ? sql`${column} = ${values[0]}` : sql`${column} = any(${[...values]}::text[])`;
}

function assigneeCondition(assignees: readonly AssigneeFilter[]): Condition {
  return either(
    assignees.map((assignee) => {
      if (assignee.type === 'user') return sql`t.assignee_user_id = ${assignee.id}`;
      if (assignee.type === 'role') return sql`t.assignee_role_id = ${assignee.id}`;
      return sql`(t.assignee_user_id is null and t.assignee_role_id is null)`;
    }),
  );
}

/** A resolved ticket never counts as breached (decisions.md 26). */
function slaCondition(state: 'breached' | 'at-risk' | 'on-track', now: Date): Condition {
  const soon = new Date(now.getTime() + AT_RISK_MS);
  if (state === 'breached') return sql`(t.sla_due_at < ${now} and t.status <> 'resolved')`;
  if (state === 'at-risk') return sql`(t.sla_due_at between ${now} and ${soon})`;
  return sql`(t.sla_due_at > ${soon})`;
}

function unreadByUser(userId: number | undefined): Condition {
  if (userId === undefined) return sql`false`;
  return sql`(t.last_customer_message_at is not null and not exists (
    select from ticket_reads r where r.project_id = t.project_id and r.user_id = ${userId} and r.ticket_id = t.id
      and r.read_at >= t.last_customer_message_at))`;
}

function triageCondition(results: readonly string[]): Condition {
  const finished = results.filter((result) => result !== 'in_progress');
  return either([
    ...(finished.length > 0 ? [sql`t.ai_triage ->> 'result' = any(${finished}::text[])`] : []),
    ...(results.includes('in_progress') ? [sql`t.ai_triage ->> 'status' = 'in_progress'`] : []),
  ]);
}

function customerCondition({ distinctIds, emails }: TicketFilters): Condition {
  return either([
    ...(distinctIds ? [sql`t.distinct_id = any(${[...distinctIds]}::text[])`] : []),
    // Both sides are made lower case by the database: JavaScript does not agree with it on every letter.
    ...(emails
      ? [sql`lower(t.email_from) = any(array(select lower(e) from unnest(${[...emails]}::text[]) e))`]
      : []),
  ]);
}

/**
 * A number finds its ticket. Text is looked for in the ticket's own words, in every message that is not deleted, and
 * in the person's properties (decisions.md 12): three trigram indexes, joined by the tickets they lead to. The person is
 * the one the ticket is shown with: by distinct id, else for e-mail tickets by the sender's address.
 *
 * An array, so that it is made once: the embedded database gathers no statistics, and joined it makes the search
 * again for every ticket: seconds at 10,000 tickets, and growing with their square.
 */
function searchCondition(projectId: number, text: string): Condition {
  const digits = /^#?([0-9]+)$/.exec(text)?.[1];
  if (digits !== undefined) {
    const number = Number(digits);
    return number <= INT4_MAX ? sql`t.ticket_number = ${number}` : sql`false`;
  }
  const pattern = likePattern(text);
  return sql`t.id = any(array(
    select s.id from tickets s where s.project_id = ${projectId} and s.search_text like lower(${pattern})
    union all
    select m.ticket_id from messages m
    where m.project_id = ${projectId} and m.deleted_at is null and lower(m.content) like lower(${pattern})
    union all
    select s.id from persons p
      join person_distinct_ids d on d.project_id = p.project_id and d.person_id = p.id
      join tickets s on s.project_id = d.project_id and s.distinct_id = d.distinct_id
    where p.project_id = ${projectId} and p.search_text like lower(${pattern})
    union all
    select s.id from persons p
      join tickets s on s.project_id = p.project_id and lower(s.email_from) = lower(p.properties ->> 'email')
    where p.project_id = ${projectId} and p.search_text like lower(${pattern}) and s.channel_source = 'email'
      and (select d.person_id from person_distinct_ids d
        where d.project_id = s.project_id and d.distinct_id = s.distinct_id) is null))`;
}

/** Dates a ticket may be without. */
export function isNullable(column: OrderColumn): boolean {
  return column === 'sla_due_at' || column === 'snoozed_until';
}

export const DEFAULT_ORDER: TicketOrder = { column: 'updated_at', descending: true };

/** Ties go to the higher number; tickets without the date come last in both directions (tickets-api.md 3). */
export function orderSql({ column, descending }: TicketOrder, reversed = false): Condition {
  const number = reversed ? sql`t.ticket_number asc` : sql`t.ticket_number desc`;
  const downward = descending !== reversed;
  if (column === 'ticket_number') return downward ? sql`t.ticket_number desc` : sql`t.ticket_number asc`;
  const nulls = reversed ? sql`nulls first` : sql`nulls last`;
  const direction = downward ? sql`desc` : sql`asc`;
  // Columns that are never null take the plain form, the one their index has.
  return sql`t.${sql.ref(column)} ${direction} ${isNullable(column) ? nulls : sql``}, ${number}`;
}
