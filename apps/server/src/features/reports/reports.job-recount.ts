import type { JobContext } from '#platform/jobs/worker.ts';
import { recountReports } from './reports.recount.ts';

/** Proves the figures of every project, and says so where one was wrong. */
export async function run(context: JobContext): Promise<void> {
  const projects = await context.run((uow) => uow.tx.selectFrom('projects').select('id').execute());
  for (const { id } of projects) {
    if (context.signal.aborted) return;
    const corrected = await recountReports(context.run, id);
    if (corrected > 0)
      context.log.error({ projectId: id, corrected }, 'reports were wrong and are corrected');
  }
}
