import type { Schema } from '@parley/db/schema';
import type { ReplyDraftsTable } from '@parley/db/tables-agent-work';
import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';
import { userJson } from '#features/auth/users.sql.ts';

export type ReplyDraftRow = Selectable<ReplyDraftsTable>;

/** A ticket with those merged into it, whose drafts it shows too. */
interface OfTicket {
  project_id: number;
  id: string;
  merged_ticket_ids: readonly string[];
}

const idsOf = ({ id, merged_ticket_ids: merged }: OfTicket): string[] => [id, ...merged];

/** The drafts on a ticket with who wrote them, oldest first; one of them when an id is given. */
export function findMany(
  tx: Kysely<Schema>,
  ticket: OfTicket,
  page: { limit: number; offset: number },
  id?: string,
) {
  return tx
    .selectFrom('reply_drafts as d')
    .leftJoin('users as u', 'u.id', 'd.created_by')
    .select(['d.id', 'd.ticket_id', 'd.origin', 'd.message', 'd.rich_content', 'd.created_at'])
    .select(userJson('u').as('created_by'))
    .where('d.project_id', '=', ticket.project_id)
    .where('d.ticket_id', 'in', idsOf(ticket))
    .$if(id !== undefined, (query) => query.where('d.id', '=', id ?? ''))
    .orderBy('d.id')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

export type ShownRow = Awaited<ReturnType<typeof findMany>>[number];

export async function count(tx: Kysely<Schema>, ticket: OfTicket): Promise<number> {
  const { n } = await tx
    .selectFrom('reply_drafts')
    .select((eb) => eb.fn.countAll().as('n'))
    .where('project_id', '=', ticket.project_id)
    .where('ticket_id', 'in', idsOf(ticket))
    .executeTakeFirstOrThrow();
  return Number(n);
}

export async function insert(tx: Transaction<Schema>, row: Insertable<ReplyDraftsTable>): Promise<void> {
  await tx.insertInto('reply_drafts').values(row).execute();
}

/** Undefined when it is not there, or not any more: of two callers one gets it. */
export function take(
  tx: Transaction<Schema>,
  ticket: OfTicket,
  id: string,
): Promise<ReplyDraftRow | undefined> {
  return tx
    .deleteFrom('reply_drafts')
    .where('project_id', '=', ticket.project_id)
    .where('ticket_id', 'in', idsOf(ticket))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}
