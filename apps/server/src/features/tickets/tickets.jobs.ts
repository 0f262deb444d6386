import Type from 'typebox';
import { defineJob } from '#platform/jobs/job.ts';

export const ticketJobs = {
  purge: defineJob({
    name: 'tickets.purge',
    payload: Type.Object({}),
    cron: '41 * * * *',
    expireInSeconds: 1800,
    handler: () => import('./tickets.job-purge.ts'),
  }),
};
