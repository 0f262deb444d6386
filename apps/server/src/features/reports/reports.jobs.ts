import Type from 'typebox';
import { defineJob } from '#platform/jobs/job.ts';

/** Once a week, at night: it reads all that tickets add to figures. */
export const recountAllReports = defineJob({
  name: 'reports.recount',
  payload: Type.Object({}),
  cron: '23 4 * * 0',
  expireInSeconds: 3600,
  handler: () => import('./reports.job-recount.ts'),
});
