import { createEmptyDatabase, type TestDatabase } from '@parley/db/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAdminCommand } from './admin-client.ts';

let test: TestDatabase;
let environment: Record<string, string>;
beforeEach(async () => {
  test = await createEmptyDatabase();
  environment = {
    DATABASE_URL: test.url ?? '',
    PARLEY_SECRET: 'x'.repeat(32),
    DATA_DIR: '/nonexistent/parley',
  };
});
afterEach(() => test.drop());

const levels = async () => {
  const { checks } = await runAdminCommand('doctor', {}, environment);
  return Object.fromEntries(checks.map(({ name, level }) => [name, level]));
};

describe('administration of a database server', () => {
  it('migrates an empty database, and finds it in order after that', async () => {
    expect(await levels()).toMatchObject({
      database: 'ok',
      migrations: 'warn',
      jobs: 'warn',
      pg_trgm: 'warn',
    });
    await expect(
      runAdminCommand('keys.create', { email: 'a@example.com', scopes: ['*'] }, environment),
    ).rejects.toMatchObject({ code: 'not_set_up' });
    const { applied } = await runAdminCommand('migrate', {}, environment);
    expect(applied.length).toBeGreaterThan(3);
    expect(await levels()).toMatchObject({ database: 'ok', migrations: 'ok', pg_trgm: 'ok' });
    await expect(
      runAdminCommand('keys.create', { email: 'a@example.com', scopes: ['*'] }, environment),
    ).rejects.toMatchObject({ code: 'does_not_exist', attr: 'email' });
  });

  it('reports a server that can’t be reached', async () => {
    environment = { ...environment, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const { checks } = await runAdminCommand('doctor', {}, environment);
    expect(checks).toContainEqual({
      name: 'database',
      level: 'fail',
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    await expect(runAdminCommand('migrate', {}, environment)).rejects.toThrow('ECONNREFUSED');
  });
});
