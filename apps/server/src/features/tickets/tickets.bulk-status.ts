import type { TicketStatus } from '@parley/contract/tickets';
import { changedFields, keepUndo } from '#features/ticket-bulk/undo.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { withResolvedAt } from './tickets.changes.ts';
import { lockMany, update } from './tickets.repo.ts';
import { reportChanges, type TicketTransition } from './tickets.report.service.ts';

/** Sets a status on many tickets; foreign, unknown, unchanged and merged ones are skipped (tickets-api.md 2.12). */
export async function bulkUpdateStatus(
  uow: Uow,
  project: Project,
  ids: readonly string[],
  status: TicketStatus,
) {
  const transitions: TicketTransition[] = [];
  for (const before of await lockMany(uow.tx, project.id, ids)) {
    if (before.status === status || before.merged_into_id !== null) continue;
    const changes = withResolvedAt(before, { status, updated_at: uow.now }, uow.now);
    transitions.push({ before, after: await update(uow.tx, before, changes) });
  }
  await reportChanges(uow, transitions);
  const undo = await keepUndo(uow, project.id, changedFields(transitions));
  return { updated: transitions.length, ids: transitions.map(({ after }) => after.id), undo };
}
