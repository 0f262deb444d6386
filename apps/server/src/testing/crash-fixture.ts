import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectPostgres, type Database, openEmbedded } from '@parley/db/database';
import { migrate } from '@parley/db/migrate';
import { createTestDatabase, databaseKind } from '@parley/db/testing';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/log.ts';
import { createParley, type Parley } from '../app.ts';
import { parseConfig } from '../config.ts';

/** A database that other processes can open: on disk, or on the server. */
export interface Place {
  /** What crash-child.ts is given. */
  argument: string;
  open(): Promise<Database>;
  /** Another place that holds the same. */
  drop(): Promise<void>;
}

const API_KEY = 'prl_test_key_of_the_bootstrap_administrator';

/** Parley over a database of the test, without roles that do things by themselves unless named. */
export function startParley(database: Database, roles: readonly string[]): Promise<Parley> {
  const environment = { PARLEY_BOOTSTRAP_API_KEY: API_KEY, PARLEY_RATE_LIMITS: 'off', LOG_LEVEL: 'fatal' };
  const config = { ...parseConfig(environment), secret: 'a secret of tests that is long enough to be one' };
  const chosen = new Set([...config.roles].filter((role) => roles.includes(role)));
  return createParley({
    config: { ...config, roles: chosen },
    database,
    clock: systemClock,
    log: createLogger('fatal'),
  });
}

async function request(
  parley: Parley,
  method: 'POST' | 'PATCH',
  path: string,
  payload: object,
): Promise<number> {
  const headers = { authorization: `Bearer ${API_KEY}` };
  const answer = await parley.api.inject({
    method,
    url: `/api/projects/1/conversations/tickets/${path}`,
    headers,
    payload,
  });
  return answer.statusCode;
}

async function fill(database: Database, change: boolean): Promise<void> {
  await migrate(database);
  const parley = await startParley(database, ['http']);
  await request(parley, 'POST', '', { tags: ['lost'] });
  if (change) await request(parley, 'PATCH', '1/', { tags: ['kept'], status: 'pending' });
  await parley.stop();
}

let prepared: Promise<string> | undefined;

/** A folder with one ticket tagged `lost`, made once: creating an embedded database takes seconds. */
async function prepareFolder(): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'parley-crash-')), 'database');
  const database = await openEmbedded(folder);
  await fill(database, false);
  await database.close();
  return folder;
}

/** One ticket tagged `lost`; with `changed`, already retagged `kept`, its clean-up job waiting. */
export async function createPlace({ changed }: { changed: boolean }): Promise<Place> {
  if (databaseKind() === 'postgres') {
    const { database, url = '', drop } = await createTestDatabase();
    await fill(database, changed);
    return { argument: url, open: () => connectPostgres(url, { poolSize: 4 }), drop };
  }
  prepared ??= prepareFolder();
  const folder = await mkdtemp(join(tmpdir(), 'parley-crash-'));
  await cp(await prepared, folder, { recursive: true });
  if (changed) {
    const database = await openEmbedded(folder);
    const parley = await startParley(database, ['http']);
    await request(parley, 'PATCH', '1/', { tags: ['kept'], status: 'pending' });
    await parley.stop();
    await database.close();
  }
  return {
    argument: folder,
    open: () => openEmbedded(folder),
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Runs the child until it kills itself; answers how it ended. */
export async function runUntilKilled(
  place: Place,
  operation: 'change' | 'job',
  step: string,
): Promise<string | null> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('crash-child.ts', import.meta.url)), place.argument, operation, step],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal;
}
