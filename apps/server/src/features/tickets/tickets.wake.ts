import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';
import { statusAfterWaking, withResolvedAt } from './tickets.changes.ts';
import { lockMany, update } from './tickets.repo.ts';
import { reportChanges, type TicketTransition } from './tickets.report.service.ts';

const BATCH = 100;

/**
 * Ends snoozes whose time has come: `resolved` stays resolved, all others become `open` (decisions.md 21).
 * Merged tickets stay as they are. Returns
 * how many it ended. Several nodes may run it at once: each skips what another has locked.
 */
export async function wakeSnoozedTickets(uow: Uow): Promise<number> {
  const { rows } = await sql<{ project_id: number; id: string }>`
    /* system: tickets.wake */
    select project_id, id from tickets where snoozed_until <= ${uow.now} and deleted_at is null
      and merged_into_id is null order by snoozed_until limit ${BATCH} for update skip locked`.execute(
    uow.tx,
  );
  const transitions: TicketTransition[] = [];
  for (const [projectId, due] of Map.groupBy(rows, (row) => row.project_id)) {
    const ids = due.map((row) => row.id);
    for (const before of await lockMany(uow.tx, projectId, ids)) {
      const awake = { snoozed_until: null, status: statusAfterWaking(before.status), updated_at: uow.now };
      const changes = withResolvedAt(before, awake, uow.now);
      transitions.push({ before, after: await update(uow.tx, before, changes) });
    }
  }
  await reportChanges(uow, transitions);
  return transitions.length;
}
