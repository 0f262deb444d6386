import type { Actor, Project } from '#platform/actor.ts';
import { RawJson } from '#platform/http/call.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { canMarkRead } from './tickets.policy.ts';
import { markTicketRead } from './tickets.read.ts';
import { readTicketJson, showTicket } from './tickets.show.service.ts';

/**
 * Shows a ticket and marks it as read: the shared counter for callers with edit access, and the caller's own mark
 * (tickets-api.md 2.4, decisions.md 19 and 27). Writes only when there is something to clear.
 */
export async function retrieveTicket(
  unitOfWork: UnitOfWork,
  actor: Actor,
  project: Project,
  idOrNumber: string,
  markRead: boolean,
): Promise<RawJson> {
  const shown = await unitOfWork.read(actor, (context) => readTicketJson(context, project, idOrNumber));
  const isStale = (shown.unread_team_count > 0 && canMarkRead(project)) || shown.unread_by_user;
  if (!markRead || !isStale) return new RawJson(shown.json);
  return unitOfWork.run(actor, async (uow) => {
    await markTicketRead(uow, project, idOrNumber);
    return showTicket(uow, project, idOrNumber);
  });
}
