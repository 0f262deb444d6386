import type { ReportError } from './shared-state.ts';

type OnPayload = (payload: string) => void;

/** The subscribers of this process, by channel. */
export class Subscribers {
  readonly #byChannel = new Map<string, Set<{ onPayload: OnPayload }>>();
  readonly #report: ReportError;

  constructor(report: ReportError) {
    this.#report = report;
  }

  /** The returned function takes this one subscription away, and only once. */
  add(channel: string, onPayload: OnPayload): () => void {
    // Wrapped, because one function may subscribe twice.
    const subscriber = { onPayload };
    const subscribers = this.#byChannel.get(channel) ?? new Set();
    subscribers.add(subscriber);
    this.#byChannel.set(channel, subscribers);
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size === 0 && this.#byChannel.get(channel) === subscribers)
        this.#byChannel.delete(channel);
    };
  }

  deliver(channel: string, payload: string): void {
    // A copy: a subscriber may end its subscription while it is told.
    for (const { onPayload } of [...(this.#byChannel.get(channel) ?? [])]) {
      try {
        onPayload(payload);
      } catch (error) {
        this.#report('subscriber', error);
      }
    }
  }

  has(channel: string): boolean {
    return this.#byChannel.has(channel);
  }

  channels(): string[] {
    return [...this.#byChannel.keys()];
  }

  clear(): void {
    this.#byChannel.clear();
  }
}
