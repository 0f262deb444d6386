import type { Schema } from '@parley/db/schema';
import type { WorkingHoursTable } from '@parley/db/tables-service';
import type { Kysely, Selectable, Transaction } from 'kysely';
import { sql } from 'kysely';

export type WorkingHoursRow = Pick<
  Selectable<WorkingHoursTable>,
  'weekly' | 'holidays' | 'version' | 'updated_at'
>;

export function find(tx: Kysely<Schema>, projectId: number): Promise<WorkingHoursRow | undefined> {
  return tx
    .selectFrom('working_hours')
    .select(['weekly', 'holidays', 'version', 'updated_at'])
    .where('project_id', '=', projectId)
    .executeTakeFirst();
}

/** Writes the calendar of a project; whoever comes second replaces what the first one set. */
export function upsert(
  tx: Transaction<Schema>,
  projectId: number,
  calendar: { weekly: string; holidays: string },
  now: Date,
): Promise<WorkingHoursRow> {
  const row = { ...calendar, updated_at: now };
  return tx
    .insertInto('working_hours')
    .values({ project_id: projectId, ...row })
    .onConflict((conflict) =>
      conflict.column('project_id').doUpdateSet({ ...row, version: sql`working_hours.version + 1` }),
    )
    .returning(['weekly', 'holidays', 'version', 'updated_at'])
    .executeTakeFirstOrThrow();
}
