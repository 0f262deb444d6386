import type { WidgetRating } from '@parley/contract/widget';
import { recordSatisfaction } from '#features/reports/satisfaction.service.ts';
import { lockTicket } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { findThread } from './merged-thread.ts';
import type { Visitor } from './visitor.ts';
import { readAccess, requireAccess } from './widget-access.ts';

/** How the visitor rates what was done for them; another rating takes the place of the one before. */
export async function rateForVisitor(
  uow: Uow,
  project: Project,
  visitor: Visitor,
  ticketId: string,
  { rating, comment }: WidgetRating,
): Promise<{ success: true }> {
  const [found] = await readAccess(uow, project, visitor, [ticketId]);
  const ticket = requireAccess(found);
  const { shown } =
    ticket.merged_into_id === null ? { shown: ticket } : await findThread(uow, project, visitor, ticket);
  await recordSatisfaction(uow, await lockTicket(uow, project, shown.id), {
    rating,
    comment: comment ?? undefined,
  });
  return { success: true };
}
