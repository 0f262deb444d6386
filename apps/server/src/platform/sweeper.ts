/** A small task that the scheduler repeats; it must be safe to run on several nodes at once. */
export interface Sweep {
  name: string;
  everyMs: number;
  /** Returns true when there is more to do right away. */
  run(): Promise<boolean>;
}

export interface Sweeper {
  stop(): Promise<void>;
}

/** Repeats each sweep, never overlapping itself. */
export function startSweeper(
  sweeps: readonly Sweep[],
  onError: (name: string, error: unknown) => void,
): Sweeper {
  let stopped = false;
  const running = new Map<string, Promise<void>>();

  async function sweep({ name, run }: Sweep): Promise<void> {
    try {
      while (!stopped && (await run()));
    } catch (error) {
      if (!stopped) onError(name, error);
    }
  }

  const timers = sweeps.map((one) => {
    const timer = setInterval(() => {
      if (running.has(one.name)) return;
      running.set(
        one.name,
        sweep(one).finally(() => running.delete(one.name)),
      );
    }, one.everyMs);
    timer.unref();
    return timer;
  });

  return {
    async stop() {
      stopped = true;
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running.values());
    },
  };
}
