import { join } from 'node:path';
import { migrate } from '@parley/db/migrate';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/log.ts';
import { loadSecret } from '#platform/secret.ts';
import { createAdminHandlers } from './admin/admin-commands.ts';
import { SOCKET_FILE } from './admin/admin-protocol.ts';
import { startAdminSocket } from './admin/admin-socket.ts';
import { openDatabase } from './admin/open-database.ts';
import { createParley, type Parley } from './app.ts';
import { printBanner } from './banner.ts';
import type { Config } from './config.ts';

export interface RunningServer {
  url: string;
  parley: Parley;
  stop(): Promise<void>;
}

/** Opens the database, brings it up to date, starts the roles and listens. */
export async function startServer(config: Config, { demo }: { demo: boolean }): Promise<RunningServer> {
  const log = createLogger(config.logLevel);
  const opened = await openDatabase(config);
  const { database } = opened;
  const closers: (() => Promise<unknown>)[] = [() => opened.close()];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const migrated = await migrate(database);
    if (migrated.length > 0) log.info({ migrations: migrated.map(({ name }) => name) }, 'database migrated');
    // With DATABASE_URL the configuration holds it; the embedded one is kept beside the data.
    const secret = config.secret ?? (await loadSecret(config.dataDir));
    const parley = await createParley({ config: { ...config, secret }, database, clock: systemClock, log });
    closers.push(() => parley.stop());
    if (database.kind === 'pglite') {
      const handlers = createAdminHandlers({ database, unitOfWork: parley.unitOfWork, config });
      const socket = await startAdminSocket({ path: join(config.dataDir, SOCKET_FILE), handlers, log });
      closers.push(() => socket.close());
    }
    if (demo) {
      const { fillDemo } = await import('./demo/demo.ts');
      await fillDemo({ database, unitOfWork: parley.unitOfWork, clock: systemClock, log });
    }
    const url = await listen(parley, config);
    printBanner({ url, config, kind: database.kind, bootstrapped: parley.bootstrapped });
    return { url, parley, stop };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/** Nodes that only work on jobs still answer health checks. */
async function listen(parley: Parley, { host, port, publicUrl }: Config): Promise<string> {
  const address = await parley.api.listen({ host, port });
  return publicUrl ?? address;
}
