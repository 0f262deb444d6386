import { createTestDatabase } from '@parley/db/testing';
import { bootstrap } from '#features/bootstrap/bootstrap.service.ts';
import { systemClock } from '#platform/clock.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import { createUnitOfWork } from '#platform/unit-of-work.ts';
import { createAdminHandlers } from './admin-commands.ts';
import type { DoctorConfig } from './doctor.ts';

const CONFIG: DoctorConfig = {
  dataDir: '/nonexistent/parley',
  databaseUrl: undefined,
  redisUrl: undefined,
  publicUrl: undefined,
  secret: undefined,
};

/** The commands over a database of their own, with the first user owner@example.com. */
export async function createTestAdmin() {
  const test = await createTestDatabase();
  const unitOfWork = createUnitOfWork({
    database: test.database,
    clock: systemClock,
    reactions: {},
    sendJobs: async () => {},
    onEventsCommitted: () => {},
    dropCached: async () => {},
  });
  const nothing = {
    password: undefined,
    apiKey: undefined,
    projectToken: undefined,
    identitySecret: undefined,
  };
  const secretBox = createSecretBox('a secret of tests that is long enough to be one');
  await bootstrap({ unitOfWork, secretBox, config: { ...nothing, email: 'owner@example.com' } });
  const handlers = createAdminHandlers({ database: test.database, unitOfWork, config: CONFIG });
  return { ...test, unitOfWork, handlers };
}
