import { once } from 'node:events';
import { connect } from 'node:net';
import {
  findProgram,
  freePort,
  startServer,
  type ThrowawayServer,
  temporaryFolder,
  unprivilegedAccount,
} from './throwaway-server.ts';

export type RedisSource = { url: string } | { program: string };

/** Where the tests get Redis from: a running server that is named, or an installed server program. */
export function findRedis(): RedisSource | undefined {
  const url = process.env.PARLEY_TEST_REDIS_URL;
  if (url) return { url };
  const program = findProgram('redis-server') ?? findProgram('valkey-server');
  return program ? { program } : undefined;
}

async function answersPing(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [reply] = await once(socket, 'data');
    return String(reply).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Starts a server that keeps nothing. All test files share it: each uses its own key prefix. */
export async function startRedis(source: RedisSource): Promise<ThrowawayServer> {
  if ('url' in source) return { url: source.url, stop: async () => {} };
  const account = unprivilegedAccount(['redis', 'nobody']);
  const folder = temporaryFolder(account);
  const port = await freePort();
  const command = [source.program, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path];
  const stop = await startServer([...command, '--save', '', '--appendonly', 'no'], account, () =>
    answersPing(port),
  );
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      await stop();
      folder.remove();
    },
  };
}
