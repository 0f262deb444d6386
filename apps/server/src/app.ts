import { join } from 'node:path';
import type { Database } from '@parley/db/database';
import type { FastifyInstance } from 'fastify';
import { bootstrap } from '#features/bootstrap/bootstrap.service.ts';
import type { FileParts } from '#features/files/files.upload.service.ts';
import type { Actor } from '#platform/actor.ts';
import type { Clock } from '#platform/clock.ts';
import { mergeReactions } from '#platform/events/event.ts';
import { startSequencerLoop } from '#platform/events/sequencer-loop.ts';
import type { Jobs } from '#platform/jobs/boss.ts';
import { startJobs } from '#platform/jobs/boss.ts';
import { startWorker } from '#platform/jobs/worker.ts';
import type { Logger } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { joinNodes } from '#platform/nodes.ts';
import { createNumbers } from '#platform/numbers.ts';
import { Hub } from '#platform/realtime/hub.ts';
import { publishSignals, SIGNAL_CHANNEL } from '#platform/realtime/signals.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import { createInProcessState } from '#platform/shared/in-process.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import { createStorage } from '#platform/storage/create-storage.ts';
import { createIncoming } from '#platform/storage/temporary-file.ts';
import { startSweeper } from '#platform/sweeper.ts';
import {
  type CommitStep,
  createUnitOfWork,
  type UnitOfWork,
  type UnitOfWorkParts,
} from '#platform/unit-of-work.ts';
import type { Config } from './config.ts';
import { JOBS, REACTIONS, sweepsOf } from './features.ts';
import { createApi } from './roles/http.ts';
import { startWebhooks } from './roles/webhooks.ts';

export interface ParleyParts {
  config: Config & { secret: string };
  database: Database;
  clock: Clock;
  log: Logger;
  /** How often streams prove that they and their callers' rights live; tests shorten it. */
  streamHeartbeatMs?: number;
  /** How long one attempt of a webhook may take; tests shorten it. */
  webhookTimeoutMs?: number;
  /** Sees every step of every unit of work; tests kill the process there. */
  probe?: (step: CommitStep) => void;
}

/** One Parley process, put together but not yet listening. */
export interface Parley {
  readonly api: FastifyInstance;
  readonly unitOfWork: UnitOfWork;
  readonly jobs: Jobs;
  readonly shared: SharedState;
  readonly bootstrapped: Awaited<ReturnType<typeof bootstrap>>;
  /** Numbers waiting events now; the scheduler does it by itself. */
  wakeSequencer(): void;
  /** Finishes what is under way and lets go of everything but the database. */
  stop(): Promise<void>;
}

/** Together below the nine seconds after which main ends the process anyway. */
const HTTP_DRAIN_MS = 4000;
const JOBS_DRAIN_MS = 3500;
const ANNOUNCED = 200;
const CHANNELS = { wake: 'events.wake', numbered: 'events.numbered' } as const;
const SYSTEM: Actor = { kind: 'system' };

type Closers = (() => Promise<unknown> | unknown)[];
type Report = (what: string) => (error: unknown) => void;

/** Builds the features on their platform and starts the roles of this process. No rules live here. */
export async function createParley(parts: ParleyParts): Promise<Parley> {
  const { config, database, clock, log } = parts;
  const { roles } = config;
  const report: Report = (what) => (error) => log.error({ err: error }, `${what} failed`);
  // Run in reverse: what was started last stops first.
  const closers: Closers = [];
  const shared = await createShared(parts, closers);
  closers.push(() => shared.close());
  const jobs = await startJobs({
    database,
    definitions: JOBS,
    schedule: roles.has('scheduler'),
    onError: report('jobs'),
  });
  closers.push(() => jobs.stop(JOBS_DRAIN_MS));
  let wakeSequencer: () => void = () => void shared.publish(CHANNELS.wake, '').catch(report('wake-up'));
  const unitOfWork = createUnitOfWork({
    database,
    clock,
    reactions: mergeReactions(REACTIONS),
    sendJobs: (tx, calls) => jobs.send(tx, calls),
    takeNumber: createNumbers(database),
    onEventsCommitted: () => wakeSequencer(),
    ...afterCommit(shared, report),
    probe: parts.probe,
  });
  const bootstrapped = await bootstrap({
    unitOfWork,
    secretBox: createSecretBox(config.secret),
    config: config.bootstrap,
  });
  const hub = roles.has('realtime') ? await startRealtime(database, shared, closers, report) : undefined;
  const files = {
    storage: await createStorage(config),
    incoming: createIncoming(join(config.dataDir, 'incoming')),
  };
  if (roles.has('scheduler')) {
    wakeSequencer = await startScheduler({ database, unitOfWork, shared, files }, closers, report);
  }
  const started = { ...parts, metrics: createMetrics(), unitOfWork, shared, jobs, hub, files };
  if (roles.has('worker')) {
    await startWorker(jobs, JOBS, unitOfWork, log);
    closers.push(await startWebhooks(started, CHANNELS.numbered));
  }

  let isStopping = false;
  const api = await createApi({ ...started, isStopping: () => isStopping });
  return {
    api,
    unitOfWork,
    jobs,
    shared,
    bootstrapped,
    wakeSequencer: () => wakeSequencer(),
    async stop() {
      isStopping = true;
      hub?.endStreams();
      await drain(api);
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

/** What a commit tells the other processes. */
function afterCommit(
  shared: SharedState,
  report: Report,
): Pick<UnitOfWorkParts, 'dropCached' | 'sendSignals'> {
  return {
    dropCached: (keys) => shared.cache.delete(...keys),
    sendSignals: (signals) => void publishSignals(shared, signals).catch(report('signals')),
  };
}

/** Answers what is under way; whoever is not done by then is cut off. */
async function drain(api: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => api.server.closeAllConnections(), HTTP_DRAIN_MS);
  await api.close();
  clearTimeout(timer);
}

/** Streams of this process hear of every project that got new numbers, on whichever node. */
async function startRealtime(
  database: Database,
  shared: SharedState,
  closers: Closers,
  report: Report,
): Promise<Hub> {
  const hub = new Hub(database, report('event streams'));
  closers.push(() => hub.close());
  await shared.subscribe(CHANNELS.numbered, (projectIds) => {
    for (const id of projectIds.split(',')) hub.announce(Number(id));
  });
  await shared.subscribe(SIGNAL_CHANNEL, (text) => hub.signals.receive(text));
  return hub;
}

interface SchedulerParts {
  database: Database;
  unitOfWork: UnitOfWork;
  shared: SharedState;
  files: FileParts;
}

/** Numbers events and repeats the sweeps. Answers how this process wakes the sequencer. */
async function startScheduler(
  { database, unitOfWork, shared, files }: SchedulerParts,
  closers: Closers,
  report: Report,
): Promise<() => void> {
  const announce = (ids: readonly number[]) => {
    // A message between nodes is small; a pass may number events of a thousand projects.
    for (let start = 0; start < ids.length; start += ANNOUNCED) {
      const some = ids.slice(start, start + ANNOUNCED).join(',');
      void shared.publish(CHANNELS.numbered, some).catch(report('announcement'));
    }
  };
  const sequencer = startSequencerLoop(database, announce, report('event numbering'));
  closers.push(() => sequencer.stop());
  await shared.subscribe(CHANNELS.wake, () => sequencer.wake());
  const sweeps = sweepsOf((work, actor = SYSTEM) => unitOfWork.run(actor, work), database, files.storage);
  const sweeper = startSweeper(sweeps, (name, error) => report(name)(error));
  closers.push(() => sweeper.stop());
  return () => sequencer.wake();
}

/** Redis where there is one; else this process, which hears of the others through the database. */
async function createShared(
  { config, database, clock, log }: ParleyParts,
  closers: Closers,
): Promise<SharedState> {
  const onError = (what: string, error: unknown) => log.error({ err: error }, `shared state: ${what}`);
  if (config.redisUrl !== undefined) {
    const { createRedisState } = await import('#platform/shared/redis.ts');
    return createRedisState({ url: config.redisUrl, onError });
  }
  if (database.kind === 'pglite') return createInProcessState({ clock, onError });
  const nodes = await joinNodes(database, clock, (error) =>
    log.error({ err: error }, 'node heartbeat failed'),
  );
  closers.push(() => nodes.stop());
  return createInProcessState({ clock, onError, relay: database, liveNodes: () => nodes.live() });
}
