import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAdminHandlers } from '../../server/src/admin/admin-commands.ts';
import { SOCKET_FILE } from '../../server/src/admin/admin-protocol.ts';
import { startAdminSocket } from '../../server/src/admin/admin-socket.ts';
import { createLogger } from '../../server/src/platform/log.ts';
import { API_KEY, createTestApp } from '../../server/src/testing/test-app.ts';

const BIN = fileURLToPath(new URL('../bin/parley.js', import.meta.url));

export interface Ran {
  exitCode: number | null;
  out: string;
  err: string;
}

export interface RunOptions {
  environment?: Record<string, string | undefined>;
  input?: string;
  /** Arguments of Node itself. */
  nodeArgs?: readonly string[];
  /** A command that runs for ever is stopped when this holds for what it has printed. */
  until?: (out: string) => boolean;
}

/** Runs the command as a person would, in a process of its own, with nothing of this one's settings. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const env = { PATH: process.env.PATH, ...options.environment };
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), BIN, ...args], { env });
  child.stdin.end(options.input ?? '');
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.out += chunk.toString();
    if (options.until?.(output.out)) child.kill();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.err += chunk.toString();
  });
  await once(child, 'close');
  return { exitCode: child.exitCode, ...output };
}

/** A listening server, reachable for administration too, and the environment that says where it is. */
export async function startInstallation() {
  const app = await createTestApp();
  const url = await app.listen();
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-cli-'));
  const handlers = createAdminHandlers({
    database: app.database,
    unitOfWork: app.parley.unitOfWork,
    config: { ...app.config, dataDir },
  });
  const path = join(dataDir, SOCKET_FILE);
  const socket = await startAdminSocket({ path, handlers, log: createLogger('silent') });
  const place =
    app.url === undefined ? {} : { DATABASE_URL: app.url, PARLEY_SECRET: 'a secret that only tests know of' };
  return {
    app,
    url,
    environment: { PARLEY_URL: url, PARLEY_API_KEY: API_KEY, DATA_DIR: dataDir, ...place },
    async close() {
      await socket.close();
      await app.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
