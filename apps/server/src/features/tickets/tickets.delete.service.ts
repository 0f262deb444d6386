import { recordActivities } from '#features/activities/activities.service.ts';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import { type Project, userOf } from '#platform/actor.ts';
import { ApiError, notFound } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { ticketEvent } from './tickets.events.ts';
import { type TicketRow, update } from './tickets.repo.ts';
import type { ChangeableTicket } from './tickets.service.ts';
import { unreadCountKey } from './tickets.unread-count.service.ts';

/**
 * Hides a ticket from every list; it can be restored for 30 days (decisions.md 2). A merged one shows its messages in
 * another ticket, from which they must not vanish: its merge is taken back first.
 */
export async function deleteTicket(uow: Uow, project: Project, ticket: ChangeableTicket): Promise<void> {
  if (ticket.merged_into_id !== null) {
    const detail = `#${ticket.ticket_number} is merged into another ticket. Take the merge back first.`;
    throw new ApiError('already_merged', detail);
  }
  const changes = { deleted_at: uow.now, deleted_by: userOf(uow.actor)?.id ?? null };
  await report(uow, project, await update(uow.tx, ticket, changes), 'deleted');
}

/** How long a deleted ticket can be restored; then the purge takes it (decisions.md 2). */
export const RESTORABLE_MS = 30 * 24 * 3_600_000;

/** Brings a deleted ticket back as it was; 404 when its time is over, whether the purge has come by or not. */
export async function restoreTicket(uow: Uow, project: Project, ticket: ChangeableTicket): Promise<void> {
  if (ticket.deleted_at && ticket.deleted_at.getTime() < uow.now.getTime() - RESTORABLE_MS) throw notFound();
  const after = await update(uow.tx, ticket, { deleted_at: null, deleted_by: null, updated_at: uow.now });
  await report(uow, project, after, 'restored');
}

async function report(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
  activity: 'deleted' | 'restored',
): Promise<void> {
  await recordActivities(uow, [
    { projectId: project.id, ticketId: ticket.id, ticketNumber: ticket.ticket_number, activity },
  ]);
  const act = activity === 'deleted' ? 'tickets.delete' : 'tickets.restore';
  const target = { type: 'ticket', id: ticket.id, name: `#${ticket.ticket_number}` };
  await recordAudit(uow, project, { act, target });
  uow.emit(ticketEvent(act, ticket));
  uow.invalidate(unreadCountKey(project.id));
}
