import type { JobContext } from '#platform/jobs/worker.ts';
import { removeUnusedTags } from './tags.service.ts';

export async function run(
  context: JobContext,
  payload: { projectId: number; names: string[] },
): Promise<void> {
  await context.run((uow) => removeUnusedTags(uow, payload.projectId, payload.names));
}
