import { sql } from 'kysely';
import type { JobContext } from '#platform/jobs/worker.ts';

const KEPT_MS = 90 * 24 * 3_600_000;
const BATCH = 5000;

/** Removes what nobody was told of again for 90 days, read or not, in batches that hold no lock for long. */
export async function run(context: JobContext): Promise<void> {
  const deleteBatch = () =>
    context.run(async (uow) => {
      const before = new Date(uow.now.getTime() - KEPT_MS);
      const { numAffectedRows } = await sql`
        /* system: notifications.prune */
        delete from notifications where (project_id, id) in (
          select project_id, id from notifications where updated_at < ${before}
          order by updated_at limit ${BATCH} for update skip locked)`.execute(uow.tx);
      return numAffectedRows === BigInt(BATCH);
    });
  while (!context.signal.aborted && (await deleteBatch()));
}
