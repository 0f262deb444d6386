import { sql } from 'kysely';
import { countAsUnread } from '#features/tickets/tickets.mark-unread.service.ts';
import { findTicket, lockTicket } from '#features/tickets/tickets.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/** Marks a ticket as unread for the caller, whatever they read; with `team` for everybody, which needs edit access. */
export async function markTicketUnread(
  uow: Uow,
  project: Project,
  idOrNumber: string,
  isForTeam: boolean,
): Promise<void> {
  if (isForTeam) await countAsUnread(uow, await lockTicket(uow, project, idOrNumber));
  const { id } = await findTicket(uow, project, idOrNumber);
  const userId = requireUser(uow.actor).id;
  await sql`
    insert into ticket_reads (project_id, user_id, ticket_id, read_at)
    values (${project.id}, ${userId}, ${id}, null)
    on conflict (project_id, user_id, ticket_id) do update set read_at = null`.execute(uow.tx);
  uow.signal({ projectId: project.id, userIds: [userId], name: 'tickets.mark_unread', ticketId: id });
}
