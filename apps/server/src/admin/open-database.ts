import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connectPostgres, type Database, openEmbedded } from '@parley/db/database';
import type { Config } from '#config.ts';
import { lockDataDir } from '#platform/data-dir-lock.ts';

export interface OpenedDatabase {
  database: Database;
  /** Closes it, and gives the data folder up. */
  close(): Promise<void>;
}

type Place = Pick<Config, 'dataDir' | 'databaseUrl'>;

/** Where the embedded database lies within the data folder. */
function embeddedFolder({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'database');
}

/** Whether there is a database at all before this process makes one. */
export function hasDatabase(config: Place): boolean {
  return config.databaseUrl !== undefined || existsSync(join(embeddedFolder(config), 'PG_VERSION'));
}

/** Connects to the server that is configured, or takes the data folder and opens the embedded database in it. */
export async function openDatabase(config: Place, poolSize?: number): Promise<OpenedDatabase> {
  if (config.databaseUrl !== undefined) {
    const options = poolSize === undefined ? {} : { poolSize };
    const database = await connectPostgres(config.databaseUrl, options);
    return { database, close: () => database.close() };
  }
  const lock = await lockDataDir(config.dataDir);
  try {
    const database = await openEmbedded(embeddedFolder(config));
    return {
      database,
      async close() {
        await database.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
