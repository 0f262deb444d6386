import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { DoctorConfig } from './doctor.ts';
import {
  checkDataDir,
  checkNode,
  checkPublicUrl,
  checkRedis,
  checkSecret,
  SECRET_FILE,
} from './doctor-environment.ts';

let config: DoctorConfig;
beforeEach(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-doctor-'));
  config = { dataDir, databaseUrl: undefined, redisUrl: undefined, publicUrl: undefined, secret: undefined };
});
afterEach(() => rm(config.dataDir, { recursive: true }));

describe('doctor', () => {
  it('wants Node 24', () => {
    expect(checkNode('24.0.0').level).toBe('ok');
    expect(checkNode('20.20.2')).toMatchObject({ level: 'fail', detail: expect.stringContaining('24') });
  });

  it('wants a data folder of its own', async () => {
    expect(await checkDataDir(config)).toMatchObject({ level: 'ok' });
    await chmod(config.dataDir, 0o755);
    expect(await checkDataDir(config)).toMatchObject({ level: 'warn' });
    expect(await checkDataDir({ ...config, dataDir: `${config.dataDir}/no` })).toMatchObject({
      level: 'warn',
    });
    const file = join(config.dataDir, 'file');
    await writeFile(file, '');
    expect(await checkDataDir({ ...config, dataDir: file })).toMatchObject({ level: 'fail' });
  });

  it('wants a secret that nobody else can read', async () => {
    expect(await checkSecret(config)).toMatchObject({ level: 'warn' });
    const file = join(config.dataDir, SECRET_FILE);
    await writeFile(file, 'x', { mode: 0o644 });
    expect(await checkSecret(config)).toMatchObject({ level: 'fail' });
    await chmod(file, 0o600);
    expect(await checkSecret(config)).toMatchObject({ level: 'ok' });
    expect(await checkSecret({ ...config, databaseUrl: 'postgres://x' })).toMatchObject({ level: 'fail' });
    expect(await checkSecret({ ...config, secret: 'x'.repeat(32) })).toMatchObject({ level: 'ok' });
  });

  it('says when there is no public address', () => {
    expect(checkPublicUrl(config).level).toBe('warn');
    expect(checkPublicUrl({ ...config, publicUrl: 'https://a.example' }).level).toBe('ok');
  });

  it('asks Redis only where one is configured', async () => {
    expect(await checkRedis(config)).toEqual([]);
    const [check] = await checkRedis({ ...config, redisUrl: 'redis://127.0.0.1:1' });
    expect(check).toMatchObject({ level: 'fail', detail: expect.stringContaining('ECONNREFUSED') });
  });

  it.skipIf(!inject('redisUrl'))('reads the version of Redis', async () => {
    const [check] = await checkRedis({ ...config, redisUrl: inject('redisUrl') });
    expect(check).toMatchObject({ level: 'ok', detail: expect.stringMatching(/^\d+\.\d+/) });
  });
});
