import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OperationPlan } from './capture.ts';
import { type StartedServer, startChild } from './server-process.ts';

const PROGRAM = fileURLToPath(new URL('floor.ts', import.meta.url));

/** Starts the floor as a process of its own. */
export async function startFloor(
  databaseUrl: string,
  plans: readonly OperationPlan[],
): Promise<StartedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const file = join(folder, 'plans.json');
  await writeFile(file, JSON.stringify(plans));
  try {
    return await startChild([PROGRAM], { DATABASE_URL: databaseUrl, PLANS: file });
  } finally {
    await rm(folder, { recursive: true });
  }
}
