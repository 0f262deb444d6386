import { sql } from 'kysely';
import { clearMovedUnread } from '#features/ticket-merge/moved-unread.service.ts';
import { type Project, userOf } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { ticketEvent } from './tickets.events.ts';
import { canMarkRead } from './tickets.policy.ts';
import { lock, parseTicketRef, update } from './tickets.repo.ts';
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
  if (user && ticket.last_customer_message_at) {
    // The message's own time: what arrives a moment later stays unread whatever the clocks say.
    await sql`
      insert into ticket_reads (project_id, user_id, ticket_id, read_at)
      values (${project.id}, ${user.id}, ${ticket.id}, ${ticket.last_customer_message_at})
      on conflict (project_id, user_id, ticket_id)
      do update set read_at = greatest(ticket_reads.read_at, excluded.read_at)`.execute(uow.tx);
  }
  if (ticket.unread_team_count === 0 || !canMarkRead(project)) return;
  const after = await update(uow.tx, ticket, { unread_team_count: 0 });
  await clearMovedUnread(uow, after);
  uow.emit(ticketEvent('tickets.read', after));
  uow.invalidate(unreadCountKey(project.id));
}
