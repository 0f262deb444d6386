import type { Project } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { deleteThreads, lockThreads, restoreThreads, type Thread } from './tickets.delete.service.ts';
import { find, parseTicketRef } from './tickets.repo.ts';

/** `tickets.delete`: a ticket with those merged into it. */
export async function deleteByPath(uow: Uow, project: Project, idOrNumber: string): Promise<void> {
  await deleteThreads(uow, project, [await lockByPath(uow, project, idOrNumber, { deleted: false })]);
}

/** `tickets.restore`: the same the other way round. Answers the id. */
export async function restoreByPath(uow: Uow, project: Project, idOrNumber: string): Promise<string> {
  const thread = await lockByPath(uow, project, idOrNumber, { deleted: true });
  await restoreThreads(uow, project, [thread]);
  return thread.head.id;
}

/** The ticket a path names is found before it is locked: its thread may have to be locked first. */
async function lockByPath(
  uow: Uow,
  project: Project,
  idOrNumber: string,
  { deleted }: { deleted: boolean },
): Promise<Thread> {
  const ref = parseTicketRef(idOrNumber);
  const ticket = ref && (await find(uow.tx, project.id, ref));
  const [thread] = ticket ? await lockThreads(uow, project, [ticket.id]) : [];
  if (!thread || (thread.head.deleted_at !== null) !== deleted) throw notFound();
  return thread;
}
