import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const READY_WITHIN_MS = 20_000;
const POLL_MS = 50;

/** Ends the server when our end of the pipe closes, so that even a killed test run leaves nothing behind. */
const SUPERVISOR = '"$@" <&- & server=$!; cat >/dev/null; kill -INT $server; wait $server';

export interface Account {
  uid: number;
  gid: number;
}

export interface ThrowawayServer {
  url: string;
  stop(): Promise<void>;
}

/** The folders of PATH, and those given, in which the program exists; the first one wins. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const candidates = [...folders, ...(process.env.PATH ?? '').split(delimiter)].map((folder) =>
    join(folder, name),
  );
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Servers such as PostgreSQL refuse to run as root: the first of these accounts that exists runs them instead. */
export function unprivilegedAccount(names: readonly string[]): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of names) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`Running as root, and none of these accounts exists: ${names.join(', ')}`);
}

/** An empty folder that the account may write to, and a function that removes it. */
export function temporaryFolder(account: Account | undefined): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'parley-test-'));
  if (account) chownSync(path, account.uid, account.gid);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No TCP address');
  return address.port;
}

/** Starts a server in the foreground and waits until `isReady` says so; its output is shown when it never is. */
export async function startServer(
  command: readonly string[],
  account: Account | undefined,
  isReady: () => Promise<boolean>,
): Promise<() => Promise<void>> {
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, 'sh', ...command], {
    ...account,
    stdio: 'pipe',
    cwd: '/',
  });
  const ended = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
    });
  }
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await isReady())) {
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`${command[0]} was not ready within ${READY_WITHIN_MS} ms:\n${output}`);
    }
    await delay(POLL_MS);
  }
  return stop;
}
