import { connectPostgres } from '@parley/db/database';
import { createTestDatabase } from '@parley/db/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { sequenceEvents } from './sequencer.ts';

it('numbers by commit: a writer that began first and commits last comes last, and nobody misses it', async () => {
  const { database, url = '', drop } = await createTestDatabase();
  const other = await connectPostgres(url, { poolSize: 2 });
  const insert = (name: string) => sql`
    insert into events (project_id, name, resource_id, resource_version, actor, payload, created_at)
    values (7, ${name}, 'x', 1, '{}', '{}', now())`;
  const names = async () => {
    const { rows } = await sql<{ name: string; seq: number }>`
      select name, seq from events where project_id = 7 and seq is not null order by seq`.execute(
      database.kysely,
    );
    return rows.map((row) => `${row.seq} ${row.name}`);
  };
  await sql`insert into event_counters (project_id) values (7)`.execute(database.kysely);

  let commitFirst = () => {};
  const held = new Promise<void>((resolve) => {
    commitFirst = resolve;
  });
  let begun = () => {};
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const first = other.kysely.transaction().execute(async (tx) => {
    await insert('began first').execute(tx);
    begun();
    await held;
  });
  await started;
  await insert('committed first').execute(database.kysely);
  await sequenceEvents(database);
  expect(await names()).toEqual(['1 committed first']);
  commitFirst();
  await first;
  await Promise.all([sequenceEvents(database), sequenceEvents(other)]);
  await sequenceEvents(database);
  expect(await names()).toEqual(['1 committed first', '2 began first']);
  await other.close();
  await drop();
});
