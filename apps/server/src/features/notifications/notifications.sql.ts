import { type RawBuilder, sql } from 'kysely';

/** Whether a user has unread notifications about a ticket (alias t) or those merged into it. */
export function hasUnreadNotifications(userId: RawBuilder<number | null>): RawBuilder<boolean> {
  return sql<boolean>`exists (select from notifications n where n.project_id = t.project_id
    and n.user_id = ${userId}::integer and n.read_at is null
    and n.ticket_id = any(array_append(t.merged_ticket_ids, t.id)))`;
}
