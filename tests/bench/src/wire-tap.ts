import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createWireParser, type Recorded } from './wire-messages.ts';

export interface WireTap {
  /** The database, reached through the tap. */
  url: string;
  /** Starts a recording; the returned function ends it. */
  record(): () => Recorded[];
  close(): Promise<void>;
}

/** The server's own pool; its job queue and its listener give themselves other names. */
const POOL_NAME = 'parley';
/** Wakes another process that numbers events; where one process does everything, it is a function call. */
const isWakeUp = ({ values }: Recorded) => values.some((value) => String(value).includes('\nevents.wake\n'));

/** Stands between the server and PostgreSQL and notes what the server's pool runs. */
export async function startWireTap(databaseUrl: string): Promise<WireTap> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let recording: Recorded[] | undefined;

  const tap = createServer((client) => {
    const server = connect(Number(target.port || 5432), target.hostname);
    let isPool = false;
    const parse = createWireParser(
      (name) => {
        isPool = name === POOL_NAME;
      },
      (one) => {
        if (isPool && !isWakeUp(one)) recording?.push(one);
      },
    );
    client.on('data', parse);
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay();
      socket.on('error', () => client.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
  });
  tap.listen(0, '127.0.0.1');
  await once(tap, 'listening');
  const address = tap.address();
  if (address === null || typeof address === 'string') throw new Error('No TCP address');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${address.port}`;
  return {
    url: url.href,
    record() {
      const mine: Recorded[] = [];
      recording = mine;
      return () => {
        recording = undefined;
        return mine;
      };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      tap.close();
      await once(tap, 'close');
    },
  };
}
