import Type from 'typebox';
import { defineJob } from '#platform/jobs/job.ts';

export const cleanTags = defineJob({
  name: 'tags.clean',
  payload: Type.Object({ projectId: Type.Integer(), names: Type.Array(Type.String()) }),
  handler: () => import('./tags.job-clean.ts'),
});
