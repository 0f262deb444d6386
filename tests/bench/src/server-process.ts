import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../setup/throwaway-server.ts';

export interface StartedServer {
  url: string;
  pid: number;
  /** From the start of the process to the first answer of /_ready. */
  readyMs: number;
  stop(): Promise<void>;
}

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const READY_WITHIN_MS = 60_000;
const POLL_MS = 5;

/** The key every request of a run is made with. */
export const API_KEY = `phx_bench_${randomBytes(24).toString('hex')}`;
const SECRET = randomBytes(32).toString('hex');

/** Starts the real server, as `npm start` does, on a PostgreSQL or on an embedded folder. */
export function startParley(
  place: { databaseUrl: string; roles?: string } | { dataDir: string },
): Promise<StartedServer> {
  const environment =
    'dataDir' in place
      ? { DATA_DIR: place.dataDir }
      : { DATABASE_URL: place.databaseUrl, ...(place.roles ? { PARLEY_ROLES: place.roles } : {}) };
  return startChild([...extraFlags(), ...startArguments()], {
    ...environment,
    PARLEY_SECRET: SECRET,
    PARLEY_RATE_LIMITS: 'off',
    PARLEY_BOOTSTRAP_API_KEY: API_KEY,
    LOG_LEVEL: 'warn',
  });
}

/** What `npm start` gives Node. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const [program, ...rest] = scripts.start.split(' ');
  if (program !== 'node') throw new Error('The start script is expected to be one call of node.');
  return rest;
}

/** For profiling, such as --cpu-prof. */
function extraFlags(): string[] {
  return (process.env.PARLEY_BENCH_NODE_FLAGS ?? '').split(' ').filter(Boolean);
}

/** Starts a Node program, from the root of the repository, on a free port and waits until it is ready. */
export async function startChild(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<StartedServer> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), ...environment },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(child, url);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${args.join(' ')} did not become ready:\n${output}`, { cause: error });
  }
  const readyMs = performance.now() - startedAt;
  return { url, pid: child.pid ?? 0, readyMs, stop: () => stop(child) };
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const response = await fetch(`${url}/_ready`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await delay(POLL_MS);
  }
  throw new Error(child.exitCode === null ? 'It took too long.' : `It ended with ${child.exitCode}.`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
