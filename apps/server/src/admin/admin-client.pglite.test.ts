import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDir } from '#platform/data-dir-lock.ts';
import { createLogger } from '#platform/log.ts';
import { runAdminCommand } from './admin-client.ts';
import { SOCKET_FILE } from './admin-protocol.ts';
import { startAdminSocket } from './admin-socket.ts';

let folder: string;
let environment: { DATA_DIR: string };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-admin-'));
  environment = { DATA_DIR: join(folder, 'data') };
});
afterEach(() => rm(folder, { recursive: true }));

const user = { email: 'a@example.com' };

describe('administration of the embedded database', () => {
  it('leaves a folder alone that holds no database', async () => {
    const { checks } = await runAdminCommand('doctor', {}, environment);
    expect(checks).toContainEqual(expect.objectContaining({ name: 'database', level: 'warn' }));
    await expect(runAdminCommand('users.create', user, environment)).rejects.toMatchObject({
      name: 'AdminError',
      code: 'not_set_up',
    });
    await expect(stat(environment.DATA_DIR)).rejects.toThrow('ENOENT');
  });

  it('opens the database itself while no server runs, and gives it up again', async () => {
    const { applied } = await runAdminCommand('migrate', {}, environment);
    expect(applied[0]).toBe('0001-platform');
    expect(await runAdminCommand('migrate', {}, environment)).toEqual({ applied: [] });
    await expect(runAdminCommand('users.create', user, environment)).rejects.toThrow(/start Parley once/);
    const { checks } = await runAdminCommand('doctor', {}, environment);
    expect(checks).toContainEqual({ name: 'migrations', level: 'ok', detail: 'all applied' });
    await (await lockDataDir(environment.DATA_DIR)).release();
  });

  it('asks the server that owns the database', async () => {
    const admin = await startAdminSocket({
      path: join(environment.DATA_DIR, SOCKET_FILE),
      handlers: { migrate: async (args) => ({ applied: [JSON.stringify(args)] }) },
      log: createLogger('silent'),
    });
    expect(await runAdminCommand('migrate', {}, environment)).toEqual({ applied: ['{}'] });
    await expect(runAdminCommand('users.create', user, environment)).rejects.toMatchObject({
      code: 'unknown_command',
    });
    await admin.close();
  });

  it('says who holds the folder when nobody answers', async () => {
    const lock = await lockDataDir(environment.DATA_DIR);
    await expect(runAdminCommand('migrate', {}, environment)).rejects.toMatchObject({
      code: 'data_dir_in_use',
      message: expect.stringContaining(`pid ${process.pid}`),
    });
    await lock.release();
  });

  it('reports a configuration that can’t be read', async () => {
    const wrong = { ...environment, PORT: 'x', LOG_LEVEL: 'y' };
    const { checks } = await runAdminCommand('doctor', {}, wrong);
    expect(checks.filter(({ level }) => level === 'fail')).toHaveLength(2);
    await expect(runAdminCommand('migrate', {}, wrong)).rejects.toMatchObject({ code: 'configuration' });
  });
});
