import type { TicketStatus } from '@parley/contract/tickets';
import { changedFields, keepUndo } from '#features/ticket-bulk/undo.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { withResolvedAt } from './tickets.changes.ts';
import { updateEach } from './tickets.many.repo.ts';
import { lockMany } from './tickets.repo.ts';
import { reportChanges, type TicketTransition } from './tickets.report.service.ts';

/** Sets a status on many tickets; foreign, unknown, unchanged and merged ones are skipped (tickets-api.md 2.12). */
export async function bulkUpdateStatus(
  uow: Uow,
  project: Project,
  ids: readonly string[],
  status: TicketStatus,
) {
  const locked = await lockMany(uow.tx, project.id, ids);
  const wanted = locked.filter((ticket) => ticket.status !== status && ticket.merged_into_id === null);
  const rows = await updateEach(
    uow.tx,
    wanted.map((ticket) => ({
      ticket,
      changes: withResolvedAt(ticket, { status, updated_at: uow.now }, uow.now),
    })),
  );
  const transitions = wanted.flatMap((before, index): TicketTransition[] => {
    const after = rows[index];
    return after ? [{ before, after }] : [];
  });
  await reportChanges(uow, transitions);
  const undo = await keepUndo(uow, project.id, changedFields(transitions));
  return { updated: transitions.length, ids: transitions.map(({ after }) => after.id), undo };
}
