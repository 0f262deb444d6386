import { API } from './api.ts';

export type Connection = 'live' | 'polling' | 'reconnecting' | 'offline' | 'resting';

/** What the server says has changed; `all` when it may be anything. */
export interface Change {
  kind: 'message' | 'status' | 'read' | 'ticket' | 'typing' | 'all';
  ticketId?: string;
  by?: string;
  isTyping?: boolean;
}

export interface LiveParts {
  /** Of the visitor: tabs with the same one share a connection. */
  name: string;
  headers(): Record<string, string>;
  changed(change: Change): void;
  connection(state: Connection): void;
}

const POLL_MS = 10_000;
const BACK_OFF_MS = [1000, 2000, 5000, 10_000, 20_000, 30_000];
/** A tab that is looked away from for so long lets go. */
const REST_MS = 15_000;
/** The server gives a sign of life every 15 seconds. */
const SILENCE_MS = 45_000;

/**
 * Hears of changes as they happen. Of all tabs of a site one holds the connection and tells the others; one that nobody
 * looks at holds none. What cannot be streamed is asked for from time to time, until it can.
 */
export class Live {
  private readonly parts: LiveParts;
  private readonly channel: BroadcastChannel | undefined;
  private run: AbortController | undefined;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private place: string | undefined;

  constructor(parts: LiveParts) {
    this.parts = parts;
    this.channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(parts.name) : undefined;
    if (this.channel)
      this.channel.onmessage = ({ data }: MessageEvent<{ change?: Change; state?: Connection }>) => {
        if (data.change) parts.changed(data.change);
        if (data.state) parts.connection(data.state);
      };
    document.addEventListener('visibilitychange', this.look);
    addEventListener('online', this.again);
    this.look();
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.look);
    removeEventListener('online', this.again);
    clearTimeout(this.rest);
    this.run?.abort();
    this.channel?.close();
  }

  private readonly look = (): void => {
    clearTimeout(this.rest);
    if (document.hidden) {
      this.rest = setTimeout(() => {
        this.run?.abort();
        this.run = undefined;
        this.parts.connection('resting');
      }, REST_MS);
    } else if (!this.run) this.start();
  };

  private readonly again = (): void => {
    if (!this.run) return;
    this.run.abort();
    this.start();
  };

  private start(): void {
    const run = new AbortController();
    this.run = run;
    const lead = () => this.lead(run.signal);
    const { locks } = navigator;
    // Held until the run ends; another tab's lead goes on meanwhile, and tells this one.
    if (locks) {
      this.parts.changed({ kind: 'all' });
      locks.request(this.parts.name, { signal: run.signal }, lead).catch(() => {});
    } else void lead();
  }

  private say(change: Change): void {
    this.parts.changed(change);
    this.channel?.postMessage({ change });
  }

  private tell(state: Connection): void {
    this.parts.connection(state);
    this.channel?.postMessage({ state });
  }

  private async lead(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures += 1) {
      const startedAt = Date.now();
      try {
        await this.stream(signal);
      } catch {
        // Told below.
      }
      if (signal.aborted) return;
      if (Date.now() - startedAt > BACK_OFF_MS.length * 1000) failures = 0;
      this.tell(navigator.onLine ? (failures === 0 ? 'reconnecting' : 'polling') : 'offline');
      const pause = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)] ?? POLL_MS;
      // At different times, so that a server that starts again is not met by everybody at once.
      await this.pollFor(pause * (0.75 + Math.random() / 2), failures > 0, signal);
    }
  }

  private async pollFor(ms: number, isPolling: boolean, signal: AbortSignal): Promise<void> {
    for (let left = ms; left > 0 && !signal.aborted; left -= POLL_MS) {
      await sleep(Math.min(left, POLL_MS), signal);
      if (isPolling && !signal.aborted) this.say({ kind: 'all' });
    }
  }

  private async stream(signal: AbortSignal): Promise<void> {
    const own = new AbortController();
    const end = () => own.abort();
    signal.addEventListener('abort', end);
    let silence: ReturnType<typeof setTimeout> | undefined;
    try {
      const response = await fetch(`${API}stream`, {
        headers: {
          ...this.parts.headers(),
          accept: 'text/event-stream',
          ...(this.place === undefined ? {} : { 'last-event-id': this.place }),
        },
        signal: own.signal,
      });
      if (!response.ok || !response.body) throw new Error(`The stream answered ${response.status}.`);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        clearTimeout(silence);
        silence = setTimeout(end, SILENCE_MS);
        const { done, value } = await reader.read();
        if (done) return;
        text += value;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.receive(block);
      }
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', end);
      own.abort();
    }
  }

  private receive(block: string): void {
    const fields = new Map(
      block.split('\n').flatMap((line): [string, string][] => {
        const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value]];
      }),
    );
    const event = fields.get('event');
    this.place = fields.get('id') ?? this.place;
    if (event === undefined) return;
    const data = JSON.parse(fields.get('data') ?? '{}') as {
      ticket_id?: string;
      by?: string;
      is_typing?: boolean;
    };
    if (event === 'ready' || event === 'reset') {
      this.tell('live');
      // What changed while nobody listened.
      this.say({ kind: 'all' });
    } else if (
      event === 'message' ||
      event === 'status' ||
      event === 'read' ||
      event === 'ticket' ||
      event === 'typing'
    )
      this.say({
        kind: event,
        ...(data.ticket_id === undefined ? {} : { ticketId: data.ticket_id }),
        ...(data.by === undefined ? {} : { by: data.by }),
        ...(data.is_typing === undefined ? {} : { isTyping: data.is_typing }),
      });
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
