import { markReadByCustomer } from '#features/tickets/tickets.customer-read.service.ts';
import { lockTicket } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { findThread } from './merged-thread.ts';
import type { Entered } from './widget.enter.ts';
import { readAccess, requireAccess } from './widget-access.ts';

/** The visitor has read a ticket, or the thread it is merged into (widget.md 5.3). */
export async function markReadForVisitor(
  unitOfWork: UnitOfWork,
  project: Project,
  { actor, visitor }: Entered,
  ticketId: string,
): Promise<{ success: true; unread_count: number }> {
  const unread = await unitOfWork.read(actor, async (context) => {
    const [found] = await readAccess(context, project, visitor, [ticketId]);
    const ticket = requireAccess(found);
    const { shown } =
      ticket.merged_into_id === null
        ? { shown: ticket }
        : await findThread(context, project, visitor, ticket);
    return shown.unread_customer_count > 0 ? shown.id : undefined;
  });
  // Widgets mark again and again what they marked already: that is not to cost a transaction.
  if (unread !== undefined) {
    await unitOfWork.run(actor, async (uow) => {
      await markReadByCustomer(uow, await lockTicket(uow, project, unread));
    });
  }
  return { success: true, unread_count: 0 };
}
