import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import {
  findProgram,
  freePort,
  startServer,
  temporaryFolder,
  unprivilegedAccount,
} from '../../setup/throwaway-server.ts';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
/** PostgreSQL's own defaults, durable as they are, but for the memory and the log a server of this size is given. */
const SETTINGS = [`shared_buffers=${quarterOfMemory()}MB`, 'max_wal_size=4GB', 'max_connections=100'];

/** What PostgreSQL's manual advises for a machine of its own. */
function quarterOfMemory(): number {
  return Math.floor(totalmem() / 4 / 1024 / 1024);
}

interface Cluster {
  url: string;
  stop(): Promise<void>;
}

export interface BenchDatabase {
  url: string;
  /** Whether it was made just now. */
  isNew: boolean;
  /** Removes the database, and the cluster if it was made for this run. */
  drop(): Promise<void>;
}

function programFolder(): string {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
  const folders = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN_FOLDER, version, 'bin'));
  const initdb = findProgram('initdb', folders);
  if (initdb) return dirname(initdb);
  throw new Error('No PostgreSQL found: apt-get install postgresql, or set PARLEY_BENCH_POSTGRES_URL.');
}

async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}

async function startCluster(): Promise<Cluster> {
  const programs = programFolder();
  const account = unprivilegedAccount(['postgres', 'nobody']);
  const folder = temporaryFolder(account);
  const data = join(folder.path, 'data');
  const initialize = ['-D', data, '-U', 'parley', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8'];
  await promisify(execFile)(join(programs, 'initdb'), initialize, { ...account, cwd: '/' });
  const port = await freePort();
  const url = `postgres://parley@127.0.0.1:${port}/postgres`;
  const command = [
    join(programs, 'postgres'),
    '-D',
    data,
    '-k',
    folder.path,
    '-h',
    '127.0.0.1',
    '-p',
    `${port}`,
  ];
  const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
  const stop = await startServer([...command, ...settings], account, () => accepts(url));
  return {
    url,
    async stop() {
      await stop();
      folder.remove();
    },
  };
}

/** Runs work on a connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** An empty database on the given server, or else on one started for this run. With a name it may be there, and stays. */
export async function createBenchDatabase(given: string | undefined, kept?: string): Promise<BenchDatabase> {
  const cluster = given ? { url: given, stop: async () => {} } : await startCluster();
  const name = kept ?? `parley_bench_${randomBytes(4).toString('hex')}`;
  let isNew = true;
  try {
    await withClient(cluster.url, async (client) => {
      const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
      isNew = rowCount === 0;
      if (isNew) await client.query(`create database ${name}`);
    });
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  const url = new URL(cluster.url);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    isNew,
    async drop() {
      if (kept !== undefined) return;
      await withClient(cluster.url, (client) => client.query(`drop database ${name} with (force)`));
      await cluster.stop();
    },
  };
}
