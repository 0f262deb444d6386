import { recordActivities } from '#features/activities/activities.service.ts';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import { holdMerges } from '#features/ticket-merge/thread-head.service.ts';
import { type Project, userOf } from '#platform/actor.ts';
import { ApiError, notFound } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { ticketEvent } from './tickets.events.ts';
import { updateAll } from './tickets.many.repo.ts';
import { findMergedIds, type TicketChanges, type TicketRow } from './tickets.repo.ts';
import { type ChangeableTicket, lockTickets } from './tickets.service.ts';
import { unreadCountKey } from './tickets.unread-count.service.ts';

/** A ticket with those whose threads it shows: they are deleted and restored as one. */
export interface Thread {
  head: ChangeableTicket;
  merged: ChangeableTicket[];
}

/**
 * Locks tickets, deleted ones too, with all that are merged into them, in the order of ids. To be called before any
 * other row is locked: it holds the project's merges, so that no thread grows meanwhile.
 */
export async function lockThreads(uow: Uow, project: Project, ids: readonly string[]): Promise<Thread[]> {
  await holdMerges(uow, project);
  const merged = await findMergedIds(uow.tx, project.id, ids);
  const locked = await lockTickets(uow, project, [...new Set([...ids, ...merged])], { withDeleted: true });
  const tickets = new Map(locked.map((ticket) => [ticket.id, ticket]));
  return ids.flatMap((id) => {
    const head = tickets.get(id);
    return head ? [{ head, merged: head.merged_ticket_ids.flatMap((each) => tickets.get(each) ?? []) }] : [];
  });
}

/**
 * Hides threads from every list; they can be restored for 30 days (decisions.md 2). The tickets merged into one go with
 * it, for they are one conversation. A merged one alone is refused: its messages must not vanish from another ticket.
 */
export async function deleteThreads(uow: Uow, project: Project, threads: readonly Thread[]): Promise<void> {
  for (const { head } of threads)
    if (head.merged_into_id !== null) throw new ApiError('already_merged', undeletableDetail(head));
  const tickets = threads.flatMap(({ head, merged }) => [head, ...merged]);
  await change(uow, project, tickets, { deleted_at: uow.now, deleted_by: userOf(uow.actor)?.id ?? null });
}

export function undeletableDetail({ ticket_number }: TicketRow): string {
  return `#${ticket_number} is merged into another ticket. Take the merge back first.`;
}

/** How long a deleted ticket can be restored; then the purge takes it (decisions.md 2). */
export const RESTORABLE_MS = 30 * 24 * 3_600_000;

/** Whether its time is not over, whether the purge has come by or not. A part of a thread comes back with the whole. */
export function isRestorable(uow: Uow, { deleted_at, merged_into_id }: TicketRow): boolean {
  return merged_into_id === null && deleted_at !== null && !isOver(uow, deleted_at);
}

function isOver(uow: Uow, deletedAt: Date): boolean {
  return deletedAt.getTime() < uow.now.getTime() - RESTORABLE_MS;
}

/** Brings deleted threads back as they were, with what was deleted with them. */
export async function restoreThreads(uow: Uow, project: Project, threads: readonly Thread[]): Promise<void> {
  for (const { head } of threads) {
    if (head.deleted_at === null || isOver(uow, head.deleted_at)) throw notFound();
    if (head.merged_into_id === null) continue;
    const detail = `#${head.ticket_number} was deleted with the ticket it is merged into. Restore that one.`;
    throw new ApiError('already_merged', detail);
  }
  const tickets = threads.flatMap(({ head, merged }) => [head, ...merged]);
  await change(uow, project, tickets, { deleted_at: null, deleted_by: null, updated_at: uow.now });
}

/** Those that are not so yet, each once. One entry in the audit log, however many they are. */
async function change(
  uow: Uow,
  project: Project,
  tickets: readonly TicketRow[],
  changes: TicketChanges,
): Promise<void> {
  const isDeletion = changes.deleted_at !== null;
  const wanted = [...new Set(tickets.filter((ticket) => (ticket.deleted_at === null) === isDeletion))];
  if (wanted.length === 0) return;
  const after = await updateAll(uow.tx, project.id, wanted, changes);
  await recordActivities(
    uow,
    after.map((ticket) => ({
      projectId: project.id,
      ticketId: ticket.id,
      ticketNumber: ticket.ticket_number,
      activity: isDeletion ? ('deleted' as const) : ('restored' as const),
    })),
  );
  const act = isDeletion ? 'tickets.delete' : 'tickets.restore';
  const [first, ...others] = after;
  const numbers = after.map(({ ticket_number }) => ticket_number);
  await recordAudit(uow, project, {
    act,
    ...(first ? { target: { type: 'ticket', id: first.id, name: `#${first.ticket_number}` } } : {}),
    ...(others.length > 0 ? { detail: { ticket_numbers: numbers } } : {}),
  });
  for (const ticket of after) uow.emit(ticketEvent(act, ticket));
  uow.invalidate(unreadCountKey(project.id));
}
