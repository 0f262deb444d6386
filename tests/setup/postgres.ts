import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import {
  findProgram,
  freePort,
  startServer,
  type ThrowawayServer,
  temporaryFolder,
  unprivilegedAccount,
} from './throwaway-server.ts';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const LOCALE = process.platform === 'linux' ? 'C.UTF-8' : 'en_US.UTF-8';
/** Nothing here outlives the run, so durability only costs time. */
const SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'];

export type PostgresSource = { url: string } | { binFolder: string };

function debianFolders(): string[] {
  if (!existsSync(DEBIAN_FOLDER)) return [];
  const versions = readdirSync(DEBIAN_FOLDER).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(DEBIAN_FOLDER, version, 'bin'));
}

/** Where the tests get PostgreSQL from: a running server that is named, or installed server programs. */
export function findPostgres(): PostgresSource | undefined {
  const url = process.env.PARLEY_TEST_POSTGRES_URL;
  if (url) return { url };
  const program = findProgram('initdb', debianFolders());
  return program ? { binFolder: dirname(program) } : undefined;
}

async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** Starts an empty cluster in a temporary folder, on a socket and a port of its own. */
export async function startPostgres(source: PostgresSource): Promise<ThrowawayServer> {
  if ('url' in source) return { url: source.url, stop: async () => {} };
  const account = unprivilegedAccount(['postgres', 'nobody']);
  const folder = temporaryFolder(account);
  const data = join(folder.path, 'data');
  const initialize = [
    '-D',
    data,
    '-U',
    'parley',
    '--auth=trust',
    '-E',
    'UTF8',
    `--locale=${LOCALE}`,
    '--no-sync',
  ];
  await promisify(execFile)(join(source.binFolder, 'initdb'), initialize, { ...account, cwd: '/' });
  const port = await freePort();
  const url = `postgres://parley@127.0.0.1:${port}/postgres`;
  const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
  const command = [join(source.binFolder, 'postgres'), '-D', data, '-k', folder.path, '-h', '127.0.0.1'];
  const stop = await startServer([...command, '-p', String(port), ...settings], account, () => accepts(url));
  return {
    url,
    async stop() {
      await stop();
      folder.remove();
    },
  };
}
