import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pendingMigrations } from '@parley/db/migrate';
import { type Config, ConfigError, parseConfig } from '#config.ts';
import { systemClock } from '#platform/clock.ts';
import { createUnitOfWork } from '#platform/unit-of-work.ts';
import { createAdminHandlers } from './admin-commands.ts';
import { AdminError, adminError, toFailure } from './admin-error.ts';
import {
  type AdminAnswer,
  type AdminCommand,
  type ArgsOf,
  type ResultOf,
  readLines,
  SOCKET_FILE,
} from './admin-protocol.ts';
import { type DoctorReport, diagnose, reportConfigProblems } from './doctor.ts';
import { hasDatabase, openDatabase } from './open-database.ts';

type Environment = Parameters<typeof parseConfig>[0];

/**
 * Runs an administrative command on the installation that the environment describes: in the process that owns the
 * embedded database where one runs, else in this one. Throws an AdminError when it fails.
 */
export async function runAdminCommand<C extends AdminCommand>(
  command: C,
  args: ArgsOf<C>,
  environment: Environment,
): Promise<ResultOf<C>> {
  try {
    const config = parseConfig(environment);
    const answer = config.databaseUrl === undefined ? await askServer(config, command, args) : undefined;
    // Both ways lead to the handler of this command.
    return (answer ?? (await runHere(config, command, args))) as ResultOf<C>;
  } catch (error) {
    if (error instanceof ConfigError && command === 'doctor') {
      // The command is known to be the doctor's here, which the type parameter can't say.
      return reportConfigProblems(error.problems) as ResultOf<C>;
    }
    if (error instanceof ConfigError) throw adminError('configuration', error.problems.join('; '), error);
    throw error instanceof AdminError ? error : new AdminError(toFailure(error), { cause: error });
  }
}

/** Undefined where no server listens. */
async function askServer(config: Config, command: AdminCommand, args: object): Promise<unknown> {
  const socket = connect(join(config.dataDir, SOCKET_FILE));
  try {
    await once(socket, 'connect');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') throw error;
    return undefined;
  }
  try {
    socket.write(`${JSON.stringify({ command, args })}\n`);
    for await (const line of readLines(socket)) {
      const answer: AdminAnswer = JSON.parse(line);
      if (answer.ok) return answer.result;
      throw new AdminError(answer.error);
    }
  } finally {
    socket.destroy();
  }
  throw adminError('no_answer', 'The server ended before it had answered.');
}

async function runHere(config: Config, command: AdminCommand, args: object): Promise<unknown> {
  if (command === 'doctor') return runDoctorHere(config);
  if (command !== 'migrate' && !hasDatabase(config)) throw notSetUp();
  const { database, close } = await openDatabase(config, 2);
  try {
    if (command !== 'migrate' && (await pendingMigrations(database)).length > 0) throw notSetUp();
    const unitOfWork = createUnitOfWork({
      database,
      clock: systemClock,
      reactions: {},
      sendJobs: async () => {
        throw new Error('Administrative commands enqueue no jobs: no queue is open here.');
      },
      onEventsCommitted: () => {},
      // Caches hold nothing that these commands change.
      dropCached: async () => {},
    });
    return await createAdminHandlers({ database, unitOfWork, config })[command](args);
  } finally {
    await close();
  }
}

function runDoctorHere(config: Config): Promise<DoctorReport> {
  return diagnose({ config, open: hasDatabase(config) ? () => openDatabase(config, 2) : undefined });
}

function notSetUp(): AdminError {
  return adminError(
    'not_set_up',
    'The database is not up to date: run "parley migrate", or start Parley once.',
  );
}
