import { deleteExpiredInvitations } from '#features/organizations/invitations.service.ts';
import type { JobContext } from '#platform/jobs/worker.ts';
import * as sessions from './sessions.repo.ts';
import { cleanTries } from './sign-in.limits.ts';

export async function run(context: JobContext): Promise<void> {
  await context.run(async (uow) => {
    await sessions.deleteExpired(uow.tx, uow.now);
    await cleanTries(uow);
    await deleteExpiredInvitations(uow);
  });
}
