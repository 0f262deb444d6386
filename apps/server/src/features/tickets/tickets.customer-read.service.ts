import { clearMovedUnread } from '#features/ticket-merge/moved-unread.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { ticketEvent } from './tickets.events.ts';
import { update } from './tickets.repo.ts';
import type { ChangeableTicket } from './tickets.service.ts';

/** The customer has read what the team wrote. updated_at stays, as when the team reads. */
export async function markReadByCustomer(uow: Uow, ticket: ChangeableTicket): Promise<void> {
  if (ticket.unread_customer_count === 0) return;
  const after = await update(uow.tx, ticket, { unread_customer_count: 0 });
  await clearMovedUnread(uow, after, 'customer');
  uow.emit(ticketEvent('tickets.customer_read', after));
}
