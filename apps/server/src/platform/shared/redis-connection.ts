import type { Redis, RedisOptions } from 'ioredis';
import type { ReportError } from './shared-state.ts';

const CONNECT_TIMEOUT_MS = 2000;
const COMMAND_TIMEOUT_MS = 500;
/** A server that says nothing for so long while commands wait is given up, and then every command fails at once. */
const SILENCE_MS = 1000;
const LONGEST_PAUSE_MS = 2000;
/** Finds out about a lost connection on which nothing is sent otherwise. */
const PING_MS = 15_000;

const OPTIONS: RedisOptions = {
  connectionName: 'parley',
  lazyConnect: true,
  // A request must not wait for Redis to come back: what can't be sent now fails now, and is never sent again later.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // The driver knows what it is subscribed to.
  autoResubscribe: false,
  connectTimeout: CONNECT_TIMEOUT_MS,
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SILENCE_MS,
  retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_PAUSE_MS),
};

export interface RedisConnection {
  client: Redis;
  /** Lets commands under way finish, and connects no more. */
  close(): Promise<void>;
}

/**
 * Connects, and goes on trying in the background when that fails. `onReady` runs after every connect; `report` is told
 * once for each time the connection is lost.
 */
export async function openRedis(
  url: string,
  what: string,
  report: ReportError,
  onReady: (client: Redis) => void,
): Promise<RedisConnection> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, OPTIONS);
  let lost = false;
  client.on('error', (error: unknown) => {
    if (!lost) report(what, error);
    lost = true;
  });
  client.on('ready', () => {
    lost = false;
    onReady(client);
  });
  // The reason has been reported; the next attempts are made by the client itself.
  await client.connect().catch(() => {});
  const pings = setInterval(() => client.ping().catch(() => {}), PING_MS).unref();
  return {
    client,
    async close() {
      clearInterval(pings);
      await client.quit().catch(() => {});
      client.disconnect();
    },
  };
}
