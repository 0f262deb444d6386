import type { Schema } from '@parley/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { userJson } from '#features/auth/users.sql.ts';
import { inThread } from '#features/messages/messages.sql.ts';

/** A place in a thread that is read newest first. */
export interface CommentPosition {
  at: string;
  id: string;
  /** Towards newer ones. */
  backward: boolean;
}

export interface CommentRow {
  json: string;
  at: string;
  id: string;
}

/** Messages `m` as comments (tickets-api.md 4.9). */
function selectComments(messages: RawBuilder<unknown>): RawBuilder<CommentRow> {
  return sql<CommentRow>`
    select m.id, iso_utc(m.created_at) as at, json_build_object(
      'id', m.id,
      'created_by', ${userJson('u')},
      'created_at', iso_utc(m.created_at),
      'content', m.content,
      'rich_content', m.rich_content,
      'version', m.version,
      'deleted', m.deleted_at is not null,
      'scope', 'conversations_ticket',
      'item_id', m.ticket_id,
      'item_context', m.item_context,
      'source_comment', null)::text as json
    from (${messages}) m left join users u on u.id = m.author_user_id`;
}

/** One message, also a deleted one when asked for. */
export async function find(
  tx: Kysely<Schema>,
  projectId: number,
  id: string,
  { deleted = false } = {},
): Promise<string | undefined> {
  const { rows } = await selectComments(sql`
    select m.* from messages m join tickets t on t.project_id = m.project_id and t.id = m.ticket_id
    where m.project_id = ${projectId} and m.id = ${id} and t.deleted_at is null
      ${deleted ? sql`` : sql`and m.deleted_at is null`}`).execute(tx);
  return rows[0]?.json;
}

/** Messages of a thread from a position on, in the direction of reading; the page is cut before it is turned to JSON. */
export async function findMany(
  tx: Kysely<Schema>,
  ticket: { project_id: number; id: string; merged_ticket_ids: readonly string[] },
  position: CommentPosition | undefined,
  limit: number,
): Promise<CommentRow[]> {
  const isBackward = position?.backward ?? false;
  const beyond =
    position &&
    sql`and (m.created_at, m.id) ${isBackward ? sql`>` : sql`<`} (${position.at}::timestamptz, ${position.id}::uuid)`;
  const order = isBackward ? sql`m.created_at, m.id` : sql`m.created_at desc, m.id desc`;
  const { rows } = await sql<CommentRow>`${selectComments(sql`
    select m.* from messages m
    where m.project_id = ${ticket.project_id} and ${inThread(ticket)} and m.deleted_at is null ${beyond ?? sql``}
    order by ${order} limit ${limit}`)} order by ${order}`.execute(tx);
  return rows;
}
