import type { Uow } from '#platform/unit-of-work.ts';
import { type Assigned, findAssigned, lockAssigned, update } from './tickets.repo.ts';
import { reportChanges, type TicketTransition } from './tickets.report.service.ts';

const NOBODY = { assignee_user_id: null, assignee_role_id: null };
/** Rows in memory at once: each may hold long traits. */
const BATCH = 200;

/**
 * Takes the tickets of these projects from a user or a role that goes. Deleted ones too: they can be restored. The
 * caller has locked the membership or the role, so that none can be assigned meanwhile (tickets.assignee.service.ts).
 */
export async function unassignTickets(
  uow: Uow,
  projectIds: readonly number[],
  assigned: Assigned,
): Promise<void> {
  for (const projectId of projectIds) {
    const ids = await findAssigned(uow.tx, projectId, assigned);
    for (let start = 0; start < ids.length; start += BATCH) {
      const transitions: TicketTransition[] = [];
      for (const before of await lockAssigned(uow.tx, projectId, assigned, ids.slice(start, start + BATCH))) {
        transitions.push({ before, after: await update(uow.tx, before, { ...NOBODY, updated_at: uow.now }) });
      }
      await reportChanges(uow, transitions);
    }
  }
}
