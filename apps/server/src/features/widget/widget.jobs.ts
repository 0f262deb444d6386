import Type from 'typebox';
import { defineJob } from '#platform/jobs/job.ts';

/**
 * Whether an address has tickets is looked up when its answer was given long ago: nothing of that answer, its time
 * included, depends on it.
 */
export const mailRestoreLink = defineJob({
  name: 'widget.mail_restore_link',
  payload: Type.Object({
    id: Type.String(),
    projectId: Type.Integer(),
    email: Type.String(),
    page: Type.String(),
  }),
  handler: () => import('./widget.job-mail-restore-link.ts'),
});
