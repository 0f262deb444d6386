import { connectPostgres, type Database, openEmbedded } from '@parley/db/database';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/log.ts';
import type { CommitStep } from '#platform/unit-of-work.ts';
import { createParley } from '../app.ts';
import { parseConfig } from '../config.ts';

/**
 * A worker with one event to deliver that kills itself at a given step of the first, second or third unit of work after
 * its start: making the delivery, claiming it, recording how it went. Arguments: database (URL or folder), number of the
 * unit of work, step. Run by webhooks.crash.test.ts.
 */
const [place = '', unit = '', step = ''] = process.argv.slice(2);
const database: Database = place.startsWith('postgres')
  ? await connectPostgres(place, { poolSize: 4 })
  : await openEmbedded(place);
const environment = { PARLEY_RATE_LIMITS: 'off', LOG_LEVEL: 'fatal', PARLEY_OUTBOUND_ALLOW: '127.0.0.1' };
let begun = 0;
await createParley({
  config: {
    ...parseConfig(environment),
    secret: 'a secret of tests that is long enough to be one',
    // The scheduler's sweeps would be units of work too.
    roles: new Set(['http', 'worker'] as const),
  },
  database,
  clock: systemClock,
  log: createLogger('fatal'),
  probe: (reached: CommitStep) => {
    if (reached === 'begun') begun += 1;
    if (begun === Number(unit) && reached === step) process.kill(process.pid, 'SIGKILL');
  },
});
setInterval(() => {}, 1000);
