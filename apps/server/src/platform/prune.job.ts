import { sql } from 'kysely';
import type { JobContext } from './jobs/worker.ts';

const DAY_MS = 24 * 3_600_000;
/** A stream can be resumed this long; an idempotency key is remembered for a day (decisions.md 18). */
const EVENTS_KEPT_MS = 30 * DAY_MS;
/** Longer than the year that an audit asks about. */
const AUDIT_KEPT_MS = 400 * DAY_MS;
const BATCH = 5000;

type Pruned = 'events' | 'idempotency_keys' | 'undos' | 'audit_log' | 'widget_restore_tokens' | 'page_events';

/** Removes what has served its time, in batches that hold no lock for long. */
export async function run(context: JobContext): Promise<void> {
  const deleteBatch = (table: Pruned, keptMs: number) =>
    context.run(async (uow) => {
      const before = new Date(uow.now.getTime() - keptMs);
      const result = await sql`
        /* system: platform.prune */
        delete from ${sql.table(table)} where ctid = any(array(
          select ctid from ${sql.table(table)} where created_at < ${before} limit ${BATCH}))`.execute(uow.tx);
      return Number(result.numAffectedRows ?? 0) === BATCH;
    });
  while (!context.signal.aborted && (await deleteBatch('events', EVENTS_KEPT_MS)));
  while (!context.signal.aborted && (await deleteBatch('idempotency_keys', DAY_MS)));
  while (!context.signal.aborted && (await deleteBatch('undos', DAY_MS)));
  while (!context.signal.aborted && (await deleteBatch('audit_log', AUDIT_KEPT_MS)));
  while (!context.signal.aborted && (await deleteBatch('page_events', EVENTS_KEPT_MS)));
  // They are good for an hour; so long it is told what became of them.
  while (!context.signal.aborted && (await deleteBatch('widget_restore_tokens', DAY_MS)));
}
