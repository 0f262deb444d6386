import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '#platform/clock.ts';
import { ExpiringMap } from './expiring-map.ts';
import { openMessage, packDeletes, packMessage } from './relay-message.ts';
import {
  checkKey,
  checkMessage,
  type LimitResult,
  type ReportError,
  type SharedState,
} from './shared-state.ts';
import { countUse, type WindowCount } from './sliding-window.ts';
import { Subscribers } from './subscribers.ts';

const MAX_ENTRIES = 50_000;
const RELAY_CHANNEL = 'parley_shared';

/** Carries short texts between the processes of one installation, such as NOTIFY and LISTEN of PostgreSQL. */
export interface Relay {
  notify(channel: string, payload: string): Promise<void>;
  /** Answers once notifications arrive; the returned function ends it. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
}

export interface InProcessOptions {
  clock?: Clock;
  /** Without one, this process is alone. With one, publishes and cache deletes reach the others. */
  relay?: Relay;
  /** Each process counts for itself, so each allows its share of a limit. */
  liveNodes?: () => number;
  onError?: ReportError;
  /** Bounds the memory of the cache and of the limits, each. */
  maxEntries?: number;
}

/** Shared state without Redis: it lives in this process, and a relay tells the others what they must know. */
export async function createInProcessState(options: InProcessOptions = {}): Promise<SharedState> {
  const {
    clock = systemClock,
    relay,
    liveNodes = () => 1,
    onError = () => {},
    maxEntries = MAX_ENTRIES,
  } = options;
  const values = new ExpiringMap<string>(maxEntries, clock);
  const counts = new ExpiringMap<WindowCount>(maxEntries, clock);
  const subscribers = new Subscribers(onError);
  const node = randomUUID();

  const stopListening = await relay?.listen(RELAY_CHANNEL, (text) => {
    const message = openMessage(text);
    // The sender has done its own part already.
    if (!message || message.from === node) return;
    if (message.kind === 'delete') for (const key of message.keys) values.delete(key);
    else subscribers.deliver(message.channel, message.payload);
  });

  async function tellOthers(texts: string[]): Promise<void> {
    for (const text of texts) {
      await relay?.notify(RELAY_CHANNEL, text).catch((error: unknown) => onError('relay', error));
    }
  }

  return {
    cache: {
      get: async (key) => values.get(key),
      set: async (key, value, ttlMs) => {
        checkKey(key);
        values.set(key, value, ttlMs);
      },
      delete: async (...keys) => {
        keys.forEach(checkKey);
        for (const key of keys) values.delete(key);
        if (relay) await tellOthers(packDeletes(node, keys));
      },
    },
    // No await between reading and writing the count, so that parallel uses can't both take the last one.
    limit: async (key, max, windowMs, cost = 1) =>
      useLimit(counts, clock.now().getTime(), key, shareOf(max, liveNodes()), windowMs, cost),
    publish: async (channel, payload) => {
      checkMessage(channel, payload);
      subscribers.deliver(channel, payload);
      if (relay) await tellOthers([packMessage(node, channel, payload)]);
    },
    subscribe: async (channel, onPayload) => {
      checkMessage(channel, '');
      const remove = subscribers.add(channel, onPayload);
      return async () => remove();
    },
    close: async () => {
      await stopListening?.();
      for (const part of [values, counts, subscribers]) part.clear();
    },
  };
}

function useLimit(
  counts: ExpiringMap<WindowCount>,
  now: number,
  key: string,
  max: number,
  windowMs: number,
  cost: number,
): LimitResult {
  // The window is part of the key: counts of another length would mean something else.
  const place = `${windowMs}:${key}`;
  const { count, result } = countUse(counts.get(place), now, max, windowMs, cost);
  if (result.allowed) counts.set(place, count, count.start + 2 * windowMs - now);
  return result;
}

/** Rounded down, so that all nodes together never allow more; but a limit never shuts a node out. */
function shareOf(max: number, liveNodes: number): number {
  if (max < 1) return max;
  return Math.max(1, Math.floor(max / Math.max(1, liveNodes)));
}
