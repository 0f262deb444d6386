import type { FeedKind } from '@parley/contract/notifications';
import type { Schema } from '@parley/db/schema';
import type { NotificationsTable } from '@parley/db/tables-notifications';
import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely';

/** What of an event notifications are made from. */
export interface FeedEvent {
  seq: number;
  name: (typeof FEED_EVENTS)[number];
  ticket_id: string;
  message_id: string | null;
  assignee_type: string | null;
  assignee_id: string | null;
  new_mentions: unknown;
  actor_type: string;
  actor_id: string | null;
  created_at: Date;
}

export const FEED_EVENTS = [
  'tickets.create',
  'tickets.assign',
  'tickets.sla_at_risk',
  'tickets.sla_breached',
  'messages.receive',
  'notes.create',
  'notes.update',
] as const;

/** Rows of one statement: it may hold 65,535 parameters. */
const INSERTED = 1000;

/** Projects with numbered events that nobody was told of yet. */
export async function findBehind(tx: Kysely<Schema>, limit: number): Promise<number[]> {
  const { rows } = await sql<{ project_id: number }>`
    /* system: notifications.behind */
    select c.project_id from event_counters c
    join projects p on p.id = c.project_id
    left join notification_cursors n on n.project_id = c.project_id
    where c.last_seq > coalesce(n.cursor_seq, 0)
    order by c.project_id limit ${limit}`.execute(tx);
  return rows.map((row) => row.project_id);
}

/** Undefined while another process has it. A project without one begins with its first event. */
export async function lockCursor(tx: Transaction<Schema>, projectId: number): Promise<number | undefined> {
  const take = async () => {
    const query = tx
      .selectFrom('notification_cursors')
      .select('cursor_seq')
      .where('project_id', '=', projectId);
    return (await query.forUpdate().skipLocked().executeTakeFirst())?.cursor_seq;
  };
  const cursor = await take();
  if (cursor !== undefined) return cursor;
  const { numInsertedOrUpdatedRows: inserted } = await tx
    .insertInto('notification_cursors')
    .values({ project_id: projectId, cursor_seq: 0 })
    .onConflict((conflict) => conflict.columns(['project_id']).doNothing())
    .executeTakeFirstOrThrow();
  return inserted ? take() : undefined;
}

export async function moveCursor(tx: Transaction<Schema>, projectId: number, seq: number): Promise<void> {
  await tx
    .updateTable('notification_cursors')
    .set({ cursor_seq: seq })
    .where('project_id', '=', projectId)
    .execute();
}

export async function findLastSeq(tx: Kysely<Schema>, projectId: number): Promise<number> {
  const row = await tx
    .selectFrom('event_counters')
    .select('last_seq')
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row?.last_seq ?? 0;
}

/** The events in a range of numbers that somebody may be told of, in their order. */
export async function findEvents(
  tx: Kysely<Schema>,
  projectId: number,
  { after, upTo }: { after: number; upTo: number },
): Promise<FeedEvent[]> {
  const { rows } = await sql<FeedEvent>`
    select e.seq, e.name, e.ticket_id, e.payload ->> 'message_id' as message_id,
      e.payload ->> 'assignee_type' as assignee_type, e.payload ->> 'assignee_id' as assignee_id,
      e.payload -> 'new_mentions' as new_mentions,
      e.actor ->> 'actor_type' as actor_type, e.actor ->> 'actor_id' as actor_id, e.created_at
    from events e
    where e.project_id = ${projectId} and e.seq > ${after} and e.seq <= ${upTo}
      and e.name = any(${[...FEED_EVENTS]}::text[]) and e.ticket_id is not null
    order by e.seq`.execute(tx);
  return rows;
}

export type NotificationRow = Selectable<NotificationsTable>;
export type OpenRow = Pick<NotificationRow, 'id' | 'user_id' | 'ticket_id' | 'kind'>;

/**
 * Holds tickets as a row that points to them does. Whoever reads a ticket locks it first and its notifications then, and
 * so must whoever adds to them.
 */
export async function holdTickets(
  tx: Transaction<Schema>,
  projectId: number,
  ticketIds: readonly string[],
): Promise<void> {
  await sql`
    select t.id from tickets t where t.project_id = ${projectId} and t.id = any(${[...ticketIds]}::uuid[])
    order by t.id for key share`.execute(tx);
}

/** Unread notifications that may take more of their kind, held against being read meanwhile. */
export function lockOpen(
  tx: Transaction<Schema>,
  projectId: number,
  {
    ticketIds,
    userIds,
    kinds,
  }: { ticketIds: readonly string[]; userIds: readonly number[]; kinds: readonly FeedKind[] },
): Promise<OpenRow[]> {
  return tx
    .selectFrom('notifications')
    .select(['id', 'user_id', 'ticket_id', 'kind'])
    .where('project_id', '=', projectId)
    .where(sql<boolean>`ticket_id = any(${[...ticketIds]}::uuid[])`)
    .where(sql<boolean>`user_id = any(${[...userIds]}::integer[])`)
    .where(sql<boolean>`kind = any(${[...kinds]}::text[])`)
    .where('read_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
}

export type NewNotification = Insertable<NotificationsTable>;

export async function insertMany(tx: Transaction<Schema>, rows: readonly NewNotification[]): Promise<void> {
  for (let start = 0; start < rows.length; start += INSERTED) {
    await tx
      .insertInto('notifications')
      .values(rows.slice(start, start + INSERTED))
      .execute();
  }
}

/** What happened again is counted on the notification that is still unread, and that moves to the top. */
export async function addTo(tx: Transaction<Schema>, id: string, more: NewNotification): Promise<void> {
  const { count, message_id, actor_type, actor_user_id, seq, updated_at } = more;
  await tx
    .updateTable('notifications')
    .set({
      count: sql`count + ${count}::integer`,
      ...{ message_id, actor_type, actor_user_id, seq },
      updated_at: sql`greatest(updated_at, ${updated_at}::timestamptz)`,
    })
    .where('project_id', '=', more.project_id)
    .where('id', '=', id)
    .execute();
}
