import { once } from 'node:events';
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Logger } from '#platform/log.ts';
import { toFailure } from './admin-error.ts';
import { type AdminAnswer, readLines } from './admin-protocol.ts';

export interface AdminSocketParts {
  path: string;
  /** By command. Handlers check their arguments themselves. */
  handlers: Readonly<Record<string, (args: unknown) => Promise<unknown>>>;
  log: Logger;
}

export interface AdminSocket {
  /** Lets running commands end, then removes the socket. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 8;
const IDLE_MS = 30_000;
/** What the address of a unix socket may hold on every system; Linux itself takes four bytes more. */
const MAX_PATH_BYTES = 103;

/**
 * Takes administrative commands from this account while the process owns the embedded database: one JSON object
 * `{command, args}` per line, one answer per line. The caller holds the lock of the data folder, so a socket found
 * there belongs to a process that is gone. Where the path is too long for a socket the server runs without one, and
 * administration waits until it is stopped.
 */
export async function startAdminSocket({ path, handlers, log }: AdminSocketParts): Promise<AdminSocket> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    log.warn({ path }, 'no admin socket: the path is too long; choose a shorter DATA_DIR');
    return { close: async () => {} };
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Also where the folder was there before: nobody else may reach the socket, not even before its own mode is set.
  await chmod(dirname(path), 0o700);
  await removeStale(path);
  const sockets = new Set<Socket>();
  const running = new Set<Promise<unknown>>();
  const respond = (socket: Socket, line: string): Promise<void> => {
    const responding = answerTo(line, handlers, log).then((answer) => {
      socket.write(`${JSON.stringify(answer)}\n`);
    });
    running.add(responding);
    return responding.finally(() => running.delete(responding));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, respond).catch((error) => {
      log.warn({ err: error }, 'admin connection failed');
      socket.destroy();
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, path);
  await chmod(path, 0o600);
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      await Promise.allSettled(running);
      for (const socket of sockets) socket.destroySoon();
      await closed;
    },
  };
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket()) await rm(path, { force: true });
}

async function listen(server: Server, path: string): Promise<void> {
  server.listen(path);
  await once(server, 'listening');
}

async function serve(
  socket: Socket,
  respond: (socket: Socket, line: string) => Promise<void>,
): Promise<void> {
  socket.on('timeout', () => socket.destroy());
  socket.setTimeout(IDLE_MS);
  for await (const line of readLines(socket)) {
    // A command may take long; only a silent peer is put out.
    socket.setTimeout(0);
    await respond(socket, line);
    socket.setTimeout(IDLE_MS);
  }
}

async function answerTo(
  line: string,
  handlers: AdminSocketParts['handlers'],
  log: Logger,
): Promise<AdminAnswer> {
  const request = parseRequest(line);
  const handler = request && Object.hasOwn(handlers, request.command) ? handlers[request.command] : undefined;
  if (!request || !handler) {
    const detail = 'This server does not know the command. Is the command line of another version?';
    return { ok: false, error: { code: 'unknown_command', detail, attr: null } };
  }
  try {
    const result = await handler(request.args);
    log.info({ command: request.command }, 'admin command done');
    return { ok: true, result };
  } catch (error) {
    log.warn({ command: request.command, err: error }, 'admin command failed');
    return { ok: false, error: toFailure(error) };
  }
}

function parseRequest(line: string): { command: string; args: unknown } | undefined {
  try {
    const value: { command?: unknown; args?: unknown } | null = JSON.parse(line);
    return typeof value?.command === 'string'
      ? { command: value.command, args: value.args ?? {} }
      : undefined;
  } catch {
    return undefined;
  }
}
