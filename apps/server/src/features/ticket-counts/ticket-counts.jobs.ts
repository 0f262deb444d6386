import Type from 'typebox';
import { defineJob } from '#platform/jobs/job.ts';

/** Folding is also done every few seconds by the scheduler; this finishes what piled up, and heals the cells. */
export const ticketCountJobs = {
  recount: defineJob({
    name: 'ticket_counts.recount',
    payload: Type.Object({}),
    cron: '17 3 * * *',
    expireInSeconds: 1800,
    handler: () => import('./ticket-counts.job-recount.ts'),
  }),
};
