import { type RawBuilder, sql } from 'kysely';

/**
 * Whether a ticket (alias t) is unread for a user: the customer wrote after they last read it, or they marked it so
 * (decisions.md 27).
 */
export function isUnreadBy(userId: RawBuilder<number | null>): RawBuilder<boolean> {
  return sql<boolean>`coalesce(
    (select r.read_at is null or r.read_at < t.last_customer_message_at from ticket_reads r
      where r.project_id = t.project_id and r.user_id = ${userId}::integer and r.ticket_id = t.id),
    t.last_customer_message_at is not null)`;
}
