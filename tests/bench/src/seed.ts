import type pg from 'pg';
import { withClient } from './postgres.ts';
import {
  COUNT_CELLS,
  COUNT_SUMS,
  messagesSql,
  PEOPLE,
  personsSql,
  TICKET_WORDS,
  ticketsSql,
} from './seed-sql.ts';
import { API_KEY } from './server-process.ts';

const TICKETS_PER_PERSON = 5;
const BIG_TABLES = ['tickets', 'messages', 'persons', 'person_distinct_ids', 'ticket_words'];
/** Indexes built at the same time: as many as cores. */
const BUILDERS = 2;

/** Fills a migrated, bootstrapped database. Needs a superuser: triggers and foreign keys are off meanwhile. */
export async function seed(databaseUrl: string, client: pg.Client, tickets: number): Promise<void> {
  const persons = Math.max(1, Math.floor(tickets / TICKETS_PER_PERSON));
  await client.query(`set session_replication_role = replica; set jit = off`);
  const indexes = await dropIndexes(client);
  await client.query(PEOPLE);
  await client.query(personsSql(persons));
  await client.query(ticketsSql(tickets, persons));
  await client.query(messagesSql(tickets));
  await client.query(TICKET_WORDS);
  await client.query(COUNT_CELLS);
  await client.query(COUNT_SUMS);
  await buildIndexes(databaseUrl, indexes);
  await client.query('vacuum (analyze)');
  await client.query('checkpoint');
}

/** Building an index once takes a fraction of what filling it row by row does. Returns how to build them again. */
async function dropIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid = any($1::regclass[]) and not indisunique`,
    [BIG_TABLES],
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows.map(({ definition }) => definition);
}

/** The slowest first, so that no builder is left with one at the end. */
async function buildIndexes(databaseUrl: string, definitions: readonly string[]): Promise<void> {
  const weight = (definition: string) =>
    (/ gin /.test(definition) ? 1 : 0) + (/\.messages /.test(definition) ? 1 : 0);
  const waiting = [...definitions].sort((a, b) => weight(b) - weight(a));
  const build = (client: pg.Client) =>
    client.query(`set maintenance_work_mem = '512MB'`).then(async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await client.query(next);
    });
  await Promise.all(Array.from({ length: BUILDERS }, () => withClient(databaseUrl, build)));
}

/** Gives a database that an earlier run filled the key of this one. */
export async function takeKey(client: pg.Client): Promise<void> {
  await client.query('update api_keys set token_hash = sha256($1::bytea)', [Buffer.from(API_KEY)]);
}

const JOB = 'ticket_counts.recount';
const PROOF_WITHIN_MS = 120_000;
const POLL_MS = 200;

/** A digest of the counters: every cell, and whether anything waits to be added to one. */
const COUNTERS = `
  select (select md5(coalesce(string_agg(c::text, ',' order by c::text), '')) from ticket_count_cells c) as cells,
    (select md5(coalesce(string_agg(s::text, ',' order by s::text), '')) from ticket_count_sums s) as sums,
    (select count(*) from ticket_count_deltas) as deltas`;

/** Has the running server recount everything, and throws when it had anything to correct. */
export async function proveCounters(client: pg.Client): Promise<void> {
  const before = await client.query(COUNTERS);
  const { rows } = await client.query<{ id: string }>(
    `insert into pgboss.job (name, data) values ($1, '{}') returning id`,
    [JOB],
  );
  const deadline = Date.now() + PROOF_WITHIN_MS;
  for (let state = ''; state !== 'completed'; ) {
    if (state === 'failed' || Date.now() > deadline)
      throw new Error(`The recount did not complete: ${state}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const job = await client.query<{ state: string }>('select state from pgboss.job where id = $1', [
      rows[0]?.id,
    ]);
    state = job.rows[0]?.state ?? 'missing';
  }
  const after = await client.query(COUNTERS);
  const [was, is] = [JSON.stringify(before.rows), JSON.stringify(after.rows)];
  if (was !== is) throw new Error(`The seeded counters are wrong: the recount made ${is} of ${was}.`);
}
