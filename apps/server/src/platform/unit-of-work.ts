import type { Database } from '@parley/db/database';
import { DEFERRED } from '@parley/db/prepared-statements';
import type { Schema } from '@parley/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import { type Actor, chainOf, recordActor } from './actor.ts';
import type { Clock } from './clock.ts';
import type { NewEvent, Reactions } from './events/event.ts';
import type { JobCall } from './jobs/job.ts';
import { NUMBER_TAKEN, type TakeNumber, takeInside } from './numbers.ts';
import type { Signal } from './realtime/signals.ts';

/** What a reading operation may touch. Each statement sees the newest committed rows. */
export interface ReadContext {
  readonly tx: Kysely<Schema>;
  readonly actor: Actor;
  /** The instant of this operation, the same for everything it writes. */
  readonly now: Date;
}

/** Everything a service may touch while one transaction is open. The pool is not reachable from here. */
export interface Uow extends ReadContext {
  readonly tx: Transaction<Schema>;
  /** Reports a change: written, and its reactions enqueued, in this transaction. */
  emit(event: NewEvent): void;
  /** Enqueues a job in this transaction. */
  enqueue(job: JobCall): void;
  /** The next ticket number of a project; a rollback may leave a gap (numbers.ts). */
  takeNumber: TakeNumber;
  /** Drops a cached value after the commit, once however often it is named. Caches also expire: a crash loses this. */
  invalidate(cacheKey: string): void;
  /** Tells the streams of some users after the commit. A hint: it is lost with this process, and by who is not there. */
  signal(signal: Signal): void;
}

export interface UnitOfWork {
  run<T>(actor: Actor, work: (uow: Uow) => Promise<T>): Promise<T>;
  read<T>(actor: Actor, work: (context: ReadContext) => Promise<T>): Promise<T>;
}

/** Points between which a process may die; tests kill it there. */
export type CommitStep = 'begun' | 'rows' | 'events' | 'jobs' | 'committed';

export interface UnitOfWorkParts {
  database: Database;
  clock: Clock;
  reactions: Reactions;
  sendJobs: (tx: Transaction<Schema>, jobs: readonly JobCall[]) => Promise<void>;
  /** Without it numbers are taken inside the transaction. */
  takeNumber?: TakeNumber | undefined;
  /** Wakes the sequencer: committed events wait for their number. */
  onEventsCommitted: () => void;
  /** Takes values out of the shared cache; without it nothing is cached. */
  dropCached?: (keys: readonly string[]) => Promise<void>;
  sendSignals?: (signals: readonly Signal[]) => void;
  probe?: ((step: CommitStep) => void) | undefined;
}

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const UNIQUE_VIOLATION = '23505';
const ATTEMPTS = 4;
/** Sends a write together with the statement after it. */
export const DEFER = sql.raw<never>(DEFERRED);
/** Rows of one statement: it may hold 65,535 parameters. */
const INSERTED = 1000;

function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const { code } = error;
  // An import may fill a gap in the numbers that was none: the next try takes another number.
  if (code === UNIQUE_VIOLATION) return 'constraint' in error && error.constraint === NUMBER_TAKEN;
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
}

export function createUnitOfWork(parts: UnitOfWorkParts): UnitOfWork {
  const { database, clock, probe } = parts;

  async function attempt<T>(actor: Actor, work: (uow: Uow) => Promise<T>): Promise<T> {
    const events: NewEvent[] = [];
    const jobs: JobCall[] = [];
    const stale = new Set<string>();
    const signals: Signal[] = [];
    const now = clock.now();
    const result = await database.kysely.transaction().execute(async (tx) => {
      probe?.('begun');
      const value = await work({
        tx,
        actor,
        now,
        emit: (event) => void events.push(event),
        enqueue: (job) => void jobs.push(job),
        takeNumber: parts.takeNumber ?? takeInside(tx),
        invalidate: (cacheKey) => void stale.add(cacheKey),
        signal: (signal) => void signals.push(signal),
      });
      probe?.('rows');
      if (events.length > 0) await insertEvents(tx, actor, now, events);
      probe?.('events');
      for (const event of events) jobs.push(...(parts.reactions[event.name]?.(event) ?? []));
      if (jobs.length > 0) await parts.sendJobs(tx, jobs);
      probe?.('jobs');
      return value;
    });
    probe?.('committed');
    if (events.length > 0) parts.onEventsCommitted();
    if (signals.length > 0) parts.sendSignals?.(signals);
    // Awaited, so that whoever is answered next reads what was written.
    if (stale.size > 0) await parts.dropCached?.([...stale]);
    return result;
  }

  return {
    async run(actor, work) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt(actor, work);
        } catch (error) {
          if (tries >= ATTEMPTS || !isTransient(error)) throw error;
        }
      }
    },
    read: (actor, work) => work({ tx: database.kysely, actor, now: clock.now() }),
  };
}

async function insertEvents(
  tx: Transaction<Schema>,
  actor: Actor,
  now: Date,
  events: readonly NewEvent[],
): Promise<void> {
  const record = JSON.stringify(recordActor(actor));
  const chain = chainOf(actor);
  const rows = events.map((event) => ({
    project_id: event.projectId,
    name: event.name,
    resource_id: event.resourceId,
    resource_version: event.resourceVersion,
    ticket_id: event.ticketId ?? null,
    actor: record,
    payload: JSON.stringify(event.payload ?? {}),
    created_at: now,
    ...(chain.length > 0 ? { chain } : {}),
  }));
  for (let start = 0; start < rows.length; start += INSERTED) {
    await tx
      .insertInto('events')
      .values(rows.slice(start, start + INSERTED))
      .modifyEnd(DEFER)
      .execute();
  }
}
