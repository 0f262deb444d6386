import { MERGED_MAX } from '@parley/contract/ticket-merge';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import { ApiError } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { areOfOneCustomer } from './same-customer.service.ts';

/**
 * What stands against a merge. Both are heads of their threads, so no chain of merges can close to a circle; the
 * caller holds the project's merges.
 */
export function checkMergeable(source: TicketRow, target: TicketRow): void {
  if (source.id === target.id)
    throw new ApiError('same_ticket', 'A ticket cannot be merged into itself.', { attr: 'target' });
  if (source.merged_into_id !== null)
    throw new ApiError('already_merged', `#${source.ticket_number} is merged already.`);
  if (target.merged_into_id !== null) {
    const detail = `#${target.ticket_number} is merged itself. Merge into the ticket where its thread goes on.`;
    throw new ApiError('target_merged', detail, { attr: 'target' });
  }
  const merged = target.merged_ticket_ids.length + source.merged_ticket_ids.length + 1;
  if (merged > MERGED_MAX)
    throw new ApiError('merge_limit', `A ticket shows the threads of at most ${MERGED_MAX} others.`);
}

/** Different customers have to be named as such (inbox.md 5.5, case I101). */
export async function checkCustomers(uow: Uow, source: TicketRow, target: TicketRow): Promise<void> {
  if (await areOfOneCustomer(uow, source, [target])) return;
  throw new ApiError(
    'different_customers',
    'The tickets are of different customers. Send allow_different_customers to merge them all the same.',
    { attr: 'allow_different_customers' },
  );
}
