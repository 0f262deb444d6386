import type { Redis } from 'ioredis';
import { openRedis } from './redis-connection.ts';
import { countUseInRedis } from './redis-limit.ts';
import { checkKey, checkMessage, type ReportError, type SharedState } from './shared-state.ts';
import { Subscribers } from './subscribers.ts';

const CACHE = 'parley:cache:';
const LIMIT = 'parley:limit:';
const CHANNEL = 'parley:channel:';
/** More failed deletes than this are left to the time to live of their values. */
const MAX_UNDELETED = 10_000;

export interface RedisStateOptions {
  url: string;
  /** Is told once for each kind of failure, and again when it fails after it had worked. */
  onError?: ReportError;
}

type Attempt = <T>(what: string, work: () => Promise<T>, otherwise: T) => Promise<T>;

/**
 * Shared state in Redis or Valkey. Requests go on without it: while it is away the cache is empty, limits allow
 * everything, and publishes reach the subscribers of this process only.
 */
export async function createRedisState({ url, onError = () => {} }: RedisStateOptions): Promise<SharedState> {
  const subscribers = new Subscribers(onError);
  const attempt = createAttempt(onError);
  const undeleted = new Set<string>();
  const [main, listener] = await Promise.all([
    openRedis(url, 'connection', onError, (client) => deleteAgain(client, undeleted, attempt)),
    // A connection that is subscribed takes no other commands.
    openRedis(url, 'subscriber connection', onError, (client) =>
      subscribeAgain(client, subscribers, attempt),
    ),
  ]);
  listener.client.on('message', (channel, payload) => {
    subscribers.deliver(channel.slice(CHANNEL.length), payload);
  });

  return {
    cache: createCache(main.client, undeleted, attempt),
    limit: (key, max, windowMs, cost = 1) => {
      const work = () => countUseInRedis(main.client, `${LIMIT}${windowMs}:${key}`, max, windowMs, cost);
      return attempt('limit', work, { allowed: true, remaining: Math.max(0, max - cost), retryAfterMs: 0 });
    },
    publish: async (channel, payload) => {
      checkMessage(channel, payload);
      const work = () => main.client.publish(CHANNEL + channel, payload);
      const sent = await attempt<number | undefined>('publish', work, undefined);
      if (sent === undefined) subscribers.deliver(channel, payload);
    },
    subscribe: async (channel, onPayload) => {
      checkMessage(channel, '');
      const remove = subscribers.add(channel, onPayload);
      // Also when others are subscribed: they may still be waiting for it, and Redis takes it twice.
      await attempt('subscribe', () => listener.client.subscribe(CHANNEL + channel), undefined);
      return async () => {
        remove();
        if (subscribers.has(channel)) return;
        await attempt('unsubscribe', () => listener.client.unsubscribe(CHANNEL + channel), undefined);
      };
    },
    close: async () => {
      subscribers.clear();
      await Promise.all([main.close(), listener.close()]);
    },
  };
}

function createCache(client: Redis, undeleted: Set<string>, attempt: Attempt): SharedState['cache'] {
  return {
    get: async (key) => {
      if (undeleted.has(key)) return undefined;
      return (await attempt('cache', () => client.get(CACHE + key), null)) ?? undefined;
    },
    set: async (key, value, ttlMs) => {
      checkKey(key);
      if (ttlMs <= 0) return;
      const work = () => client.set(CACHE + key, value, 'PX', Math.ceil(ttlMs));
      if (await attempt('cache', work, undefined)) undeleted.delete(key);
    },
    delete: async (...keys) => {
      keys.forEach(checkKey);
      if (keys.length === 0 || (await deleteKeys(client, keys, attempt))) return;
      // Redis may come back with the old values; until they are gone, this node does not use them.
      for (const key of keys) if (undeleted.size < MAX_UNDELETED) undeleted.add(key);
    },
  };
}

async function deleteKeys(client: Redis, keys: string[], attempt: Attempt): Promise<boolean> {
  const work = () => client.del(...keys.map((key) => CACHE + key));
  return (await attempt<number | undefined>('cache', work, undefined)) !== undefined;
}

async function deleteAgain(client: Redis, undeleted: Set<string>, attempt: Attempt): Promise<void> {
  const keys = [...undeleted];
  if (keys.length === 0 || !(await deleteKeys(client, keys, attempt))) return;
  for (const key of keys) undeleted.delete(key);
}

async function subscribeAgain(client: Redis, subscribers: Subscribers, attempt: Attempt): Promise<void> {
  const channels = subscribers.channels().map((channel) => CHANNEL + channel);
  if (channels.length > 0) await attempt('subscribe', () => client.subscribe(...channels), undefined);
}

/** Answers `otherwise` when the work fails, and reports the first failure of each kind until it works again. */
function createAttempt(onError: ReportError): Attempt {
  const failing = new Set<string>();
  return async (what, work, otherwise) => {
    try {
      const result = await work();
      failing.delete(what);
      return result;
    } catch (error) {
      if (!failing.has(what)) onError(what, error);
      failing.add(what);
      return otherwise;
    }
  };
}
