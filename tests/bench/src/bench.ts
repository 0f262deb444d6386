import { capturePlans } from './capture.ts';
import { startFloor } from './floor-process.ts';
import type { ListFigures } from './list-report.ts';
import { measureLists } from './lists.ts';
import { startLoadProcess } from './load-process.ts';
import { describeMachine } from './machine.ts';
import { type MeasureParts, measureOperations } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { type BenchDatabase, createBenchDatabase, withClient } from './postgres.ts';
import { watchMemory } from './process-figures.ts';
import type { BenchResult } from './report.ts';
import { proveCounters, seed, takeKey } from './seed.ts';
import { startParley } from './server-process.ts';
import { measureEmbeddedStartup, measurePostgresStartup } from './startup.ts';
import { readTicketPools } from './tickets.ts';

type Progress = (text: string) => void;

/** The whole benchmark, on a database of its own. */
export async function runBench(options: BenchOptions, onProgress: Progress): Promise<BenchResult> {
  const given = process.env.PARLEY_BENCH_POSTGRES_URL || undefined;
  const database = await createBenchDatabase(given, options.keep);
  try {
    const machine = await withClient(database.url, describeMachine);
    const seedSeconds = await prepare(database, options.tickets, onProgress);
    onProgress('starting, several times');
    const startup = {
      postgres: await measurePostgresStartup(database.url),
      embedded: await measureEmbeddedStartup(),
    };
    const lists = await measureAllLists(database.url, options.tickets, onProgress);
    return {
      machine,
      options,
      seedSeconds,
      startup,
      lists,
      ...(await load(database.url, options, onProgress)),
    };
  } finally {
    await database.drop();
  }
}

/** Fills a new database; one that was kept gets this run's key. Returns how long the filling took. */
async function prepare(database: BenchDatabase, tickets: number, onProgress: Progress) {
  if (!database.isNew) {
    onProgress('using what is there');
    await withClient(database.url, takeKey);
    return undefined;
  }
  onProgress(`seeding ${tickets} tickets`);
  return fill(database.url, tickets);
}

/** Growth is measured from this many tickets. */
const FEW = 10_000;

async function measureAllLists(
  databaseUrl: string,
  tickets: number,
  onProgress: Progress,
): Promise<ListFigures> {
  const measure = async (url: string) => {
    const server = await startParley({ databaseUrl: url });
    return measureLists(server).finally(server.stop);
  };
  onProgress('asking for lists');
  const all = await measure(databaseUrl);
  if (tickets <= FEW) return { all, few: undefined };
  onProgress(`asking for the same among ${FEW} tickets`);
  const small = await createBenchDatabase(databaseUrl);
  try {
    await fill(small.url, FEW);
    return { all, few: await measure(small.url) };
  } finally {
    await small.drop();
  }
}

/**
 * The server makes its own tables and its first user, the rows come by SQL, and the server counts what is there.
 * Returns how long the rows took.
 */
export async function fill(databaseUrl: string, tickets: number): Promise<number> {
  const server = await startParley({ databaseUrl });
  await server.stop();
  const startedAt = performance.now();
  await withClient(databaseUrl, (client) => seed(databaseUrl, client, tickets));
  const seconds = (performance.now() - startedAt) / 1000;
  const again = await startParley({ databaseUrl });
  await withClient(databaseUrl, proveCounters).finally(again.stop);
  return seconds;
}

async function load(databaseUrl: string, options: BenchOptions, onProgress: Progress) {
  const pools = await withClient(databaseUrl, readTicketPools);
  onProgress('recording the statements of each operation');
  const plans = await capturePlans(databaseUrl, pools);
  const [server, floor] = await Promise.all([startParley({ databaseUrl }), startFloor(databaseUrl, plans)]);
  const generator = startLoadProcess();
  try {
    const memory = { server: watchMemory(server.pid), floor: watchMemory(floor.pid) };
    const parts: MeasureParts = { load: generator, pools, server, floor, options, onProgress };
    const operations = await measureOperations(parts);
    return {
      plans,
      operations,
      loadedMegabytes: { server: memory.server(), floor: memory.floor() },
    };
  } finally {
    generator.stop();
    await Promise.all([server.stop(), floor.stop()]);
  }
}
