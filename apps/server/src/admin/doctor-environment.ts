import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from './admin-error.ts';
import type { Check, DoctorConfig } from './doctor.ts';

const NODE_MAJOR = 24;
const REDIS_TIMEOUT_MS = 3000;
/** Where the secret of an embedded installation is kept within the data folder. */
export const SECRET_FILE = 'secret';

export function checkNode(version: string): Check {
  const isNewEnough = Number.parseInt(version, 10) >= NODE_MAJOR;
  const detail = isNewEnough ? version : `${version}: Parley needs ${NODE_MAJOR} or newer`;
  return { name: 'node', level: isNewEnough ? 'ok' : 'fail', detail };
}

export async function checkDataDir({ dataDir }: DoctorConfig): Promise<Check> {
  const name = 'data folder';
  const found = await stat(dataDir).catch(() => undefined);
  if (!found) return { name, level: 'warn', detail: `${dataDir} does not exist; the first start makes it` };
  if (!found.isDirectory()) return { name, level: 'fail', detail: `${dataDir} is not a folder` };
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return { name, level: 'fail', detail: `${dataDir} can't be written to by this account` };
  }
  const isOpen = (found.mode & 0o077) !== 0;
  const detail = isOpen ? `${dataDir} can be entered by other accounts (chmod 700)` : dataDir;
  return { name, level: isOpen ? 'warn' : 'ok', detail };
}

export async function checkSecret({ secret, dataDir, databaseUrl }: DoctorConfig): Promise<Check> {
  const name = 'secret';
  if (secret !== undefined) return { name, level: 'ok', detail: 'set' };
  if (databaseUrl !== undefined) return { name, level: 'fail', detail: 'PARLEY_SECRET is not set' };
  const found = await stat(join(dataDir, SECRET_FILE)).catch(() => undefined);
  if (!found) return { name, level: 'warn', detail: 'none yet; the first start makes one' };
  const isOpen = (found.mode & 0o077) !== 0;
  return {
    name,
    level: isOpen ? 'fail' : 'ok',
    detail: isOpen ? 'the file can be read by other accounts (chmod 600)' : 'kept in the data folder',
  };
}

export function checkPublicUrl({ publicUrl }: DoctorConfig): Check {
  if (publicUrl !== undefined) return { name: 'public url', level: 'ok', detail: publicUrl };
  const detail = 'PARLEY_PUBLIC_URL is not set; links in mails and invitations point at this machine';
  return { name: 'public url', level: 'warn', detail };
}

/** Nothing where no Redis is configured. */
export async function checkRedis({ redisUrl }: DoctorConfig): Promise<Check[]> {
  if (redisUrl === undefined) return [];
  const { Redis } = await import('ioredis');
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: REDIS_TIMEOUT_MS,
    commandTimeout: REDIS_TIMEOUT_MS,
  });
  // The calls below only say that the connection is closed; this says why.
  let reason: unknown;
  redis.on('error', (error) => {
    reason ??= error;
  });
  try {
    await redis.connect();
    const info = await redis.info('server');
    const version = /^(?:valkey|redis)_version:(.+)$/m.exec(info)?.[1]?.trim() ?? 'unknown version';
    return [{ name: 'redis', level: 'ok', detail: version }];
  } catch (error) {
    return [{ name: 'redis', level: 'fail', detail: `not reachable: ${describeError(reason ?? error)}` }];
  } finally {
    redis.disconnect();
  }
}
