import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from '@parley/db/database';
import { readEvents, type StreamEvent } from './event-reader.ts';
import { Signals } from './signals.ts';

/** How often a project with listeners is looked at without a word from the bus, whose messages may get lost. */
const POLL_MS = 5000;
const BATCH = 500;

export interface Subscriber {
  /** The number up to which it has been served. */
  seq: number;
  deliver(event: StreamEvent, line: string): void;
  /** The server is about to stop. */
  end(): void;
  /** Streams that it stands for, where that is not one. */
  readonly streams?: number;
}

interface Channel {
  projectId: number;
  subscribers: Set<Subscriber>;
  reading: Promise<void> | undefined;
  again: boolean;
}

/** One text per event, shared by all who get it. */
function formatEvent(event: StreamEvent): string {
  return `id: ${event.seq}\nevent: ${event.name}\ndata: ${JSON.stringify(event)}\n\n`;
}

/**
 * Delivers numbered events to the streams of this process. It reads each project's new events once and hands them to
 * every subscriber that has not had them; a subscriber that joins late catches up by itself before it joins. Between
 * batches the event loop gets a turn: the embedded database answers without one, and sockets that were never given
 * the time to drain would look like clients that do not read.
 */
export class Hub {
  /** What streams say besides numbered events. */
  readonly signals = new Signals();
  private readonly database: Database;
  private readonly onError: (error: unknown) => void;
  private readonly channels = new Map<number, Channel>();
  private readonly timer: NodeJS.Timeout;
  private closed = false;

  constructor(database: Database, onError: (error: unknown) => void) {
    this.database = database;
    this.onError = onError;
    this.timer = setInterval(() => {
      for (const channel of this.channels.values()) this.read(channel);
    }, POLL_MS);
    this.timer.unref();
  }

  get clients(): number {
    let total = 0;
    for (const { subscribers } of this.channels.values())
      for (const subscriber of subscribers) total += subscriber.streams ?? 1;
    return total;
  }

  /** Something new is numbered in this project. */
  announce(projectId: number): void {
    const channel = this.channels.get(projectId);
    if (channel) this.read(channel);
  }

  /** Serves everything after `subscriber.seq`, then stays joined until the returned function is called. */
  async join(projectId: number, subscriber: Subscriber): Promise<() => void> {
    for (;;) {
      const events = await readEvents(this.database, projectId, subscriber.seq, BATCH);
      for (const event of events) serve(subscriber, event, formatEvent(event));
      if (events.length < BATCH) break;
      await turn();
    }
    const channel = this.channels.get(projectId) ?? {
      projectId,
      subscribers: new Set(),
      reading: undefined,
      again: false,
    };
    this.channels.set(projectId, channel);
    channel.subscribers.add(subscriber);
    // What was numbered between the last look and this line: the channel reads from its slowest subscriber on.
    this.read(channel);
    return () => {
      channel.subscribers.delete(subscriber);
      // Called twice, or after a new channel took its place, it must not take that one out.
      if (channel.subscribers.size === 0 && this.channels.get(projectId) === channel)
        this.channels.delete(projectId);
    };
  }

  /** Asks every client to come back elsewhere; a stream would otherwise hold up the end of the server. */
  endStreams(): void {
    for (const channel of this.channels.values()) {
      for (const subscriber of channel.subscribers) subscriber.end();
    }
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  private read(channel: Channel): void {
    if (this.closed) return;
    if (channel.reading) {
      channel.again = true;
      return;
    }
    channel.reading = this.readAll(channel)
      .catch(this.onError)
      .finally(() => {
        channel.reading = undefined;
        if (channel.again) this.read(channel);
      });
  }

  private async readAll(channel: Channel): Promise<void> {
    do {
      channel.again = false;
      const events = await readEvents(this.database, channel.projectId, lowestSeq(channel), BATCH);
      for (const event of events) {
        const line = formatEvent(event);
        for (const subscriber of channel.subscribers) serve(subscriber, event, line);
      }
      channel.again ||= events.length === BATCH;
      if (channel.again) await turn();
    } while (channel.again && channel.subscribers.size > 0 && !this.closed);
  }
}

/** The number that every subscriber of the channel has had; past every event when nobody is left. */
function lowestSeq(channel: Channel): number {
  let lowest = Number.MAX_SAFE_INTEGER;
  for (const subscriber of channel.subscribers) lowest = Math.min(lowest, subscriber.seq);
  return lowest;
}

function serve(subscriber: Subscriber, event: StreamEvent, line: string): void {
  if (event.seq <= subscriber.seq) return;
  subscriber.seq = event.seq;
  subscriber.deliver(event, line);
}
