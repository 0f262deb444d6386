import type { WidgetTraits } from '@parley/contract/widget';
import { changeTickets } from '#features/tickets/tickets.change.service.ts';
import { mergeTraits } from '#features/tickets/tickets.customer.service.ts';
import { lockTicket } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { findThread } from './merged-thread.ts';
import type { Visitor } from './visitor.ts';
import { cleanTraits } from './visitor-details.ts';
import { readAccess, requireAccess } from './widget-access.ts';

/** What the visitor says of themselves after they wrote, such as where to answer them: no proof of anything. */
export async function updateTraitsForVisitor(
  uow: Uow,
  project: Project,
  visitor: Visitor,
  ticketId: string,
  { traits }: WidgetTraits,
): Promise<{ success: true }> {
  const [found] = await readAccess(uow, project, visitor, [ticketId]);
  const access = requireAccess(found);
  const { shown } =
    access.merged_into_id === null ? { shown: access } : await findThread(uow, project, visitor, access);
  const ticket = await lockTicket(uow, project, shown.id);
  const merged = JSON.stringify(mergeTraits(ticket.anonymous_traits, cleanTraits(traits)));
  if (merged !== JSON.stringify(ticket.anonymous_traits))
    await changeTickets(uow, [{ ticket, changes: { anonymous_traits: merged } }]);
  return { success: true };
}
