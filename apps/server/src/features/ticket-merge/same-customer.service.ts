import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import * as repo from './ticket-merges.repo.ts';

type Named = Pick<TicketRow, 'project_id' | 'id'>;

/** Whether tickets are known to be of one customer. What a customer merely typed proves nothing (case I101). */
export async function areOfOneCustomer(
  context: ReadContext,
  ticket: Named,
  others: readonly Pick<Named, 'id'>[],
): Promise<boolean> {
  const ids = [ticket.id, ...others.map(({ id }) => id)];
  const customers = await repo.findCustomers(context.tx, ticket.project_id, ids);
  const own = customers.find(({ id }) => id === ticket.id);
  return own !== undefined && customers.every((customer) => isSame(own, customer));
}

function isSame(one: repo.Customer, other: repo.Customer): boolean {
  if (one.distinct_id === other.distinct_id) return true;
  if (one.email !== null && one.email === other.email) return true;
  return one.person_id !== null && one.person_id === other.person_id;
}
