import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFERRED } from './prepared-statements.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let created: TestDatabase;

beforeEach(async () => {
  created = await createTestDatabase({ poolSize: 1 });
  await created.database.script('create table entries (id integer primary key)');
});

afterEach(() => created.drop());

const insert = (id: number, mark = DEFERRED) => sql`insert into entries values (${id}) ${sql.raw(mark)}`;

async function entries(): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select id from entries order by id`.execute(
    created.database.kysely,
  );
  return rows.map(({ id }) => id);
}

const transaction = () => created.database.kysely.transaction();

test('a deferred write is seen by the next statement of its transaction', async () => {
  const seen = await transaction().execute(async (tx) => {
    await insert(1).execute(tx);
    return sql<{ id: number }>`select id from entries`.execute(tx);
  });
  expect(seen.rows).toEqual([{ id: 1 }]);
});

test('a deferred write at the end is committed', async () => {
  await transaction().execute((tx) => insert(2).execute(tx));
  expect(await entries()).toEqual([2]);
});

test('a deferred write that fails takes its transaction with it and says why', async () => {
  await insert(3, '').execute(created.database.kysely);
  const doing = transaction().execute(async (tx) => {
    await insert(4, '').execute(tx);
    await insert(3).execute(tx);
  });
  await expect(doing).rejects.toThrow(/duplicate key/);
  expect(await entries()).toEqual([3]);
});

test('what was deferred is forgotten when the transaction fails on its own', async () => {
  const doing = transaction().execute(async (tx) => {
    await insert(5).execute(tx);
    throw new Error('thought better of it');
  });
  await expect(doing).rejects.toThrow('thought better of it');
  await transaction().execute((tx) => insert(6).execute(tx));
  expect(await entries()).toEqual([6]);
});

test('a rollback undoes what was sent, and drops what was not', async () => {
  const doing = transaction().execute(async (tx) => {
    await insert(7, '').execute(tx);
    await insert(8).execute(tx);
    throw new Error('no');
  });
  await expect(doing).rejects.toThrow('no');
  expect(await entries()).toEqual([]);
});

test('a transaction without statements is none', async () => {
  await transaction().execute(async () => {});
  expect(await entries()).toEqual([]);
});

test('outside of a transaction nothing waits', async () => {
  await insert(9).execute(created.database.kysely);
  expect(await entries()).toEqual([9]);
});

test('a rollback of a failed deferred write reaches the server, and the connection goes on', async () => {
  await insert(10, '').execute(created.database.kysely);
  const doing = transaction().execute(async (tx) => {
    await insert(10).execute(tx);
    await insert(11, '').execute(tx);
  });
  await expect(doing).rejects.toThrow(/duplicate key/);
  await transaction().execute((tx) => insert(12).execute(tx));
  expect(await entries()).toEqual([10, 12]);
});
