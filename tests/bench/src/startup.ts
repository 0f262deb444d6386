import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { residentMegabytes } from './process-figures.ts';
import { type StartedServer, startParley } from './server-process.ts';
import { median } from './statistics.ts';

export interface Startup {
  /** Milliseconds until ready, of each start. */
  readyMs: number[];
  medianReadyMs: number;
  /** Resident memory after a while without a request. */
  idleMegabytes: number | undefined;
}

const STARTS = 3;
const IDLE_MS = 5000;

/** Starts several times; what memory is held is read from the last one, once it has settled. */
async function measure(start: () => Promise<StartedServer>): Promise<Startup> {
  const readyMs: number[] = [];
  let idleMegabytes: number | undefined;
  for (let i = 0; i < STARTS; i += 1) {
    const server = await start();
    readyMs.push(server.readyMs);
    if (i === STARTS - 1) {
      await delay(IDLE_MS);
      idleMegabytes = residentMegabytes(server.pid);
    }
    await server.stop();
  }
  return { readyMs, medianReadyMs: median(readyMs), idleMegabytes };
}

/** On a database that is migrated already. */
export function measurePostgresStartup(databaseUrl: string): Promise<Startup> {
  return measure(() => startParley({ databaseUrl }));
}

/** On a folder that does not exist yet, each time. */
export async function measureEmbeddedStartup(): Promise<Startup> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  let count = 0;
  try {
    return await measure(() => startParley({ dataDir: join(folder, String(count++)) }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
