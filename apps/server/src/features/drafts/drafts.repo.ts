import type { Schema } from '@parley/db/schema';
import type { DraftsTable } from '@parley/db/tables-agent-work';
import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely';

export type DraftRow = Selectable<DraftsTable>;
export type NewDraft = Insertable<DraftsTable>;

/** Whose draft, and on which ticket; null for the one that is still to be composed. */
export interface DraftKey {
  projectId: number;
  userId: number;
  ticketId: string | null;
}

function selectOwn(tx: Kysely<Schema>, { projectId, userId, ticketId }: DraftKey) {
  const own = tx
    .selectFrom('drafts')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('user_id', '=', userId);
  return ticketId === null ? own.where('ticket_id', 'is', null) : own.where('ticket_id', '=', ticketId);
}

export function find(tx: Kysely<Schema>, key: DraftKey): Promise<DraftRow | undefined> {
  return selectOwn(tx, key).executeTakeFirst();
}

export function lock(tx: Transaction<Schema>, key: DraftKey): Promise<DraftRow | undefined> {
  return selectOwn(tx, key).forUpdate().executeTakeFirst();
}

/** Undefined when there is another version than the wanted one by now. */
export function upsert(
  tx: Transaction<Schema>,
  row: NewDraft,
  wantedVersion: number | undefined,
): Promise<DraftRow | undefined> {
  const { project_id, id, user_id, ticket_id, created_at, ...content } = row;
  return tx
    .insertInto('drafts')
    .values(row)
    .onConflict((conflict) => {
      const changed = conflict
        .columns(['project_id', 'user_id', 'ticket_id'])
        .doUpdateSet({ ...content, version: sql`drafts.version + 1` });
      return wantedVersion === undefined ? changed : changed.where('drafts.version', '=', wantedVersion);
    })
    .returningAll()
    .executeTakeFirst();
}

export async function remove(tx: Transaction<Schema>, key: DraftKey): Promise<void> {
  const { projectId, userId, ticketId } = key;
  const own = tx.deleteFrom('drafts').where('project_id', '=', projectId).where('user_id', '=', userId);
  await (ticketId === null
    ? own.where('ticket_id', 'is', null)
    : own.where('ticket_id', '=', ticketId)
  ).execute();
}

/** A user's drafts, but those of deleted tickets. */
function selectListed(tx: Kysely<Schema>, projectId: number, userId: number) {
  return tx
    .selectFrom('drafts as d')
    .leftJoin('tickets as t', (join) =>
      join.onRef('t.project_id', '=', 'd.project_id').onRef('t.id', '=', 'd.ticket_id'),
    )
    .where('d.project_id', '=', projectId)
    .where('d.user_id', '=', userId)
    .where('t.deleted_at', 'is', null);
}

export function findMany(
  tx: Kysely<Schema>,
  projectId: number,
  userId: number,
  page: { limit: number; offset: number },
) {
  return selectListed(tx, projectId, userId)
    .selectAll('d')
    .select('t.ticket_number')
    .orderBy('d.updated_at', 'desc')
    .orderBy('d.id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

export async function count(tx: Kysely<Schema>, projectId: number, userId: number): Promise<number> {
  const { n } = await selectListed(tx, projectId, userId)
    .select((eb) => eb.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}
