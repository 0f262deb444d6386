import type { Schema } from '@parley/db/schema';
import { sql, type Transaction } from 'kysely';

/** Whether the e-mail is in a thread already. */
export async function isCaptured(tx: Transaction<Schema>, projectId: number, key: string): Promise<boolean> {
  const row = await tx
    .selectFrom('workflow_emails')
    .select('message_id')
    .where('project_id', '=', projectId)
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
  return row !== undefined;
}

export async function remember(
  tx: Transaction<Schema>,
  projectId: number,
  captured: { key: string; messageId: string },
  now: Date,
): Promise<void> {
  const { key: idempotency_key, messageId: message_id } = captured;
  const row = { project_id: projectId, idempotency_key, message_id, created_at: now };
  await tx.insertInto('workflow_emails').values(row).execute();
}

/**
 * The ticket of the customer to whom an address provably belongs: the sender of the ticket, or the person of a verified
 * one. With an id that very ticket, else the one last active that is not resolved. Both ways have an index.
 */
export async function findTicketOf(
  tx: Transaction<Schema>,
  projectId: number,
  email: string,
  ticketId: string | undefined,
): Promise<string | undefined> {
  const isWanted =
    ticketId === undefined
      ? sql`t.status <> 'resolved' and t.merged_into_id is null`
      : sql`t.id = ${ticketId}::uuid`;
  const { rows } = await sql<{ id: string }>`
    with theirs as (
      select c.id from tickets c where c.project_id = ${projectId} and lower(c.email_from) = lower(${email})
      union
      select c.id from persons p
      join person_distinct_ids d on d.project_id = ${projectId} and d.person_id = p.id
      join tickets c on c.project_id = ${projectId} and c.distinct_id = d.distinct_id and c.identity_verified
      where p.project_id = ${projectId} and lower(p.properties ->> 'email') = lower(${email})
    )
    select t.id from theirs join tickets t on t.project_id = ${projectId} and t.id = theirs.id
    where t.deleted_at is null and ${isWanted}
    order by t.updated_at desc, t.ticket_number desc limit 1`.execute(tx);
  return rows[0]?.id;
}
