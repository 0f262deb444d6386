import { createTestDatabase, type TestDatabase } from '@parley/db/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BootstrapConfig } from '#config.ts';
import { createIdentities } from '#features/auth/auth.identities.ts';
import { verifyPassword } from '#features/auth/password.ts';
import { systemClock } from '#platform/clock.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import { createUnitOfWork, type UnitOfWork } from '#platform/unit-of-work.ts';
import { bootstrap } from './bootstrap.service.ts';

const NOTHING: BootstrapConfig = {
  email: undefined,
  password: undefined,
  apiKey: undefined,
  projectToken: undefined,
  identitySecret: undefined,
};

const GIVEN: BootstrapConfig = {
  email: 'first@example.com',
  password: 'correct horse',
  apiKey: 'bootstrap-key-of-a-test',
  projectToken: 'token-of-a-test',
  identitySecret: 'identity-secret-of-a-test',
};

let test: TestDatabase;
let unitOfWork: UnitOfWork;
const secretBox = createSecretBox('a secret of tests that is long enough to be one');

beforeEach(async () => {
  test = await createTestDatabase();
  unitOfWork = createUnitOfWork({
    database: test.database,
    clock: systemClock,
    reactions: {},
    sendJobs: async () => {},
    onEventsCommitted: () => {},
  });
});
afterEach(() => test.drop());

const count = async (table: 'organizations' | 'users' | 'projects' | 'api_keys') =>
  (await test.database.kysely.selectFrom(table).select('id').execute()).length;

async function identitySecret(): Promise<string | undefined> {
  const query = test.database.kysely.selectFrom('identity_secrets').select('secret');
  return secretBox.open((await query.executeTakeFirstOrThrow()).secret);
}

describe('bootstrap', () => {
  it('makes an organization, an owner and project 1 with random secrets', async () => {
    const result = await bootstrap({ unitOfWork, secretBox, config: NOTHING });
    expect(result).toMatchObject({ created: true, email: 'admin@parley.local', projectId: 1 });
    expect(result.password).toMatch(/^[\w-]{24}$/);
    expect(result.projectToken).toMatch(/^prt_[\w-]{43}$/);
    const { password } = await test.database.kysely
      .selectFrom('accounts')
      .select('password')
      .executeTakeFirstOrThrow();
    expect(await verifyPassword(password ?? '', result.password ?? '')).toBe(true);
    expect(await verifyPassword(password ?? '', `${result.password}x`)).toBe(false);
    const project = await test.database.kysely
      .selectFrom('projects')
      .innerJoin('organizations', 'organizations.id', 'projects.organization_id')
      .innerJoin('memberships', 'memberships.organization_id', 'organizations.id')
      .select(['conversations_enabled', 'widget_token', 'is_ai_data_processing_approved', 'level'])
      .executeTakeFirstOrThrow();
    expect(project).toMatchObject({
      conversations_enabled: true,
      is_ai_data_processing_approved: false,
      level: 'owner',
    });
    expect(project.widget_token).toMatch(/^prw_[\w-]{43}$/);
    expect(await identitySecret()).toMatch(/^pri_[\w-]{43}$/);
    expect(await count('api_keys')).toBe(0);
  });

  it('takes what it is given as it is, and a key that opens everything', async () => {
    const result = await bootstrap({ unitOfWork, secretBox, config: GIVEN });
    expect(result).toEqual({
      created: true,
      email: 'first@example.com',
      password: undefined,
      projectToken: 'token-of-a-test',
      projectId: 1,
    });
    expect(await identitySecret()).toBe('identity-secret-of-a-test');
    const identities = createIdentities({ database: test.database, clock: systemClock });
    const found = await identities.byKey('bootstrap-key-of-a-test', '@current');
    expect(found?.actor).toMatchObject({ kind: 'key', scopes: ['*'], projectIds: null });
    expect(found?.project).toMatchObject({ id: 1, access: 'manager', timezone: 'UTC', isAiApproved: false });
    expect(await identities.byKey('Bootstrap-key-of-a-test', '1')).toBeUndefined();
  });

  it('does nothing the second time, whatever it is told', async () => {
    await bootstrap({ unitOfWork, secretBox, config: GIVEN });
    const again = await bootstrap({
      unitOfWork,
      secretBox,
      config: { ...GIVEN, email: 'x@example.com', projectToken: 'zz' },
    });
    expect(again).toMatchObject({ created: false, projectId: 1, projectToken: 'token-of-a-test' });
    expect(await count('users')).toBe(1);
    expect(await count('api_keys')).toBe(1);
  });

  it('runs once when nodes start together', async () => {
    const results = await Promise.all(
      [1, 2, 3, 4].map(() => bootstrap({ unitOfWork, secretBox, config: GIVEN })),
    );
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(results.map(({ projectToken }) => projectToken))).toEqual(new Set(['token-of-a-test']));
    expect([await count('organizations'), await count('users'), await count('projects')]).toEqual([1, 1, 1]);
  });

  it('calls the project 1 after a start that failed', async () => {
    const failing = createUnitOfWork({
      database: test.database,
      clock: systemClock,
      reactions: {},
      sendJobs: async () => {},
      onEventsCommitted: () => {},
      probe: (step) => {
        if (step === 'rows') throw new Error('killed');
      },
    });
    await expect(bootstrap({ unitOfWork: failing, secretBox, config: GIVEN })).rejects.toThrow('killed');
    expect((await bootstrap({ unitOfWork, secretBox, config: GIVEN })).projectId).toBe(1);
  });
});
