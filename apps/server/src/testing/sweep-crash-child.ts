import { connectPostgres, type Database, openEmbedded } from '@parley/db/database';
import { projectReports } from '#features/reports/reports.project.service.ts';
import { applyTagOperations } from '#features/tags/tag-operations.apply.service.ts';
import { systemClock } from '#platform/clock.ts';
import { sequenceEvents } from '#platform/events/sequencer.ts';
import { createLogger } from '#platform/log.ts';
import type { CommitStep } from '#platform/unit-of-work.ts';
import { createParley } from '../app.ts';
import { parseConfig } from '../config.ts';

/**
 * Repeats one sweep and kills itself at a given step of its n-th unit of work. Arguments: database (URL or folder),
 * sweep, n, step. Run by sweeps.crash.test.ts.
 */
const SWEEPS = { reports: projectReports, tags: applyTagOperations };
const [place = '', sweep = '', unit = '', step = ''] = process.argv.slice(2);
const database: Database = place.startsWith('postgres')
  ? await connectPostgres(place, { poolSize: 4 })
  : await openEmbedded(place);
let begun = Number.NEGATIVE_INFINITY;
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
    if (reached === 'begun') begun += 1;
    if (begun === Number(unit) && reached === step) process.kill(process.pid, 'SIGKILL');
  },
});
await sequenceEvents(database);
// What comes before belongs to the start.
begun = 0;
const run = SWEEPS[sweep as keyof typeof SWEEPS];
for (;;) await run((work) => parley.unitOfWork.run({ kind: 'system' }, work));
