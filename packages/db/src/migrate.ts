import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Database } from './database.ts';

export interface Migration {
  number: number;
  name: string;
  text: string;
  sha256: string;
}

const FOLDER = new URL('../migrations/', import.meta.url);
const FILE_NAME = /^(\d{4})-([a-z0-9-]+)\.sql$/;
const UNIQUE_VIOLATION = '23505';

/** Reads the migration files in order; numbers are dense and start at 1. */
export async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (file, index) => {
      const match = FILE_NAME.exec(file);
      if (!match || Number(match[1]) !== index + 1) throw new Error(`Migration file out of order: ${file}`);
      const text = await readFile(new URL(file, FOLDER), 'utf8');
      const sha256 = createHash('sha256').update(text).digest('hex');
      return { number: index + 1, name: match[2] ?? '', text, sha256 };
    }),
  );
}

/** "if not exists" alone lets two processes at once collide in the catalogue, so they take turns. */
const VERSION_TABLE = `begin;
  select pg_advisory_xact_lock(hashtext('parley_migrations'));
  create table if not exists parley_migrations (
    number integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz(3) not null default now()
  );
commit;`;

async function readApplied(database: Database): Promise<Map<number, string>> {
  await database.script(VERSION_TABLE);
  const { rows } = await sql<{ number: number; sha256: string }>`
    select number, sha256 from parley_migrations order by number`.execute(database.kysely);
  return new Map(rows.map((row) => [row.number, row.sha256]));
}

/** Migrations that are not applied yet. Throws when an applied one was changed, or the database is newer. */
export async function pendingMigrations(database: Database): Promise<Migration[]> {
  const migrations = await readMigrations();
  const applied = await readApplied(database);
  const newest = Math.max(0, ...applied.keys());
  if (newest > migrations.length) {
    throw new Error(
      `The database is at migration ${newest}; this version of Parley knows ${migrations.length}.`,
    );
  }
  for (const migration of migrations) {
    const sha256 = applied.get(migration.number);
    if (sha256 && sha256 !== migration.sha256) {
      throw new Error(
        `Migration ${migration.number} (${migration.name}) was changed after it had been applied.`,
      );
    }
  }
  return migrations.filter((migration) => !applied.has(migration.number));
}

/**
 * Applies what is missing, each file in its own transaction. The version row is written first, so that of several
 * processes starting at once one does the work and the others wait on that row.
 */
export async function migrate(database: Database): Promise<Migration[]> {
  const pending = await pendingMigrations(database);
  for (const migration of pending) {
    const version = `insert into parley_migrations (number, name, sha256)
      values (${migration.number}, '${migration.name}', '${migration.sha256}');`;
    try {
      await database.script(
        `begin; set local statement_timeout = 0; ${version}\n${migration.text}\n; commit;`,
      );
    } catch (error) {
      const appliedElsewhere =
        error instanceof Error &&
        'code' in error &&
        error.code === UNIQUE_VIOLATION &&
        /parley_migrations/.test(error.message);
      if (!appliedElsewhere) {
        throw new Error(`Migration ${migration.number} (${migration.name}) failed.`, { cause: error });
      }
    }
  }
  return pending;
}
