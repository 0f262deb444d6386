import { sql } from 'kysely';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { noteDeleted } from './messages.events.ts';

/** Messages that were written to `sourceIds` while those were merged go back to them from `fromIds`. */
export async function returnMessages(
  uow: Uow,
  projectId: number,
  fromIds: readonly string[],
  sourceIds: readonly string[],
): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    update messages m set ticket_id = m.via_ticket_id, via_ticket_id = null
    where m.project_id = ${projectId} and m.ticket_id = any(${[...fromIds]}::uuid[])
      and m.via_ticket_id = any(${[...sourceIds]}::uuid[])
    returning m.id`.execute(uow.tx);
  if (rows.length === 0) return;
  // What is on its way of them goes along.
  await sql`
    update outbox o set ticket_id = m.ticket_id from messages m
    where o.project_id = ${projectId} and o.message_id = any(${rows.map(({ id }) => id)}::uuid[])
      and m.project_id = o.project_id and m.id = o.message_id`.execute(uow.tx);
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

/**
 * Notes that an operation wrote to these tickets by itself go when it is undone, unless somebody made them their own by
 * an edit.
 */
export async function withdrawNotes(
  uow: Uow,
  tickets: readonly TicketRow[],
  messageIds: readonly string[],
): Promise<void> {
  const [first] = tickets;
  if (!first || messageIds.length === 0) return;
  const { rows } = await sql<{ id: string; ticket_id: string; version: number }>`
    update messages m set deleted_at = ${uow.now}
    where m.project_id = ${first.project_id} and m.id = any(${[...messageIds]}::uuid[])
      and m.is_private and m.version = 0 and m.deleted_at is null
    returning m.id, m.ticket_id, m.version`.execute(uow.tx);
  for (const { id, ticket_id, version } of rows) {
    const ticket = tickets.find((each) => each.id === ticket_id) ?? first;
    uow.emit(noteDeleted(ticket, { id, version }));
  }
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
