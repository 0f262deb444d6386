import { sql } from 'kysely';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { inThread } from './messages.sql.ts';

/** What a ticket says of the public messages in its thread (tickets-api.md 6.2). */
export type ThreadFigures = Pick<
  TicketRow,
  'message_count' | 'last_message_at' | 'last_message_text' | 'last_customer_message_at'
>;

/**
 * Counts a thread anew, for operations that change which messages are in it. The ticket is locked. What the customer
 * wrote last stays known when that message is deleted, as everywhere.
 */
export async function countThread(
  uow: Uow,
  ticket: Pick<TicketRow, 'project_id' | 'id' | 'merged_ticket_ids'>,
): Promise<ThreadFigures> {
  const thread = sql`${inThread(ticket)} and not m.is_private`;
  const { rows } = await sql<ThreadFigures>`
    select counted.message_count, counted.last_message_at, counted.last_customer_message_at, (
      select left(m.content, 500) from messages m
      where m.project_id = ${ticket.project_id} and ${thread} and m.deleted_at is null
      order by m.created_at desc, m.id desc limit 1) as last_message_text
    from (
      select count(*) filter (where m.deleted_at is null)::integer as message_count,
        max(m.created_at) filter (where m.deleted_at is null) as last_message_at,
        max(m.created_at) filter (where m.author_type = 'customer') as last_customer_message_at
      from messages m where m.project_id = ${ticket.project_id} and ${thread}) counted`.execute(uow.tx);
  const [figures] = rows;
  if (!figures) throw new Error('A count came back without a row.');
  return figures;
}
