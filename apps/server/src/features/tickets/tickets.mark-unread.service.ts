import type { Uow } from '#platform/unit-of-work.ts';
import { ticketEvent } from './tickets.events.ts';
import { update } from './tickets.repo.ts';
import type { ChangeableTicket } from './tickets.service.ts';
import { unreadCountKey } from './tickets.unread-count.service.ts';

/** The shared counter of a ticket that was read says one message again. As reading, it leaves updated_at alone. */
export async function countAsUnread(uow: Uow, ticket: ChangeableTicket): Promise<void> {
  if (ticket.unread_team_count > 0) return;
  const after = await update(uow.tx, ticket, { unread_team_count: 1 });
  uow.emit(ticketEvent('tickets.mark_unread', after));
  uow.invalidate(unreadCountKey(ticket.project_id));
}
