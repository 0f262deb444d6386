import { countThread } from '#features/messages/messages.figures.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import * as repo from './ticket-merges.repo.ts';

/** Counts anew every thread that shows a ticket's messages, but for one that has just been brought up to date. */
export async function recountThreads(
  uow: Uow,
  projectId: number,
  ticketId: string,
  doneId: string,
): Promise<void> {
  const ids = [ticketId, ...(await repo.findTargets(uow.tx, projectId, ticketId))];
  const others = ids.filter((id) => id !== doneId);
  for (const thread of await repo.lockThreads(uow.tx, projectId, others)) {
    await repo.setFigures(uow.tx, thread, await countThread(uow, thread));
  }
}
