import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStatementNames, PLAN_ANEW } from './prepared-statements.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let created: TestDatabase;

beforeEach(async () => {
  created = await createTestDatabase({ poolSize: 1 });
});

afterEach(() => created.drop());

async function prepared(): Promise<string[]> {
  const { rows } = await sql<{ statement: string }>`
    select statement from pg_prepared_statements where statement like '%kept%' order by name`.execute(
    created.database.kysely,
  );
  return rows.map(({ statement }) => statement);
}

function run(text: string, value: unknown): Promise<{ rows: object[] }> {
  return sql<object>`${sql.raw(text)} ${value}`.execute(created.database.kysely);
}

test('a statement that comes again is kept prepared, others are not', async () => {
  for (const value of ['a', 'b', 'c', 'd']) {
    expect((await run('select 1 as kept where $1 <>', value)).rows).toEqual([]);
  }
  await run('select 2 as kept where $1 <>', 'once');
  expect(await prepared()).toEqual(['select 1 as kept where $1 <> $1']);
});

test('a statement that asks for it is planned with its values, every time', async () => {
  for (const value of ['a', 'b', 'c', 'd']) await run(`${PLAN_ANEW} select 3 as kept where $1 <>`, value);
  expect(await prepared()).toEqual([]);
});

const plansOf = async (text: string) => {
  const { rows } = await sql<{ generic: number; custom: number }>`
    select generic_plans as generic, custom_plans as custom from pg_prepared_statements
    where statement = ${text}`.execute(created.database.kysely);
  return rows.map(({ generic, custom }) => [Number(generic), Number(custom)]);
};

test('a statement that is kept is planned once, for any values', async () => {
  for (let i = 0; i < 8; i += 1) await run('select 4 as kept where 1 <', i);
  expect(await plansOf('select 4 as kept where 1 < $1')).toEqual([[6, 0]]);
});

test('after a rollback, of all or to a savepoint, statements are planned as before', async () => {
  const text = 'select 5 as kept where 1 <';
  for (let i = 0; i < 3; i += 1) await run(text, i);
  const { kysely } = created.database;
  for (const undo of ['rollback to savepoint here', 'select 1 / 0']) {
    await run(`${PLAN_ANEW} select 6 where 1 <`, 1);
    const working = kysely.transaction().execute(async (tx) => {
      await sql`savepoint here`.execute(tx);
      await sql`${sql.raw(text)} ${7}`.execute(tx);
      await sql.raw(undo).execute(tx);
      await sql`${sql.raw(text)} ${8}`.execute(tx);
    });
    await working.catch(() => {});
    await run(text, 9);
  }
  // Of ten uses two came before the statement had its name; the last in the failed transaction never ran.
  expect(await plansOf('select 5 as kept where 1 < $1')).toEqual([[6, 0]]);
});

test('one text has one name, and only so many get one', () => {
  const nameOf = createStatementNames();
  const third = (text: string) => [nameOf(text), nameOf(text), nameOf(text)].at(-1);
  const names = Array.from({ length: 300 }, (_, i) => third(`select ${i}`));
  expect(new Set(names.filter((name) => name !== undefined)).size).toBe(250);
  expect(nameOf('select 7')).toBe(names[7]);
  expect(third('one too many')).toBeUndefined();
});

test('texts that never come again do not pile up', () => {
  const nameOf = createStatementNames();
  nameOf('twice');
  nameOf('twice');
  for (let i = 0; i < 1000; i += 1) expect(nameOf(`once ${i}`)).toBeUndefined();
  // Forgotten on the way: it has to earn its name again.
  expect(nameOf('twice')).toBeUndefined();
});

test('a connection whose plan a changed table made useless is replaced', async () => {
  const { kysely, script } = created.database;
  await script('create table kept (id integer)');
  const read = () => sql`select * from kept where id < ${7}`.execute(kysely);
  for (let i = 0; i < 4; i += 1) await read();
  await script('alter table kept add column name text; insert into kept values (1, $$one$$)');
  await expect(read()).rejects.toThrow('cached plan must not change result type');
  expect((await read()).rows).toEqual([{ id: 1, name: 'one' }]);
});
