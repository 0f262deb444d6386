import type { Database } from '@parley/db/database';
import { migrate } from '@parley/db/migrate';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import type { AdminHandlers } from './admin-protocol.ts';
import { type DoctorConfig, diagnose } from './doctor.ts';
import { createKeyCommand } from './keys-create.ts';
import { listMailCommand } from './mail-list.ts';
import { createUserCommand } from './users-create.ts';

export interface AdminParts {
  database: Database;
  unitOfWork: UnitOfWork;
  config: DoctorConfig;
}

/** The administrative commands over a database that is open. */
export function createAdminHandlers({ database, unitOfWork, config }: AdminParts): AdminHandlers {
  return {
    doctor: () => diagnose({ config, open: async () => ({ database, close: async () => {} }) }),
    migrate: () => migrateDatabase(database),
    'users.create': (args) => createUserCommand(unitOfWork, args),
    'keys.create': (args) => createKeyCommand(unitOfWork, args),
    'mail.list': (args) => listMailCommand(unitOfWork, args),
  };
}

async function migrateDatabase(database: Database): Promise<{ applied: string[] }> {
  const applied = await migrate(database);
  return { applied: applied.map(({ number, name }) => `${String(number).padStart(4, '0')}-${name}`) };
}
