import { sql } from 'kysely';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import type { ChangeableTicket } from '#features/tickets/tickets.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/**
 * Hides a message and takes it out of the ticket's figures (tickets-api.md 6.2): the count, the customer's unread
 * count when the team wrote it, and the last message. Returns false when it was gone already.
 */
export async function deleteMessage(uow: Uow, ticket: ChangeableTicket, messageId: string): Promise<boolean> {
  const { rows } = await sql<{ is_private: boolean; by_team: boolean }>`
    update messages m set deleted_at = ${uow.now}
    where m.project_id = ${ticket.project_id} and m.ticket_id = ${ticket.id} and m.id = ${messageId}
      and m.deleted_at is null
    returning m.is_private, m.author_type <> 'customer' and m.author_user_id is not null as by_team`.execute(
    uow.tx,
  );
  const deleted = rows[0];
  if (!deleted) return false;
  if (!deleted.is_private) {
    await sql`
      update tickets t set
        message_count = greatest(t.message_count - 1, 0),
        unread_customer_count = greatest(t.unread_customer_count - ${deleted.by_team ? 1 : 0}, 0),
        last_message_at = newest.created_at,
        last_message_text = left(newest.content, 500),
        version = t.version + 1
      from (select 1) as one
      left join lateral (
        select m.created_at, m.content from messages m
        where m.project_id = ${ticket.project_id} and m.ticket_id = ${ticket.id}
          and m.deleted_at is null and not m.is_private
        order by m.created_at desc limit 1) newest on true
      where t.project_id = ${ticket.project_id} and t.id = ${ticket.id}`.execute(uow.tx);
  }
  uow.emit({
    ...ticketEvent(
      'messages.delete',
      { ...ticket, version: ticket.version + (deleted.is_private ? 0 : 1) },
      { message_id: messageId },
    ),
    resourceId: messageId,
  });
  return true;
}
