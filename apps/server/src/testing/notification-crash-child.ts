import { connectPostgres, type Database, openEmbedded } from '@parley/db/database';
import { projectNotifications } from '#features/notifications/notifications.project.service.ts';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/log.ts';
import type { CommitStep } from '#platform/unit-of-work.ts';
import { createParley } from '../app.ts';
import { parseConfig } from '../config.ts';
import { SYSTEM } from './fixtures.ts';

/**
 * Makes notifications of waiting events and kills itself at a given step of the unit of work that writes them: the
 * second one, after that which looks for projects. Arguments: database (URL or folder), step. Run by
 * notifications.crash.test.ts.
 */
const [place = '', step = ''] = process.argv.slice(2);
const database: Database = place.startsWith('postgres')
  ? await connectPostgres(place, { poolSize: 4 })
  : await openEmbedded(place);
let isArmed = false;
let begun = 0;
const parley = await createParley({
  config: {
    ...parseConfig({ PARLEY_RATE_LIMITS: 'off', LOG_LEVEL: 'fatal' }),
    secret: 'a secret of tests that is long enough to be one',
    roles: new Set(['http'] as const),
  },
  database,
  clock: systemClock,
  log: createLogger('fatal'),
  probe: (reached: CommitStep) => {
    if (!isArmed) return;
    if (reached === 'begun') begun += 1;
    if (begun === 2 && reached === step) process.kill(process.pid, 'SIGKILL');
  },
});
isArmed = true;
await projectNotifications((work) => parley.unitOfWork.run(SYSTEM, work));
