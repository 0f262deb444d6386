import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestDatabase, databaseKind, type TestDatabase } from './testing.ts';

let statements: string[];
let created: TestDatabase;

beforeEach(async () => {
  statements = [];
  created = await createTestDatabase({ onStatement: (statement) => statements.push(statement) });
});

afterEach(() => created.drop());

describe('a database', () => {
  test('belongs to the test alone', async () => {
    const other = await createTestDatabase();
    await created.database.script('insert into event_counters values (1, 5)');
    const count = sql<{ count: number }>`select count(*) as count from event_counters`;
    const [mine, theirs] = await Promise.all(
      [created, other].map(({ database }) => count.execute(database.kysely).then(({ rows }) => rows)),
    );
    await other.drop();
    expect([mine, theirs]).toEqual([[{ count: 1 }], [{ count: 0 }]]);
  });

  test('shows its statements to who asks', async () => {
    await created.database.kysely.selectFrom('users').select('id').execute();
    expect(statements).toEqual(['select "id" from "users"']);
  });

  test('undoes a script that fails, and goes on', async () => {
    const script = 'begin; create table half (id integer); select 1 / 0; commit;';
    await expect(created.database.script(script)).rejects.toThrow('division by zero');
    const { rows } = await sql`select to_regclass('half') as half`.execute(created.database.kysely);
    expect(rows).toEqual([{ half: null }]);
  });

  test('carries what is said on a channel until nobody listens', async () => {
    const { database } = created;
    const heard: string[] = [];
    const silence = await database.listen('news', (payload) => heard.push(payload));
    await database.notify('news', "it's one");
    await vi.waitFor(() => expect(heard).toEqual(["it's one"]));
    await silence();
    const stillListening = await database.listen('news', (payload) => heard.push(`second ${payload}`));
    await database.notify('news', 'two');
    await vi.waitFor(() => expect(heard).toContain('second two'));
    await stillListening();
    expect(heard).toEqual(["it's one", 'second two']);
  });

  if (databaseKind() === 'postgres') {
    test('listens again after its connection was cut', async () => {
      const { database } = created;
      const heard: string[] = [];
      const silence = await database.listen('news', (payload) => heard.push(payload));
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'parley listener'`.execute(database.kysely);
      await vi.waitFor(
        async () => {
          await database.notify('news', 'back');
          expect(heard).toContain('back');
        },
        { timeout: 10_000, interval: 100 },
      );
      await silence();
    });
  }
});
