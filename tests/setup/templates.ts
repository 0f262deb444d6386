import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectPostgres, type Database, openEmbedded } from '@parley/db/database';
import { migrate } from '@parley/db/migrate';
import pg from 'pg';
import { startJobs } from '../../apps/server/src/platform/jobs/boss.ts';

/** Migrates, and lets the job queue make its own schema: both would cost every test a tenth of a second. */
async function prepare(database: Database): Promise<void> {
  await migrate(database);
  const onError = (error: Error) => {
    throw error;
  };
  const jobs = await startJobs({ database, definitions: [], schedule: false, onError });
  await jobs.stop(1000);
}

export interface PostgresTemplate {
  /** Databases of this run are called this plus something; the template itself is called just this. */
  prefix: string;
  dropAll(): Promise<void>;
}

/** A prepared database that `create database … template …` copies. */
export async function createPostgresTemplate(url: string): Promise<PostgresTemplate> {
  const prefix = `parley_test_${randomBytes(4).toString('hex')}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`create database ${prefix}`);
  const templateUrl = new URL(url);
  templateUrl.pathname = `/${prefix}`;
  const database = await connectPostgres(templateUrl.href);
  await prepare(database);
  await database.close();
  await admin.end();
  return { prefix, dropAll: () => dropDatabases(url, prefix) };
}

async function dropDatabases(url: string, prefix: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  const { rows } = await admin.query<{ datname: string }>(
    'select datname from pg_database where datname like $1',
    [`${prefix}%`],
  );
  for (const { datname } of rows) await admin.query(`drop database if exists ${datname} with (force)`);
  await admin.end();
}

export interface EmbeddedTemplate {
  file: string;
  remove(): Promise<void>;
}

/** A dump of a prepared embedded database: loading it takes a tenth of the time that creating one takes. */
export async function createEmbeddedTemplate(): Promise<EmbeddedTemplate> {
  const database = await openEmbedded('memory://');
  await prepare(database);
  if (!('pglite' in database.source)) throw new Error('Not an embedded database');
  const dump = await database.source.pglite.dumpDataDir('none');
  await database.close();
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'));
  const file = join(folder, 'pglite.tar');
  await writeFile(file, Buffer.from(await dump.arrayBuffer()));
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}
