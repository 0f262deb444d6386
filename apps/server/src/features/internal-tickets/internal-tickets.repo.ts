import type { Schema } from '@parley/db/schema';
import type { Transaction } from 'kysely';

interface TicketKey {
  project_id: number;
  id: string;
}

/** The message that was posted to a ticket under a key. */
export async function findPosted(
  tx: Transaction<Schema>,
  ticket: TicketKey,
  key: string,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('service_messages')
    .select('message_id')
    .where('project_id', '=', ticket.project_id)
    .where('ticket_id', '=', ticket.id)
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  return row?.message_id;
}

export async function rememberPosted(
  tx: Transaction<Schema>,
  ticket: TicketKey,
  posted: { key: string; messageId: string },
  now: Date,
): Promise<void> {
  const row = { project_id: ticket.project_id, ticket_id: ticket.id, idempotency_key: posted.key };
  await tx
    .insertInto('service_messages')
    .values({ ...row, message_id: posted.messageId, created_at: now })
    .execute();
}
