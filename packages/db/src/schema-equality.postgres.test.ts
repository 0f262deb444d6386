import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { type Database, openEmbedded } from './database.ts';
import { migrate } from './migrate.ts';
import { createTestDatabase } from './testing.ts';

/** Everything a migration can make, one readable line per thing. */
const DESCRIBE = sql<{ line: string }>`
  select concat_ws(' ', 'column', table_name, column_name, udt_name, 'null=' || is_nullable, 'default=' || column_default,
    'generated=' || generation_expression, 'identity=' || identity_generation, 'precision=' || datetime_precision) as line
  from information_schema.columns where table_schema = 'public'
  union all
  select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
  from pg_constraint where connamespace = 'public'::regnamespace
  union all
  select concat_ws(' ', 'index', indexdef) from pg_indexes where schemaname = 'public'
  union all
  select concat_ws(' ', 'trigger', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
  union all
  select concat_ws(' ', 'function', pg_get_functiondef(p.oid)) from pg_proc p
  where pronamespace = 'public'::regnamespace
    and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  order by line`;

async function describeSchema(database: Database): Promise<string[]> {
  const { rows } = await DESCRIBE.execute(database.kysely);
  // PostgreSQL 18 keeps "not null" as constraints too; the columns already say it.
  return rows.map(({ line }) => line).filter((line) => !/^constraint .* NOT NULL \w+$/.test(line));
}

test('both databases end up with the same schema', async () => {
  const { database, drop } = await createTestDatabase();
  const embedded = await openEmbedded('memory://');
  await migrate(embedded);
  const [onServer, inProcess] = [await describeSchema(database), await describeSchema(embedded)];
  await Promise.all([drop(), embedded.close()]);
  expect(onServer.length).toBeGreaterThan(200);
  expect(inProcess).toEqual(onServer);
});
