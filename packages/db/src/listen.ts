import pg from 'pg';

const RECONNECT_MS = 1000;

/**
 * Holds one connection that listens on a channel, and opens a new one when it is lost. Notifications sent meanwhile
 * are lost: whoever listens must also look for itself from time to time.
 */
export async function listenOn(
  url: string,
  channel: string,
  onPayload: (payload: string) => void,
): Promise<() => Promise<void>> {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: url,
      application_name: 'parley listener',
      keepAlive: true,
    });
    next.on('notification', (message) => onPayload(message.payload ?? ''));
    next.on('error', () => reconnect(next));
    next.on('end', () => reconnect(next));
    await next.connect();
    await next.query(`listen ${next.escapeIdentifier(channel)}`);
    if (closed) return next.end();
    client = next;
  }

  function reconnect(lost: pg.Client): void {
    if (closed || timer || (client && client !== lost)) return;
    client = undefined;
    timer = setTimeout(() => {
      timer = undefined;
      connect().catch(() => reconnect(lost));
    }, RECONNECT_MS);
    timer.unref();
  }

  await connect();
  return async () => {
    closed = true;
    clearTimeout(timer);
    await client?.end();
  };
}
