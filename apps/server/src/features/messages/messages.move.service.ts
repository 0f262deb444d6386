import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';

/** Messages that were written to `sourceIds` while those were merged go back to them from `fromIds`. */
export async function returnMessages(
  uow: Uow,
  projectId: number,
  fromIds: readonly string[],
  sourceIds: readonly string[],
): Promise<void> {
  await sql`
    update messages m set ticket_id = m.via_ticket_id, via_ticket_id = null
    where m.project_id = ${projectId} and m.ticket_id = any(${[...fromIds]}::uuid[])
      and m.via_ticket_id = any(${[...sourceIds]}::uuid[])`.execute(uow.tx);
}

/** The same for all merged tickets at once. Answers which tickets got any. */
export async function returnAllMessages(
  uow: Uow,
  projectId: number,
  fromIds: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ ticket_id: string }>`
    update messages m set ticket_id = m.via_ticket_id, via_ticket_id = null
    where m.project_id = ${projectId} and m.ticket_id = any(${[...fromIds]}::uuid[])
      and m.via_ticket_id is not null
    returning m.ticket_id`.execute(uow.tx);
  return [...new Set(rows.map((row) => row.ticket_id))];
}

/** Keeps to which merged ticket a message was written that went to the head of its thread. */
export async function markVia(
  uow: Uow,
  messageId: string,
  via: { project_id: number; id: string },
): Promise<void> {
  await sql`
    update messages m set via_ticket_id = ${via.id}
    where m.project_id = ${via.project_id} and m.id = ${messageId}`.execute(uow.tx);
}

/** Notes that an operation wrote by itself go when it is undone, unless somebody made them their own by an edit. */
export async function withdrawNotes(
  uow: Uow,
  projectId: number,
  messageIds: readonly string[],
): Promise<void> {
  if (messageIds.length === 0) return;
  await sql`
    update messages m set deleted_at = ${uow.now}
    where m.project_id = ${projectId} and m.id = any(${[...messageIds]}::uuid[])
      and m.is_private and m.version = 0 and m.deleted_at is null`.execute(uow.tx);
}

/** Moves messages with what is on its way of them. Ids and dates stay, so they stay unique. */
export async function moveMessages(
  uow: Uow,
  projectId: number,
  messageIds: readonly string[],
  toTicketId: string,
): Promise<void> {
  const ids = sql`any(${[...messageIds]}::uuid[])`;
  await sql`
    update messages m set ticket_id = ${toTicketId}
    where m.project_id = ${projectId} and m.id = ${ids}`.execute(uow.tx);
  await sql`
    update outbox o set ticket_id = ${toTicketId}
    where o.project_id = ${projectId} and o.message_id = ${ids}`.execute(uow.tx);
}
