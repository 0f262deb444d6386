import type { Database } from '@parley/db/database';
import { pendingMigrations } from '@parley/db/migrate';
import { sql } from 'kysely';
import { describeError } from './admin-error.ts';
import type { Check } from './doctor.ts';
import type { OpenedDatabase } from './open-database.ts';

/** Version, schema, queue and extension of the database. */
export async function checkDatabase(open: (() => Promise<OpenedDatabase>) | undefined): Promise<Check[]> {
  if (!open) return [{ name: 'database', level: 'warn', detail: 'none yet; the first start makes it' }];
  let opened: OpenedDatabase | undefined;
  try {
    opened = await open();
    const { database } = opened;
    return [
      await checkVersion(database),
      ...(database.kind === 'pglite' ? [HONESTY] : []),
      await checkMigrations(database),
      await checkJobs(database),
      await checkExtension(database),
    ];
  } catch (error) {
    return [{ name: 'database', level: 'fail', detail: describeError(error) }];
  } finally {
    await opened?.close();
  }
}

const HONESTY: Check = {
  name: 'durability',
  level: 'warn',
  detail:
    'the embedded database survives a killed process, but not a power cut; set DATABASE_URL for data you can’t lose',
};

async function checkVersion(database: Database): Promise<Check> {
  const { rows } = await sql<{
    version: string;
  }>`select current_setting('server_version') as version`.execute(database.kysely);
  const kind = database.kind === 'pglite' ? 'embedded (PGlite)' : 'PostgreSQL server';
  return { name: 'database', level: 'ok', detail: `${kind}, PostgreSQL ${rows[0]?.version}` };
}

async function checkMigrations(database: Database): Promise<Check> {
  const name = 'migrations';
  try {
    const pending = await pendingMigrations(database);
    if (pending.length === 0) return { name, level: 'ok', detail: 'all applied' };
    return { name, level: 'warn', detail: `${pending.length} to apply: parley migrate, or the next start` };
  } catch (error) {
    return { name, level: 'fail', detail: describeError(error) };
  }
}

async function checkJobs(database: Database): Promise<Check> {
  const { rows } = await sql<{ exists: boolean }>`
    select to_regclass('pgboss.job') is not null as exists`.execute(database.kysely);
  if (rows[0]?.exists) return { name: 'jobs', level: 'ok', detail: 'the queue is set up' };
  return { name: 'jobs', level: 'warn', detail: 'no queue yet; the next start makes it' };
}

async function checkExtension(database: Database): Promise<Check> {
  const name = 'pg_trgm';
  const { rows } = await sql<{ installed: string | null }>`
    select installed_version as installed from pg_available_extensions where name = 'pg_trgm'`.execute(
    database.kysely,
  );
  const found = rows[0];
  if (!found) {
    return {
      name,
      level: 'fail',
      detail: 'the extension is not available (apt-get install postgresql-contrib)',
    };
  }
  if (found.installed) return { name, level: 'ok', detail: found.installed };
  return { name, level: 'warn', detail: 'available; parley migrate installs it' };
}
