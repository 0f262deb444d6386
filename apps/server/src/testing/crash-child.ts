import { connectPostgres, type Database, openEmbedded } from '@parley/db/database';
import { migrate } from '@parley/db/migrate';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/log.ts';
import type { CommitStep } from '#platform/unit-of-work.ts';
import { createParley } from '../app.ts';
import { parseConfig } from '../config.ts';

/**
 * A whole Parley that kills itself at a given step of one operation. Arguments: database (URL or folder), operation,
 * step. Run by commit.crash.test.ts.
 */
const API_KEY = 'prl_test_key_of_the_bootstrap_administrator';
const [place = '', operation = '', step = ''] = process.argv.slice(2);

const database: Database = place.startsWith('postgres')
  ? await connectPostgres(place, { poolSize: 4 })
  : await openEmbedded(place);
await migrate(database);

// A waiting job may start while Parley does; nothing else runs a unit of work then.
let armed = operation === 'job';
const die = () => process.kill(process.pid, 'SIGKILL');
const config = {
  ...parseConfig({ PARLEY_BOOTSTRAP_API_KEY: API_KEY, PARLEY_RATE_LIMITS: 'off', LOG_LEVEL: 'fatal' }),
  secret: 'a secret of tests that is long enough to be one',
  // Jobs only where the step is one of a job.
  roles: new Set(operation === 'job' ? (['http', 'worker'] as const) : (['http'] as const)),
};
const parley = await createParley({
  config,
  database,
  clock: systemClock,
  log: createLogger('fatal'),
  probe: (reached: CommitStep) => {
    if (armed && reached === step) die();
  },
});
armed = true;

if (operation === 'job') {
  // The job is waiting already; the probe ends this process inside its handler's unit of work.
  setInterval(() => {}, 1000);
} else {
  const path = '/api/projects/1/conversations/tickets/1/';
  const headers = { authorization: `Bearer ${API_KEY}` };
  const answer = await parley.api.inject({
    method: 'PATCH',
    url: path,
    headers,
    payload: { tags: ['kept'], status: 'pending' },
  });
  process.stdout.write(`${answer.statusCode}\n`);
  if (step === 'answered') die();
  await parley.stop();
  await database.close();
}
