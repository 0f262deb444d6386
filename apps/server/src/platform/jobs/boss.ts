import type { Database } from '@parley/db/database';
import type { Schema } from '@parley/db/schema';
import type { Transaction } from 'kysely';
import { fromKysely, fromPglite, PgBoss } from 'pg-boss';
import type { JobCall, JobDefinition } from './job.ts';

export interface JobsOptions {
  database: Database;
  definitions: readonly JobDefinition[];
  /** Runs due schedules and upkeep; one role of the cluster should. */
  schedule: boolean;
  onError: (error: Error) => void;
}

/** The job queue: PostgreSQL tables, so that a job commits with the rows it is about. */
export interface Jobs {
  readonly boss: PgBoss;
  send(tx: Transaction<Schema>, jobs: readonly JobCall[]): Promise<void>;
  /** Jobs by queue and state, for the metrics. */
  counts(): Promise<{ name: string; queued: number; active: number; failed: number }[]>;
  /** Waits up to `timeoutMs` for running handlers. */
  stop(timeoutMs: number): Promise<void>;
}

const NO_JOB = '00000000-0000-0000-0000-000000000000';

function createBoss({ database, schedule }: JobsOptions): PgBoss {
  const common = { schedule, supervise: schedule, persistWarnings: false, useListenNotify: true };
  return 'url' in database.source
    ? new PgBoss({
        ...common,
        connectionString: database.source.url,
        max: 3,
        application_name: 'parley jobs',
      })
    : new PgBoss({ ...common, db: fromPglite(database.source.pglite), backend: 'pglite' });
}

/**
 * Starts the queue and makes every queue known. pg-boss reads a queue's settings on its own connection the first time
 * it is used; on the embedded database that would wait for the transaction it is called in, forever. So all of them
 * are read here, before the first unit of work.
 */
export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const boss = createBoss(options);
  boss.on('error', options.onError);
  await boss.start();
  const existing = new Set((await boss.getQueues()).map((queue) => queue.name));
  for (const definition of options.definitions) {
    const { name, retryLimit, retryDelay, expireInSeconds } = definition;
    if (!existing.has(name)) {
      await boss.createQueue(name, {
        retryLimit,
        retryDelay,
        retryBackoff: true,
        expireInSeconds,
        notify: true,
      });
      await boss.findJobs(name, { id: NO_JOB });
    }
    if (options.schedule && definition.cron) await boss.schedule(name, definition.cron, {}, { tz: 'UTC' });
  }
  return {
    boss,
    async send(tx, jobs) {
      const db = fromKysely(tx);
      for (const [name, calls] of Map.groupBy(jobs, (job) => job.name)) {
        const rows = calls.map((call) => ({
          data: call.payload,
          ...(call.startAfter ? { startAfter: call.startAfter } : {}),
        }));
        await boss.insert(name, rows, { db });
      }
    },
    async counts() {
      const queues = await boss.getQueues();
      return queues
        .filter((queue) => !queue.name.startsWith('__pgboss'))
        .map(({ name, queuedCount, activeCount, failedCount }) => ({
          name,
          queued: queuedCount,
          active: activeCount,
          failed: failedCount,
        }));
    },
    stop: (timeout) => boss.stop({ graceful: true, timeout }),
  };
}
