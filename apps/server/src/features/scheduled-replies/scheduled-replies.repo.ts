import type { Schema } from '@parley/db/schema';
import type { ScheduledRepliesTable } from '@parley/db/tables-agent-work';
import {
  type Insertable,
  type Kysely,
  type Selectable,
  sql,
  type Transaction,
  type Updateable,
} from 'kysely';
import { userJson } from '#features/auth/users.sql.ts';

export type ScheduledReplyRow = Selectable<ScheduledRepliesTable>;
export type ScheduledReplyChanges = Omit<Updateable<ScheduledRepliesTable>, 'project_id' | 'id' | 'version'>;

/** Which scheduled reply. */
export interface ReplyKey {
  project_id: number;
  id: string;
}

/** Which ones a list shows: those on tickets, or by a user. */
export interface ListedReplies {
  projectId: number;
  ticketIds?: readonly string[] | undefined;
  userId?: number | undefined;
  state?: ScheduledReplyRow['state'] | undefined;
}

function selectListed(tx: Kysely<Schema>, { projectId, ticketIds, userId, state }: ListedReplies) {
  let query = tx.selectFrom('scheduled_replies as s').where('s.project_id', '=', projectId);
  if (ticketIds !== undefined) query = query.where('s.ticket_id', 'in', ticketIds);
  if (userId !== undefined) query = query.where('s.user_id', '=', userId);
  return state === undefined ? query : query.where('s.state', '=', state);
}

function withNames(query: ReturnType<typeof selectListed>) {
  return query
    .innerJoin('tickets as t', (join) =>
      join.onRef('t.project_id', '=', 's.project_id').onRef('t.id', '=', 's.ticket_id'),
    )
    .leftJoin('users as u', 'u.id', 's.user_id')
    .selectAll('s')
    .select('t.ticket_number')
    .select(userJson('u').as('author'));
}

export function findShown(tx: Kysely<Schema>, key: ReplyKey) {
  return withNames(selectListed(tx, { projectId: key.project_id }))
    .where('s.id', '=', key.id)
    .executeTakeFirst();
}

export type ShownReplyRow = NonNullable<Awaited<ReturnType<typeof findShown>>>;

export function findMany(tx: Kysely<Schema>, listed: ListedReplies, page: { limit: number; offset: number }) {
  return withNames(selectListed(tx, listed))
    .orderBy('s.send_at')
    .orderBy('s.id')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

export async function count(tx: Kysely<Schema>, listed: ListedReplies): Promise<number> {
  const { n } = await selectListed(tx, listed)
    .select((eb) => eb.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

export async function insert(
  tx: Transaction<Schema>,
  row: Insertable<ScheduledRepliesTable>,
): Promise<ScheduledReplyRow> {
  return tx.insertInto('scheduled_replies').values(row).returningAll().executeTakeFirstOrThrow();
}

/** The same words on the same ticket by the same user, scheduled since. */
export async function findTwin(
  tx: Kysely<Schema>,
  reply: Pick<ScheduledReplyRow, 'project_id' | 'ticket_id' | 'message' | 'is_private'> & {
    user_id: number;
    rich_content: string | null;
  },
  since: Date,
): Promise<string | undefined> {
  const twin = await tx
    .selectFrom('scheduled_replies')
    .select('id')
    .where('project_id', '=', reply.project_id)
    .where('ticket_id', '=', reply.ticket_id)
    .where('user_id', '=', reply.user_id)
    .where('message', '=', reply.message)
    .where('is_private', '=', reply.is_private)
    .where(sql<boolean>`rich_content is not distinct from ${reply.rich_content}::jsonb`)
    .where('state', '=', 'scheduled')
    .where('created_at', '>', since)
    .limit(1)
    .executeTakeFirst();
  return twin?.id;
}

export function lock(tx: Transaction<Schema>, key: ReplyKey): Promise<ScheduledReplyRow | undefined> {
  return tx
    .selectFrom('scheduled_replies')
    .selectAll()
    .where('project_id', '=', key.project_id)
    .where('id', '=', key.id)
    .forUpdate()
    .executeTakeFirst();
}

/** Locks one that is due; undefined when it is not any more, or somebody else holds it. */
export function claim(
  tx: Transaction<Schema>,
  key: ReplyKey,
  now: Date,
): Promise<ScheduledReplyRow | undefined> {
  return tx
    .selectFrom('scheduled_replies')
    .selectAll()
    .where('project_id', '=', key.project_id)
    .where('id', '=', key.id)
    .where('state', '=', 'scheduled')
    .where('due_at', '<=', now)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/** What is due anywhere, the longest due first. Nothing is locked yet. */
export async function findDue(
  tx: Kysely<Schema>,
  now: Date,
  limit: number,
): Promise<Pick<ScheduledReplyRow, 'project_id' | 'id' | 'user_id'>[]> {
  const { rows } = await sql<Pick<ScheduledReplyRow, 'project_id' | 'id' | 'user_id'>>`
    /* system: scheduled_replies.due */
    select project_id, id, user_id from scheduled_replies
    where state = 'scheduled' and due_at <= ${now} order by due_at limit ${limit}`.execute(tx);
  return rows;
}

export type Overtaken = ScheduledReplyRow & { is_deleted: boolean; is_revoked: boolean };

/** Without its author it fails anyhow, and their keys went with them. */
const KEY_IS_GONE = sql<boolean>`(s.key_id is not null and s.user_id is not null
  and not exists (select 1 from api_keys k where k.id = s.key_id))`;

/**
 * Whether the customer wrote since reply `s` was scheduled: in the thread that its ticket is part of, or in a ticket
 * that follows one of these up. By the messages' own times: moving them tells nothing.
 */
const CUSTOMER_WROTE = sql<boolean>`exists (
  with recursive family (id) as (
    select s.ticket_id
    union
    select n.id from family f cross join lateral (
      select t.merged_into_id as id from tickets t
      where t.project_id = s.project_id and t.id = f.id and t.merged_into_id is not null
      union all
      select t.id from tickets t where t.project_id = s.project_id and t.merged_into_id = f.id
      union all
      select l.ticket_id from ticket_links l
      where l.project_id = s.project_id and l.linked_ticket_id = f.id and l.kind = 'follow_up'
    ) n
  )
  select 1 from messages m
  where m.project_id = s.project_id and m.ticket_id = any(array(select id from family))
    and m.created_at >= s.hold_from and m.author_type = 'customer' and not m.is_private
    and m.deleted_at is null)`;

export async function customerWrote(tx: Kysely<Schema>, key: ReplyKey): Promise<boolean> {
  const { rows } = await sql<{ wrote: boolean }>`
    select ${CUSTOMER_WROTE} as wrote from scheduled_replies s
    where s.project_id = ${key.project_id} and s.id = ${key.id}`.execute(tx);
  return rows[0]?.wrote ?? false;
}

/**
 * Locks those whose ticket was deleted or whose key was revoked, or whose customer wrote although that was to hold them. It looks at every
 * scheduled reply and its ticket, and at the threads of those that are to be held: few wait at any time, as only people
 * write them.
 */
export async function lockOvertaken(tx: Transaction<Schema>, limit: number): Promise<Overtaken[]> {
  const { rows } = await sql<Overtaken>`
    /* system: scheduled_replies.watch */
    select s.*, t.deleted_at is not null as is_deleted, ${KEY_IS_GONE} as is_revoked
    from scheduled_replies s join tickets t on t.project_id = s.project_id and t.id = s.ticket_id
    where s.state = 'scheduled' and (t.deleted_at is not null or ${KEY_IS_GONE}
      or (s.cancel_if_customer_replies and ${CUSTOMER_WROTE}))
    limit ${limit} for update of s skip locked`.execute(tx);
  return rows;
}

export function update(
  tx: Transaction<Schema>,
  key: ReplyKey,
  changes: ScheduledReplyChanges,
): Promise<ScheduledReplyRow> {
  return tx
    .updateTable('scheduled_replies')
    .set({ ...changes, version: sql`version + 1` })
    .where('project_id', '=', key.project_id)
    .where('id', '=', key.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function remove(tx: Transaction<Schema>, key: ReplyKey): Promise<void> {
  await tx
    .deleteFrom('scheduled_replies')
    .where('project_id', '=', key.project_id)
    .where('id', '=', key.id)
    .execute();
}
