import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixedStatement } from './fixed-statement.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let created: TestDatabase;
const statements: string[] = [];

beforeAll(async () => {
  created = await createTestDatabase({ onStatement: (statement) => statements.push(statement) });
});

afterAll(() => created.drop());

test('each run has its own values, in any order and as often as they are named', async () => {
  const repeat = fixedStatement<{ line: string }, [word: string, times: number]>(
    (word, times) => sql`select repeat(${word}, ${times}::integer) || ${word}::text as line`,
  );
  const { kysely } = created.database;
  expect(await repeat(kysely, 'ab', 2)).toEqual([{ line: 'ababab' }]);
  expect(await repeat(kysely, 'c', 1)).toEqual([{ line: 'cc' }]);
});

test('the text is made once', async () => {
  let made = 0;
  const answer = fixedStatement<{ n: number }, [n: number]>((n) => {
    made += 1;
    return sql`select ${n}::integer as n`;
  });
  statements.length = 0;
  const { kysely } = created.database;
  expect([await answer(kysely, 1), await answer(kysely, 2)]).toEqual([[{ n: 1 }], [{ n: 2 }]]);
  expect(made).toBe(1);
  expect(statements).toEqual(['select $1::integer as n', 'select $1::integer as n']);
});

test('it takes part in the transaction it is given', async () => {
  const add = fixedStatement<object, [project: number]>(
    (project) => sql`insert into event_counters (project_id) values (${project})`,
  );
  const count = fixedStatement<{ n: number }, [project: number]>(
    (project) => sql`select count(*)::integer as n from event_counters where project_id = ${project}`,
  );
  const { kysely } = created.database;
  const undone = kysely.transaction().execute(async (tx) => {
    await add(tx, 77);
    expect(await count(tx, 77)).toEqual([{ n: 1 }]);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await count(kysely, 77)).toEqual([{ n: 0 }]);
});

test('a value that is not given as one is refused', async () => {
  const broken = fixedStatement<object, [n: number]>((n) => sql`select ${n}::integer + ${1}::integer`);
  await expect(broken(created.database.kysely, 1)).rejects.toThrow('value of its own');
});
