import { Failure } from './api.ts';

/** What is to be asked for anew. */
export interface Wanted {
  tickets: boolean;
  /** The messages of the ticket on the screen. */
  messages: boolean;
}

/** Events come in groups: what one message does is told by two or three of them. */
const TOGETHER_MS = 60;
const AGAIN_MS = 5000;

/**
 * Asks the server for what may have changed: once for all that came while it waited or asked, for a visitor has a budget.
 * What fails is asked for again, so that nothing that was told of is missed.
 */
export class Refresher {
  private readonly ask: (wanted: Wanted) => Promise<void>;
  private wanted: Wanted = { tickets: false, messages: false };
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isAsking = false;

  constructor(ask: (wanted: Wanted) => Promise<void>) {
    this.ask = ask;
  }

  want({ tickets = false, messages = false }: Partial<Wanted>, delayMs = TOGETHER_MS): void {
    this.wanted = { tickets: this.wanted.tickets || tickets, messages: this.wanted.messages || messages };
    if (!this.isAsking) this.timer ??= setTimeout(() => void this.run(), delayMs);
  }

  private async run(): Promise<void> {
    this.timer = undefined;
    const asked = this.wanted;
    this.wanted = { tickets: false, messages: false };
    this.isAsking = true;
    let delayMs = TOGETHER_MS;
    try {
      await this.ask(asked);
    } catch (error) {
      this.wanted = {
        tickets: this.wanted.tickets || asked.tickets,
        messages: this.wanted.messages || asked.messages,
      };
      delayMs = error instanceof Failure && error.retryAfter ? error.retryAfter * 1000 : AGAIN_MS;
    } finally {
      this.isAsking = false;
    }
    if (this.wanted.tickets || this.wanted.messages) this.want({}, delayMs);
  }
}
