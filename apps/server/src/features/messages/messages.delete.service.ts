import { sql } from 'kysely';
import { recountThreads } from '#features/ticket-merge/thread-figures.service.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import type { ChangeableTicket } from '#features/tickets/tickets.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { noteDeleted } from './messages.events.ts';
import { inThread } from './messages.sql.ts';

interface Deleted {
  ticket_id: string;
  is_private: boolean;
  version: number;
  by_team: boolean;
}

/**
 * Hides a message of the ticket's thread and takes it out of the figures (tickets-api.md 6.2): the count, the
 * customer's unread count when the team wrote it, and the last message. Returns false when it was gone already.
 */
export async function deleteMessage(uow: Uow, ticket: ChangeableTicket, messageId: string): Promise<boolean> {
  const { rows } = await sql<Deleted>`
    update messages m set deleted_at = ${uow.now}
    where m.project_id = ${ticket.project_id} and ${inThread(ticket)} and m.id = ${messageId}
      and m.deleted_at is null
    returning m.ticket_id, m.is_private, m.version, m.author_type <> 'customer' and m.author_user_id is not null as by_team`.execute(
    uow.tx,
  );
  const deleted = rows[0];
  if (!deleted) return false;
  // Customers are told of deleted messages, and of notes nothing.
  if (deleted.is_private) {
    uow.emit(noteDeleted(ticket, { id: messageId, version: deleted.version }));
    return true;
  }
  await takeOut(uow, ticket, deleted);
  // Whoever else shows the message: its own ticket, and those that one is merged into.
  const isAlone = ticket.merged_into_id === null && deleted.ticket_id === ticket.id;
  if (!isAlone) await recountThreads(uow, ticket.project_id, deleted.ticket_id, ticket.id);
  uow.emit({
    ...ticketEvent('messages.delete', { ...ticket, version: ticket.version + 1 }, { message_id: messageId }),
    resourceId: messageId,
  });
  return true;
}

async function takeOut(uow: Uow, ticket: ChangeableTicket, { by_team }: Deleted): Promise<void> {
  await sql`
    update tickets t set
      message_count = greatest(t.message_count - 1, 0),
      unread_customer_count = greatest(t.unread_customer_count - ${by_team ? 1 : 0}, 0),
      last_message_at = newest.created_at,
      last_message_text = left(newest.content, 500),
      version = t.version + 1
    from (select 1) as one
    left join lateral (
      select m.created_at, m.content from messages m
      where m.project_id = ${ticket.project_id} and ${inThread(ticket)}
        and m.deleted_at is null and not m.is_private
      order by m.created_at desc, m.id desc limit 1) newest on true
    where t.project_id = ${ticket.project_id} and t.id = ${ticket.id}`.execute(uow.tx);
}
