import { countThread } from '#features/messages/messages.figures.service.ts';
import { returnAllMessages } from '#features/messages/messages.move.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import * as repo from './ticket-merges.repo.ts';

/** Counts anew every thread that shows a ticket's messages, but for one that has just been brought up to date. */
export async function recountThreads(
  uow: Uow,
  projectId: number,
  ticketId: string,
  doneId?: string,
): Promise<void> {
  const ids = [ticketId, ...(await repo.findTargets(uow.tx, projectId, ticketId))];
  const others = ids.filter((id) => id !== doneId);
  for (const thread of await repo.lockThreads(uow.tx, projectId, others)) {
    await repo.setFigures(uow.tx, thread, await countThread(uow, thread));
  }
}

/**
 * Tickets are about to be removed for good: what was written to tickets that are merged into them goes back to those,
 * which then stand for themselves again.
 */
export async function releaseMessages(uow: Uow, projectId: number, ids: readonly string[]): Promise<void> {
  for (const ticketId of await returnAllMessages(uow, projectId, ids))
    await recountThreads(uow, projectId, ticketId);
}
