import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import * as repo from './ticket-merges.repo.ts';

/** Whether two tickets are known to be of one customer. What a customer merely typed proves nothing (case I101). */
export async function areOfOneCustomer(
  context: ReadContext,
  ticket: TicketRow,
  other: TicketRow,
): Promise<boolean> {
  if (ticket.distinct_id === other.distinct_id) return true;
  const [from, to] = [ticket.email_from?.toLowerCase(), other.email_from?.toLowerCase()];
  if (from !== undefined && from === to) return true;
  const [one, two] = await repo.findPersons(context.tx, ticket.project_id, [ticket.id, other.id]);
  return Boolean(one) && one === two;
}
