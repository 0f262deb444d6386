import type { Schema } from '@parley/db/schema';
import type { ReportProgressTable } from '@parley/db/tables-reports';
import { type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely';

export type ReportProgress = Selectable<ReportProgressTable>;
type Tx = Transaction<Schema>;

/** Projects whose figures are behind their events, or of days of another time zone; the longest behind first. */
export async function findBehind(tx: Tx, limit: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    /* system: reports.behind */
    select p.id from projects p
    join event_counters c on c.project_id = p.id
    left join report_progress r on r.project_id = p.id
    where r.project_id is null or c.last_seq > r.seq or r.pass_after is not null or r.timezone <> p.timezone
    order by r.projected_at nulls first limit ${limit}`.execute(tx);
  return rows.map(({ id }) => id);
}

/**
 * Locks the progress of a project, which the first call makes: a new project begins with its first event. Undefined
 * while another process has it. Whoever has it is the only one to write the project's figures.
 */
export async function lockProgress(
  tx: Tx,
  project: { id: number; timezone: string },
  now: Date,
): Promise<ReportProgress | undefined> {
  await tx
    .insertInto('report_progress')
    .values({ project_id: project.id, seq: 0, timezone: project.timezone, projected_at: now })
    .onConflict((conflict) => conflict.column('project_id').doNothing())
    .execute();
  return tx
    .selectFrom('report_progress')
    .selectAll()
    .where('project_id', '=', project.id)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

export async function writeProgress(
  tx: Tx,
  projectId: number,
  changes: Updateable<ReportProgressTable>,
): Promise<void> {
  await tx.updateTable('report_progress').set(changes).where('project_id', '=', projectId).execute();
}

/** How far the figures of a project are, beside its newest event. */
export function findProgress(tx: Kysely<Schema>, projectId: number) {
  return tx
    .selectFrom('event_counters as c')
    .leftJoin('report_progress as r', 'r.project_id', 'c.project_id')
    .select(['c.last_seq', 'r.seq', 'r.timezone', 'r.pass_after', 'r.projected_at'])
    .where('c.project_id', '=', projectId)
    .executeTakeFirst();
}
