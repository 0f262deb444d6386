import type { Database } from '@parley/db/database';
import { sql } from 'kysely';

/** Rows numbered in one pass: bounds how long the lock is held. */
const BATCH = 1000;
/** The lock of whoever numbers events; any number will do, as long as nobody else takes it. */
const LOCK = 726_001;

/**
 * Numbers committed events, densely per project, in the order of their ids among those that are visible. Returns the
 * projects that got new numbers and whether more events are waiting. Any node may call it at any time: the advisory
 * lock lets one at a time through, and the others find nothing to do.
 */
export async function sequenceEvents(database: Database): Promise<{ projectIds: number[]; more: boolean }> {
  return database.kysely.transaction().execute(async (tx) => {
    const lock = await sql<{ taken: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as taken`.execute(
      tx,
    );
    if (!lock.rows[0]?.taken) return { projectIds: [], more: false };
    const { rows } = await sql<{ project_id: number; numbered: number }>`
      /* system: events.sequence */
      with waiting as (
        -- The counter goes with its project: what was left of a deleted one is never numbered, and must not fill the batch.
        select events.project_id, events.id from events join event_counters using (project_id)
        where events.seq is null order by events.id limit ${BATCH}
      ), numbered as (
        select waiting.project_id, waiting.id,
          event_counters.last_seq + row_number() over (partition by waiting.project_id order by waiting.id) as seq
        from waiting join event_counters using (project_id)
      ), advanced as (
        update event_counters set last_seq = newest.seq
        from (select project_id, max(seq) as seq from numbered group by project_id) as newest
        where event_counters.project_id = newest.project_id
      ), written as (
        update events set seq = numbered.seq from numbered
        where events.project_id = numbered.project_id and events.id = numbered.id
        returning events.project_id
      )
      select project_id, count(*)::integer as numbered from written group by project_id`.execute(tx);
    const total = rows.reduce((sum, row) => sum + row.numbered, 0);
    return { projectIds: rows.map((row) => row.project_id), more: total === BATCH };
  });
}
