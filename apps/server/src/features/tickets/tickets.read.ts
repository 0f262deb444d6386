import { sql } from 'kysely';
import { readTicketNotifications } from '#features/notifications/notifications.read.service.ts';
import { clearMovedUnread } from '#features/ticket-merge/moved-unread.service.ts';
import { type Project, userOf } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { ticketEvent } from './tickets.events.ts';
import { canMarkRead } from './tickets.policy.ts';
import { lock, parseTicketRef, type TicketRow, update } from './tickets.repo.ts';
import { unreadCountKey } from './tickets.unread-count.service.ts';

/**
 * Clears the shared counter, where the caller may, and sets the caller's own mark. updated_at stays: reading is not a
 * change of the ticket's matter (tickets-api.md 2.4).
 */
export async function markTicketRead(uow: Uow, project: Project, idOrNumber: string): Promise<void> {
  const ref = parseTicketRef(idOrNumber);
  const ticket = ref && (await lock(uow.tx, project.id, ref));
  if (!ticket || ticket.deleted_at !== null) throw notFound();
  const user = userOf(uow.actor);
  if (user) await readForUser(uow, ticket, user.id);
  if (ticket.unread_team_count === 0 || !canMarkRead(project)) return;
  const after = await update(uow.tx, ticket, { unread_team_count: 0 });
  await clearMovedUnread(uow, after, 'team');
  uow.emit(ticketEvent('tickets.read', after));
  uow.invalidate(unreadCountKey(project.id));
}

/** The user's own mark, and what they were told of the ticket. */
async function readForUser(uow: Uow, ticket: TicketRow, userId: number): Promise<void> {
  const { project_id, id, last_customer_message_at: newest } = ticket;
  if (newest) {
    // The message's own time: what arrives a moment later stays unread whatever the clocks say.
    await sql`
      insert into ticket_reads (project_id, user_id, ticket_id, read_at)
      values (${project_id}, ${userId}, ${id}, ${newest})
      on conflict (project_id, user_id, ticket_id)
      do update set read_at = greatest(ticket_reads.read_at, excluded.read_at)`.execute(uow.tx);
  } else {
    // Marked as unread without a message to read.
    await sql`
      delete from ticket_reads where project_id = ${project_id} and user_id = ${userId} and ticket_id = ${id}`.execute(
      uow.tx,
    );
  }
  await readTicketNotifications(uow, ticket, userId);
}
