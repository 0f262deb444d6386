import type { Schema } from '@parley/db/schema';
import type { ReplyDraftsTable } from '@parley/db/tables-agent-work';
import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';
import type { UserColumns } from '#features/auth/users.sql.ts';

export type ReplyDraftRow = Selectable<ReplyDraftsTable>;

interface OfTicket {
  project_id: number;
  id: string;
}

export interface ShownRow extends ReplyDraftRow {
  author: UserColumns | null;
}

/** The drafts on a ticket with who wrote them, oldest first; one of them when an id is given. */
export async function findMany(
  tx: Kysely<Schema>,
  ticket: OfTicket,
  page: { limit: number; offset: number },
  id?: string,
): Promise<ShownRow[]> {
  const rows = await tx
    .selectFrom('reply_drafts as d')
    .leftJoin('users as u', 'u.id', 'd.created_by')
    .selectAll('d')
    .select(['u.uuid', 'u.first_name', 'u.last_name', 'u.email', 'u.email_verified'])
    .where('d.project_id', '=', ticket.project_id)
    .where('d.ticket_id', '=', ticket.id)
    .$if(id !== undefined, (query) => query.where('d.id', '=', id ?? ''))
    .orderBy('d.id')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map(({ uuid, first_name, last_name, email, email_verified, ...draft }) => {
    const { created_by } = draft;
    const isThere = created_by !== null && uuid !== null && email !== null;
    const name = { first_name: first_name ?? '', last_name: last_name ?? '' };
    const author = isThere
      ? { id: created_by, uuid, ...name, email, email_verified: email_verified ?? false }
      : null;
    return { ...draft, author };
  });
}

export async function count(tx: Kysely<Schema>, ticket: OfTicket): Promise<number> {
  const { n } = await tx
    .selectFrom('reply_drafts')
    .select((eb) => eb.fn.countAll().as('n'))
    .where('project_id', '=', ticket.project_id)
    .where('ticket_id', '=', ticket.id)
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
    .where('ticket_id', '=', ticket.id)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}
