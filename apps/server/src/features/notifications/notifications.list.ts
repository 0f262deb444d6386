import { FEED_KINDS } from '@parley/contract/notifications';
import { type RawBuilder, sql } from 'kysely';
import { userJson } from '#features/auth/users.sql.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import type { RawJson } from '#platform/http/call.ts';
import { afterPlace, type LogRow, pageByPlace } from '#platform/http/log-page.ts';
import { readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** More than a badge can show. */
const COUNT_CAP = 1000;
const EXCERPT = 200;

interface ListQuery {
  unread?: string;
  kind?: string;
  cursor?: string;
  limit?: string;
}

/** What the caller was told of, newest first; not of tickets that are deleted. */
export async function listNotifications(
  context: ReadContext,
  project: Project,
  { query, url }: { query: ListQuery; url: URL },
): Promise<RawJson> {
  const { limit } = readPage({ limit: query.limit ?? '' }, DEFAULT_LIMIT, MAX_LIMIT);
  const conditions = [
    sql`n.project_id = ${project.id}`,
    sql`n.user_id = ${requireUser(context.actor).id}`,
    ...filter(query),
  ];
  // One more than the page, which tells whether there is another one.
  const { rows } = await sql<LogRow>`
    select json_build_object('id', n.id, 'kind', n.kind, 'count', n.count, 'ticket', json_build_object(
        'id', t.id, 'ticket_number', t.ticket_number, 'status', t.status, 'email_subject', t.email_subject,
        'customer_name', case when jsonb_typeof(t.anonymous_traits -> 'name') = 'string'
          then t.anonymous_traits ->> 'name' end),
      'message_id', n.message_id, 'excerpt', left(m.content, ${EXCERPT}),
      'actor', json_build_object('type', n.actor_type, 'user', ${userJson('u')}),
      'created_at', iso_utc(n.created_at), 'updated_at', iso_utc(n.updated_at),
      'read_at', iso_utc(n.read_at))::text as json, iso_utc(n.updated_at) as at, n.id
    from notifications n
    join tickets t on t.project_id = n.project_id and t.id = n.ticket_id and t.deleted_at is null
    left join messages m on m.project_id = n.project_id and m.id = n.message_id and m.deleted_at is null
    left join users u on u.id = n.actor_user_id
    where ${sql.join(conditions, sql` and `)}
    order by n.updated_at desc, n.id desc limit ${limit + 1}`.execute(context.tx);
  return pageByPlace(url, limit, rows);
}

/** Unread notifications of the caller. */
export async function countUnread(
  context: ReadContext,
  project: Project,
): Promise<{ count: number; count_capped?: true }> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::integer as n from (
      select from notifications n
      join tickets t on t.project_id = n.project_id and t.id = n.ticket_id and t.deleted_at is null
      where n.project_id = ${project.id} and n.user_id = ${requireUser(context.actor).id} and n.read_at is null
      limit ${COUNT_CAP + 1}) as counted`.execute(context.tx);
  const count = rows[0]?.n ?? 0;
  return count > COUNT_CAP ? { count: COUNT_CAP, count_capped: true } : { count };
}

function filter({ unread, kind, cursor }: ListQuery): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  if (unread === 'true') conditions.push(sql`n.read_at is null`);
  else if (unread === 'false') conditions.push(sql`n.read_at is not null`);
  else if (unread) throw invalid('unread', 'Must be true or false.', 'invalid_choice');
  if (kind) conditions.push(sql`n.kind = any(${readKinds(kind)}::text[])`);
  if (cursor) conditions.push(afterPlace(cursor, sql`n.updated_at, n.id`));
  return conditions;
}

function readKinds(text: string): string[] {
  return text.split(',').map((name) => {
    const kind = FEED_KINDS.find((known) => known === name.trim());
    if (!kind) throw invalid('kind', `Must be one or more of ${FEED_KINDS.join(', ')}.`, 'invalid_choice');
    return kind;
  });
}
