import { capturePlans } from './capture.ts';
import { startFloor } from './floor-process.ts';
import { startLoadProcess } from './load-process.ts';
import { describeMachine } from './machine.ts';
import { measureOperations } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { createBenchDatabase, withClient } from './postgres.ts';
import { watchMemory } from './process-figures.ts';
import type { BenchResult } from './report.ts';
import { proveCounters, seed } from './seed.ts';
import { startParley } from './server-process.ts';
import { measureEmbeddedStartup, measurePostgresStartup } from './startup.ts';
import { readTicketPools } from './tickets.ts';

type Progress = (text: string) => void;

/** The whole benchmark, on a database of its own. */
export async function runBench(options: BenchOptions, onProgress: Progress): Promise<BenchResult> {
  const database = await createBenchDatabase(process.env.PARLEY_BENCH_POSTGRES_URL || undefined);
  try {
    const machine = await withClient(database.url, describeMachine);
    onProgress(`seeding ${options.tickets} tickets`);
    const seedSeconds = await fill(database.url, options.tickets);
    onProgress('starting, several times');
    const startup = {
      postgres: await measurePostgresStartup(database.url),
      embedded: await measureEmbeddedStartup(),
    };
    return { machine, options, seedSeconds, startup, ...(await load(database.url, options, onProgress)) };
  } finally {
    await database.drop();
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
  await withClient(databaseUrl, (client) => seed(client, tickets));
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
    const operations = await measureOperations({
      load: generator,
      pools,
      server,
      floor,
      options,
      onProgress,
    });
    return { plans, operations, loadedMegabytes: { server: memory.server(), floor: memory.floor() } };
  } finally {
    generator.stop();
    await Promise.all([server.stop(), floor.stop()]);
  }
}
