import type { Database } from '@parley/db/database';
import { sequenceEvents } from './sequencer.ts';

/** How often it looks without being woken: a process may die between its commit and the wake-up. */
const POLL_MS = 1000;

export interface SequencerLoop {
  /** Call after a commit that wrote events. Many calls make one pass. */
  wake(): void;
  stop(): Promise<void>;
}

/** Runs the sequencer whenever it is woken, and once a second. */
export function startSequencerLoop(
  database: Database,
  onNumbered: (projectIds: readonly number[]) => void,
  onError: (error: unknown) => void,
): SequencerLoop {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  async function pass(): Promise<void> {
    do {
      again = false;
      try {
        const { projectIds, more } = await sequenceEvents(database);
        if (projectIds.length > 0) onNumbered(projectIds);
        again ||= more;
      } catch (error) {
        if (!stopped) onError(error);
      }
    } while (again && !stopped);
  }

  function wake(): void {
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    running = pass().finally(() => {
      running = undefined;
      // Woken after the last look of the pass and before this line.
      if (again) wake();
    });
  }

  const timer = setInterval(wake, POLL_MS);
  timer.unref();
  return {
    wake,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
