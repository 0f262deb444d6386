import Type from 'typebox';
import { defineJob } from '#platform/jobs/job.ts';

export const pruneNotifications = defineJob({
  name: 'notifications.prune',
  payload: Type.Object({}),
  cron: '23 * * * *',
  handler: () => import('./notifications.job-prune.ts'),
});
