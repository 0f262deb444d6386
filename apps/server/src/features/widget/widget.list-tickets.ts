import { TICKET_STATUSES } from '@parley/contract/tickets';
import { WIDGET_PAGE_MAX, type WidgetTicketsQuery } from '@parley/contract/widget';
import { fixedStatement } from '@parley/db/fixed-statement';
import { type RawBuilder, sql } from 'kysely';
import type { Project } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { RawJson } from '#platform/http/call.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import type { Visitor } from './visitor.ts';
import type { VisitorPlaces } from './widget-access.ts';
import { readCount } from './widget-query.ts';

const DEFAULT_LIMIT = 100;
const OFFSET_MAX = 1_000_000_000;

/**
 * The tickets a visitor may see: what `accessOf` says of one, asked the other way round. Each branch has its index, and
 * none finds anything for what the visitor has not proved.
 */
export function ticketsOf(
  project: RawBuilder<number>,
  { session, identity, email }: VisitorPlaces,
): RawBuilder<{ id: string }> {
  return sql<{ id: string }>`
    select t.id from tickets t
    where t.project_id = ${project} and t.widget_session_hash = ${session}::bytea and t.deleted_at is null
    union
    select t.id from tickets t
    where t.project_id = ${project} and t.distinct_id = ${identity}::text and t.deleted_at is null
    union
    select t.id from person_distinct_ids a
    join person_distinct_ids b on b.project_id = a.project_id and b.person_id = a.person_id
    join tickets t on t.project_id = b.project_id and t.distinct_id = b.distinct_id
    where a.project_id = ${project} and a.distinct_id = ${identity}::text and not a.is_said and not b.is_said
      and t.deleted_at is null
    union
    select t.id from tickets t
    where t.project_id = ${project} and lower(t.distinct_id) = ${email}::text and t.identity_verified
      and t.channel_source <> 'widget' and t.deleted_at is null`;
}

/** A merged ticket is left out where its thread goes on in one that is listed. */
const selectTickets = fixedStatement<
  { count: number; tickets: string | null },
  [number, Buffer | null, string | null, string | null, string | null, number, number]
>(
  (project, session, identity, email, status, limit, offset) => sql`
    with theirs as (${ticketsOf(project, { session, identity, email })}), listed as (
      select t.* from theirs join tickets t on t.project_id = ${project} and t.id = theirs.id
      where (${status}::text is null or t.status = ${status}::text)
        and (t.merged_into_id is null or not exists (select from theirs h where h.id = t.merged_into_id))
    )
    select (select count(*)::integer from listed) as count, string_agg(json_build_object(
        'id', t.id, 'ticket_number', t.ticket_number, 'status', t.status, 'unread_count', t.unread_customer_count,
        'last_message', t.last_message_text, 'last_message_at', iso_utc(t.last_message_at),
        'message_count', t.message_count, 'created_at', iso_utc(t.created_at))::text, ','
      order by t.created_at desc, t.ticket_number desc) as tickets
    from (select * from listed order by created_at desc, ticket_number desc limit ${limit} offset ${offset}) t`,
);

/** The tickets of a visitor, those created last first (widget.md 5.4). */
export async function listTicketsForVisitor(
  { tx }: ReadContext,
  project: Project,
  { session, identity, email }: Visitor,
  query: WidgetTicketsQuery,
): Promise<RawJson> {
  const limit = readCount('limit', query.limit, { min: 1, max: WIDGET_PAGE_MAX, fallback: DEFAULT_LIMIT });
  const offset = readCount('offset', query.offset, { min: 0, max: OFFSET_MAX, fallback: 0 });
  const status = readStatus(query.status);
  const [row] = await selectTickets(tx, project.id, session, identity, email, status, limit, offset);
  return new RawJson(`{"count":${row?.count ?? 0},"results":[${row?.tickets ?? ''}]}`);
}

function readStatus(text: string | undefined): string | null {
  if (text === undefined || text === '') return null;
  if (TICKET_STATUSES.some((status) => status === text)) return text;
  throw invalid('status', `"${text}" is not a valid choice.`, 'invalid_choice');
}
