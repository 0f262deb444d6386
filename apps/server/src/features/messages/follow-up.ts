import { findFollowUp, linkTickets } from '#features/ticket-links/ticket-links.service.ts';
import { type ChangeableTicket, lockTickets, type TicketRow } from '#features/tickets/tickets.service.ts';
import { insertSibling } from '#features/tickets/tickets.sibling.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { followUpAfterMs } from './messages.rules.ts';

/**
 * Where a customer's message on a ticket that was resolved long ago goes, where the project wants that: a new ticket,
 * linked as following up; the next messages on the old one go there too. Undefined for the ticket itself. A ticket
 * without `resolved_at` is never too old. `written` is the ticket the customer wrote to, when that was merged into it.
 */
export async function followUp(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  written: TicketRow = ticket,
): Promise<{ ticket: ChangeableTicket; isNew: boolean } | undefined> {
  const afterMs = followUpAfterMs(project);
  if (afterMs === undefined || ticket.status !== 'resolved' || ticket.resolved_at === null) return undefined;
  if (ticket.resolved_at.getTime() + afterMs >= uow.now.getTime()) return undefined;
  const earlierId = await findFollowUp(uow, ticket, written);
  const [earlier] = earlierId === undefined ? [] : await lockTickets(uow, project, [earlierId]);
  if (earlier) return { ticket: earlier, isNew: false };
  const options = { status: 'new', subject: written.email_subject } as const;
  const opened = await insertSibling(uow, project, written, options);
  await linkTickets(uow, { ticket: opened, linked: ticket, kind: 'follow_up' });
  return { ticket: opened, isNew: true };
}
