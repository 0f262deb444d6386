import type { Database } from '@parley/db/database';
import type { Sweep } from './sweeper.ts';

const EVERY_MS = 10 * 60_000;

/** The embedded database has no autovacuum: without this its tables would only grow and its plans go stale. */
export function embeddedUpkeep(database: Database): Sweep[] {
  if (database.kind !== 'pglite') return [];
  const run = async () => {
    await database.script('vacuum (analyze)');
    return false;
  };
  return [{ name: 'embedded.upkeep', everyMs: EVERY_MS, run }];
}
