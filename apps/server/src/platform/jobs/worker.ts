import Compile from 'typebox/compile';
import type { Actor } from '#platform/actor.ts';
import type { Logger } from '#platform/log.ts';
import type { UnitOfWork, Uow } from '#platform/unit-of-work.ts';
import type { Jobs } from './boss.ts';
import type { JobDefinition } from './job.ts';

/** What a job handler may touch. It may run twice (a crash between its work and its completion): be idempotent. */
export interface JobContext {
  run<T>(work: (uow: Uow) => Promise<T>): Promise<T>;
  readonly log: Logger;
  /** Goes off when the process is asked to stop or the job's time is up. */
  readonly signal: AbortSignal;
}

/** Jobs announce themselves; this is how soon one is found that could not, such as a retry. */
const POLLING = { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 2 };
const SYSTEM: Actor = { kind: 'system' };

/** Starts handling jobs. Each handler's module is imported when its first job runs. */
export async function startWorker(
  jobs: Jobs,
  definitions: readonly JobDefinition[],
  unitOfWork: UnitOfWork,
  log: Logger,
): Promise<void> {
  for (const definition of definitions) {
    await jobs.boss.work<object>(definition.name, POLLING, async ([job]) => {
      if (!job) return;
      const context = {
        run: <T>(work: (uow: Uow) => Promise<T>) => unitOfWork.run(SYSTEM, work),
        log: log.child({ job: definition.name, jobId: job.id }),
        signal: job.signal,
      };
      await runJob(definition, job.data ?? {}, context);
    });
  }
}

/** Runs one job's handler on a payload, checked once more against its schema. */
export async function runJob(definition: JobDefinition, payload: object, context: JobContext): Promise<void> {
  const { run } = await definition.handler();
  if (!Compile(definition.payload).Check(payload)) {
    throw new Error(`Job ${definition.name} has a payload its schema does not allow.`);
  }
  try {
    await run(context, payload);
  } catch (error) {
    context.log.error({ err: error }, 'job failed');
    throw error;
  }
}
