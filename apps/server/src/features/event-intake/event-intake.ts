import { sayPerson } from '#features/persons/persons.say.service.ts';
import type { Actor } from '#platform/actor.ts';
import type { Metrics } from '#platform/metrics.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { createIntakeQueue } from './intake-queue.ts';
import { eventsOf, type Kept, readEvent } from './page-event.ts';
import { findProjectsByToken, keepSessionEvents } from './page-events.repo.ts';

/** Some megabytes at the most, since every text of an event is cut. */
const WAITING_MAX = 5000;
const BATCH = 200;
const EVERY_MS = 250;
const PAGE: Actor = { kind: 'anonymous' };

export interface EventIntake {
  /** Takes what is kept of a body of events. Never waits for the database, and never refuses. */
  take(body: unknown, now: Date): void;
  close(): Promise<void>;
}

export interface EventIntakeParts {
  unitOfWork: UnitOfWork;
  metrics: Pick<Metrics, 'countPageEvents'>;
  onError(error: unknown): void;
}

/**
 * Pages report far more than Parley keeps, and nothing of it may slow a ticket down: what is kept waits in a bounded
 * queue that one writer empties, and what finds no room is counted and lost.
 */
export function createEventIntake({ unitOfWork, metrics, onError }: EventIntakeParts): EventIntake {
  const writer: Writer = {
    unitOfWork,
    onError,
    count: (outcome, by) => metrics.countPageEvents(outcome, by),
  };
  const queue = createIntakeQueue<Kept>({
    most: WAITING_MAX,
    batch: BATCH,
    everyMs: EVERY_MS,
    write: (items) => writeAll(writer, items),
    onError(error, lost) {
      metrics.countPageEvents('lost', lost);
      onError(error);
    },
  });
  return {
    take(body, now) {
      for (const { token, event } of eventsOf(body)) {
        const kept = readEvent(token, event, now);
        if (kept.length === 0) metrics.countPageEvents('dropped', 1);
        for (const one of kept) if (!queue.push(one)) metrics.countPageEvents('shed', 1);
      }
    },
    close: () => queue.close(),
  };
}

interface Writer {
  unitOfWork: UnitOfWork;
  onError(error: unknown): void;
  count: Metrics['countPageEvents'];
}

async function writeAll(writer: Writer, items: readonly Kept[]): Promise<void> {
  const { unitOfWork, count } = writer;
  const projects = await unitOfWork.read(PAGE, (context) =>
    findProjectsByToken(context, [...new Set(items.map(({ token }) => token))]),
  );
  const known = items.flatMap((item) => {
    const projectId = projects.get(item.token);
    return projectId === undefined ? [] : [{ projectId, item }];
  });
  count('dropped', items.length - known.length);
  const seen = known.flatMap(({ projectId, item }) => (item.kind === 'person' ? [] : [{ projectId, item }]));
  if (seen.length > 0)
    await settle(writer, seen.length, () => unitOfWork.run(PAGE, (uow) => keepSessionEvents(uow, seen)));
  for (const { projectId, item } of known) {
    // One by one: what one person's ids make impossible is no reason to lose another's.
    if (item.kind === 'person')
      await settle(writer, 1, () => unitOfWork.run(PAGE, (uow) => sayPerson(uow, projectId, item)));
  }
}

async function settle(
  { count, onError }: Writer,
  events: number,
  write: () => Promise<unknown>,
): Promise<void> {
  try {
    await write();
    count('kept', events);
  } catch (error) {
    count('lost', events);
    onError(error);
  }
}
