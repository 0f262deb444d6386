import type { JobContext } from '#platform/jobs/worker.ts';
import { dropEmptyCells } from './ticket-counts.fold.ts';
import { recountTickets } from './ticket-counts.recount.ts';

/** Proves the counts of every project once a day, and says so where one was wrong. */
export async function run(context: JobContext): Promise<void> {
  const projects = await context.run((uow) => uow.tx.selectFrom('projects').select('id').execute());
  for (const { id } of projects) {
    const corrected = await context.run((uow) => recountTickets(uow, id));
    if (corrected > 0)
      context.log.error({ projectId: id, corrected }, 'ticket counts were wrong and are corrected');
  }
  await context.run(dropEmptyCells);
}
