import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { connectPostgres, type Database } from './database.ts';
import { migrate, pendingMigrations, readMigrations } from './migrate.ts';
import { createEmptyDatabase, createTestDatabase, databaseKind, type TestDatabase } from './testing.ts';

const opened: TestDatabase[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.drop()));
});

async function open(creating: Promise<TestDatabase>): Promise<TestDatabase> {
  const created = await creating;
  opened.push(created);
  return created;
}

async function appliedNumbers(database: Database): Promise<number[]> {
  const { rows } = await sql<{
    number: number;
  }>`select number from parley_migrations order by number`.execute(database.kysely);
  return rows.map(({ number }) => number);
}

describe('migrate', () => {
  test('applies every file once, in order', async () => {
    const { database } = await open(createEmptyDatabase());
    const known = await readMigrations();
    expect(await migrate(database)).toEqual(known);
    expect(await appliedNumbers(database)).toEqual(known.map(({ number }) => number));
    expect(await migrate(database)).toEqual([]);
    expect(await appliedNumbers(database)).toHaveLength(known.length);
  });

  if (databaseKind() === 'postgres') {
    test('several processes at once do the work once', async () => {
      const { database, url } = await open(createEmptyDatabase());
      if (!url) throw new Error('A server has a URL');
      const others = await Promise.all([connectPostgres(url), connectPostgres(url)]);
      const outcomes = await Promise.allSettled([database, ...others].map((each) => migrate(each)));
      await Promise.all(others.map((each) => each.close()));
      expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
      expect(await appliedNumbers(database)).toHaveLength((await readMigrations()).length);
      expect(await pendingMigrations(database)).toEqual([]);
    });
  }

  test('refuses when an applied migration was changed', async () => {
    const { database } = await open(createTestDatabase());
    await database.script("update parley_migrations set sha256 = 'another' where number = 2");
    await expect(migrate(database)).rejects.toThrow(
      /Migration 2 \(people\) was changed after it had been applied/,
    );
  });

  test('refuses a database that is newer', async () => {
    const { database } = await open(createTestDatabase());
    const newer = (await readMigrations()).length + 1;
    await database.script(
      `insert into parley_migrations (number, name, sha256) values (${newer}, 'later', 'x')`,
    );
    await expect(migrate(database)).rejects.toThrow(`The database is at migration ${newer}`);
  });

  test('keeps nothing of a migration that fails half way', async () => {
    const { database } = await open(createEmptyDatabase());
    // 0002 creates this table after others.
    await database.script('create table projects (id integer)');
    await expect(migrate(database)).rejects.toThrow(/Migration 2 \(people\) failed/);
    expect(await appliedNumbers(database)).toEqual([1]);
    const { rows } =
      await sql`select 1 from information_schema.tables where table_name = 'organizations'`.execute(
        database.kysely,
      );
    expect(rows).toEqual([]);
  });
});
