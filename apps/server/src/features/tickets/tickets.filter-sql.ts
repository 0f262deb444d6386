import { type RawBuilder, sql } from 'kysely';
import { isUnreadBy } from '#features/unread-marks/unread-marks.sql.ts';
import type { AssigneeFilter, OrderColumn, Sought, TicketFilters, TicketOrder } from './tickets.filters.ts';

export type Condition = RawBuilder<unknown>;

const INT4_MAX = 2_147_483_647;
const AT_RISK_MS = 3_600_000;

export interface FilterScope {
  now: Date;
  userId: number | undefined;
}

const NUMBER = /^#?([0-9]+)$/;

/** Whether a search is for the ticket of a number, not for a text. */
export function namesNumber(search: string | undefined): boolean {
  return search !== undefined && NUMBER.test(search);
}

/** The texts a list is narrowed by; a search for a number is none of them. */
export function soughtWords({ search, words = [] }: TicketFilters): readonly Sought[] {
  return search === undefined || namesNumber(search) ? words : [{ text: search }, ...words];
}

/** Which list is narrowed by the rest. */
export function whose(projectId: number, { deleted }: TicketFilters): Condition[] {
  return [
    sql`t.project_id = ${projectId}`,
    deleted ? sql`t.deleted_at is not null` : sql`t.deleted_at is null`,
  ];
}

/**
 * Conditions on the alias `t` of tickets that a filter stands for, all but its texts; every one is a parameter, none is
 * written out.
 */
export function plainConditions(projectId: number, filters: TicketFilters, scope: FilterScope): Condition[] {
  return [
    ...whose(projectId, filters),
    ...narrowing(projectId, filters, scope),
    ...(filters.excluding ?? []).map(
      (one) => sql`not coalesce((${allOf(narrowing(projectId, one, scope))}), false)`,
    ),
  ];
}

function narrowing(projectId: number, filters: TicketFilters, scope: FilterScope): Condition[] {
  const { now, userId } = scope;
  const conditions: Condition[] = [];
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
  add(filters.responseTarget, responseTargetCondition);
  add(filters.aiTriageResults, triageCondition);
  add(filters.search && NUMBER.exec(filters.search)?.[1], numberCondition);
  if (filters.distinctIds || filters.emails) conditions.push(customerCondition(projectId, filters));
  for (const text of filters.from ?? []) conditions.push(isFrom(text));
  for (const text of filters.to ?? []) conditions.push(isTo(projectId, text));
  add(filters.hasFile, () => HAS_FILE);
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
  return isUnreadBy(sql`${userId}`);
}

function responseTargetCondition({ has, lacks }: NonNullable<TicketFilters['responseTarget']>): Condition {
  const isAbove = sql`t.tags && ${[...lacks]}::text[]`;
  return has ? sql`(t.tags && ${[...has]}::text[] and not ${isAbove})` : sql`not ${isAbove}`;
}

function triageCondition(results: readonly string[]): Condition {
  const finished = results.filter((result) => result !== 'in_progress');
  return either([
    ...(finished.length > 0 ? [sql`t.ai_triage ->> 'result' = any(${finished}::text[])`] : []),
    ...(results.includes('in_progress') ? [sql`t.ai_triage ->> 'status' = 'in_progress'`] : []),
  ]);
}

/** Looked up apart: the planner cannot know how few tickets a customer has, and would walk down the list for them. */
function customerCondition(projectId: number, { distinctIds, emails }: TicketFilters): Condition {
  const parts = [
    ...(distinctIds
      ? [
          sql`select c.id from tickets c where c.project_id = ${projectId}
            and c.distinct_id = any(${[...distinctIds]}::text[])`,
        ]
      : []),
    // Both sides are made lower case by the database: JavaScript does not agree with it on every letter.
    ...(emails
      ? [
          sql`select c.id from unnest(${[...emails]}::text[]) as named(email) join tickets c
            on c.project_id = ${projectId} and lower(c.email_from) = lower(named.email)`,
        ]
      : []),
  ];
  return sql`t.id = any(array(${sql.join(parts, sql` union all `)}))`;
}

/** The customer as the ticket or its person names them. */
function isFrom(text: string): Condition {
  const holds = (words: Condition) => sql`strpos(lower(coalesce(${words}, '')), lower(${text})) > 0`;
  const named = (person: string) =>
    sql`concat_ws(E'\n', ${sql.ref(`${person}.properties`)} ->> 'email', ${sql.ref(`${person}.properties`)} ->> 'name')`;
  return sql`(${holds(sql`concat_ws(E'\n', t.email_from, t.anonymous_traits ->> 'email', t.anonymous_traits ->> 'name')`)}
    or coalesce((select ${holds(named('p'))} from person_distinct_ids d
      join persons p on p.project_id = d.project_id and p.id = d.person_id
      where d.project_id = t.project_id and d.distinct_id = t.distinct_id limit 1), false))`;
}

function isTo(projectId: number, text: string): Condition {
  return sql`(t.email_config_id = any(array(select ec.id from email_configs ec
      where ec.project_id = ${projectId} and strpos(lower(ec.email), lower(${text})) > 0))
    or strpos(lower(words_of(t.cc_participants)), lower(${text})) > 0)`;
}

const HAS_FILE = sql`exists (select from messages m where m.project_id = t.project_id and m.ticket_id = t.id
  and m.deleted_at is null and holds_file(m.content, m.rich_content, m.item_context))`;

function numberCondition(digits: string): Condition {
  const number = Number(digits);
  return number <= INT4_MAX ? sql`t.ticket_number = ${number}` : sql`false`;
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
