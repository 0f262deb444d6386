import type { Database } from '@parley/db/database';
import type { Schema } from '@parley/db/schema';
import { sql, type Transaction } from 'kysely';
import { fromKysely, fromPglite, PgBoss, type QueueResult } from 'pg-boss';
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

const HEARTBEAT_SECONDS = 30;
const NO_JOB = '00000000-0000-0000-0000-000000000000';

function createBoss({ database, schedule }: JobsOptions): PgBoss {
  const common = {
    schedule,
    supervise: schedule,
    superviseIntervalSeconds: HEARTBEAT_SECONDS,
    monitorIntervalSeconds: HEARTBEAT_SECONDS,
    persistWarnings: false,
    useListenNotify: true,
  };
  return 'url' in database.source
    ? new PgBoss({
        ...common,
        connectionString: database.source.url,
        max: 3,
        application_name: 'parley jobs',
      })
    : new PgBoss({ ...common, db: fromPglite(database.source.pglite), backend: 'pglite' });
}

function settingsOf({ retryLimit, retryDelay, expireInSeconds }: JobDefinition) {
  // A worker that dies stops saying that it lives, and its job is given to another.
  const heartbeatSeconds = HEARTBEAT_SECONDS;
  return { retryLimit, retryDelay, retryBackoff: true, expireInSeconds, heartbeatSeconds, notify: true };
}

/** Whether an earlier version created the queue with other settings. */
function differs(queue: QueueResult, settings: ReturnType<typeof settingsOf>): boolean {
  return (Object.keys(settings) as (keyof typeof settings)[]).some((name) => queue[name] !== settings[name]);
}

/** The embedded database has one process, and it has just started: whatever seems to be running belongs to a dead one. */
async function recoverOrphans(database: Database): Promise<void> {
  await sql`/* system: jobs.recover */
    update pgboss.job set state = 'retry', start_after = now(), heartbeat_on = null where state = 'active'`.execute(
    database.kysely,
  );
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
  if (options.database.kind === 'pglite') await recoverOrphans(options.database);
  const existing = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
  for (const definition of options.definitions) {
    const { name } = definition;
    const settings = settingsOf(definition);
    const queue = existing.get(name);
    if (!queue) {
      await boss.createQueue(name, settings);
      await boss.findJobs(name, { id: NO_JOB });
    } else if (differs(queue, settings)) await boss.updateQueue(name, settings);
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
