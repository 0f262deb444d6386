/** Things that wait in memory until they are written, never more than a given number of them. */
export interface IntakeQueue<T> {
  /** Whether there was room. What is refused is lost, so that nothing else waits for it. */
  push(item: T): boolean;
  /** Writes what waits and takes nothing more. */
  close(): Promise<void>;
}

export interface IntakeQueueParts<T> {
  /** Most things that wait. */
  most: number;
  /** Things that are written together. */
  batch: number;
  /** How long a thing waits for others. */
  everyMs: number;
  write(items: readonly T[]): Promise<void>;
  /** A batch that could not be written is lost: nobody waits for it, and the next one may be fine. */
  onError(error: unknown, lost: number): void;
}

/** One batch is written at a time, so that a flood takes one connection and no more. */
export function createIntakeQueue<T>({
  most,
  batch,
  everyMs,
  write,
  onError,
}: IntakeQueueParts<T>): IntakeQueue<T> {
  const waiting: T[] = [];
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const items = waiting.splice(0, batch);
      await write(items).catch((error: unknown) => onError(error, items.length));
    }
  }

  function start(): void {
    timer = undefined;
    writing ??= drain().finally(() => {
      writing = undefined;
      if (waiting.length > 0 && !isClosed) timer ??= setTimeout(start, everyMs);
    });
  }

  return {
    push(item) {
      if (isClosed || waiting.length >= most) return false;
      waiting.push(item);
      if (!writing) timer ??= setTimeout(start, everyMs);
      return true;
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await writing;
      await drain();
    },
  };
}
