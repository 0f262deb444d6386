/**
 * Bounds how often something is done for each key: at once when it was not done lately, else when its interval is over,
 * and then only what was asked for last.
 */
export class Coalescer {
  private readonly waiting = new Map<string, { next: (() => void) | undefined; timer: NodeJS.Timeout }>();
  private readonly intervalMs: number;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  request(key: string, act: () => void): void {
    const entry = this.waiting.get(key);
    if (entry) {
      entry.next = act;
      return;
    }
    this.start(key);
    act();
  }

  close(): void {
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
  }

  private start(key: string): void {
    const timer = setTimeout(() => {
      const next = this.waiting.get(key)?.next;
      this.waiting.delete(key);
      if (next) this.request(key, next);
    }, this.intervalMs);
    timer.unref();
    this.waiting.set(key, { next: undefined, timer });
  }
}
