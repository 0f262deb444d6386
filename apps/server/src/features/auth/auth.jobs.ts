import Type from 'typebox';
import { defineJob } from '#platform/jobs/job.ts';

/** Removes what has expired: sessions, invitations and counted sign-ins. */
export const cleanAuth = defineJob({
  name: 'auth.clean',
  payload: Type.Object({}),
  cron: '17 * * * *',
  handler: () => import('./auth.job-clean.ts'),
});
