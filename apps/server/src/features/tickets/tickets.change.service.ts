import { authorize } from '#platform/authorized.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { withResolvedAt } from './tickets.changes.ts';
import { updateEach } from './tickets.many.repo.ts';
import type { TicketChanges } from './tickets.repo.ts';
import { reportChanges, type TicketTransition } from './tickets.report.service.ts';
import type { ChangeableTicket } from './tickets.service.ts';

export { mergedDetail, reopensMerged, statusAfterSnooze } from './tickets.changes.ts';
export type { TicketChanges } from './tickets.repo.ts';

export interface TicketChange {
  ticket: ChangeableTicket;
  changes: TicketChanges;
}

export interface ChangedTicket extends TicketTransition {
  before: ChangeableTicket;
  after: ChangeableTicket;
}

/**
 * Writes fields of locked tickets and reports what changed. resolved_at follows the status unless it is among the
 * changes. New tags must be in the vocabulary already.
 */
export async function changeTickets(uow: Uow, wanted: readonly TicketChange[]): Promise<ChangedTicket[]> {
  const all = wanted.map(({ ticket, changes }) => ({
    ticket,
    changes: { ...withResolvedAt(ticket, changes, uow.now), ...changes, updated_at: uow.now },
  }));
  const rows = await updateEach(uow.tx, all);
  const changed = wanted.flatMap(({ ticket: before }, index): ChangedTicket[] => {
    const after = rows[index];
    return after ? [{ before, after: authorize(after, 'change', true) }] : [];
  });
  await reportChanges(uow, changed);
  return changed;
}
