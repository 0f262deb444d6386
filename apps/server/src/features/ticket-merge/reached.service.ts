import { ApiError } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { areOfOneCustomer } from './same-customer.service.ts';
import * as repo from './ticket-merges.repo.ts';

/** A reply that was written a while before it is sent. */
export interface WaitingReply {
  /** The ticket it was written to. */
  ticketId: string;
  /** Where that one's thread goes on, locked. */
  head: repo.Thread;
  /** When somebody last saw to whom it goes. */
  since: Date;
}

/**
 * Whether it would reach another customer than it was meant for: merges since then joined tickets of several. The one
 * whose ticket the thread goes on in gets it, and those of the merged ones may be copied.
 */
export async function reachesOthers(uow: Uow, { ticketId, head, since }: WaitingReply): Promise<boolean> {
  if (head.merged_ticket_ids.length === 0) return false;
  const merges = await repo.findMany(uow.tx, head.project_id, head.merged_ticket_ids);
  const before = merges.filter(({ merged_at }) => merged_at < since);
  const known = new Set([ticketId]);
  // As it grows, the set is walked over once more: a merge is a pair, and there are at most a hundred of them.
  for (const id of known) {
    for (const { source_id, target_id } of before) {
      if (source_id === id) known.add(target_id);
      if (target_id === id) known.add(source_id);
    }
  }
  const joined = [head.id, ...head.merged_ticket_ids].filter((id) => !known.has(id)).map((id) => ({ id }));
  if (joined.length === 0) return false;
  return !(await areOfOneCustomer(uow, { project_id: head.project_id, id: ticketId }, joined));
}

/** Refuses to send it to customers that nobody had in mind, unless the caller says so. */
export async function checkReached(
  uow: Uow,
  reply: WaitingReply,
  { allow_different_customers: isAllowed }: { allow_different_customers?: boolean },
): Promise<void> {
  if (isAllowed || !(await reachesOthers(uow, reply))) return;
  throw new ApiError(
    'different_customers',
    'Tickets of different customers were merged since it was written. Send allow_different_customers to send it.',
    { attr: 'allow_different_customers' },
  );
}
