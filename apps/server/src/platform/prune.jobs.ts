import Type from 'typebox';
import { defineJob } from './jobs/job.ts';

export const prune = defineJob({
  name: 'platform.prune',
  payload: Type.Object({}),
  cron: '7 * * * *',
  handler: () => import('./prune.job.ts'),
});
