import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';

/** Who reads a ticket has read what they were told of it, and of what was merged into it. */
export async function readTicketNotifications(
  uow: Uow,
  ticket: { project_id: number; id: string; merged_ticket_ids: readonly string[] },
  userId: number,
): Promise<void> {
  const ids = [ticket.id, ...ticket.merged_ticket_ids];
  const { numAffectedRows } = await sql`
    update notifications n set read_at = ${uow.now}
    where n.project_id = ${ticket.project_id} and n.ticket_id = any(${ids}::uuid[])
      and n.user_id = ${userId} and n.read_at is null`.execute(uow.tx);
  if (!numAffectedRows) return;
  uow.signal({ projectId: ticket.project_id, userIds: [userId], name: 'notifications.update' });
}
