import type { Schema } from '@parley/db/schema';
import type { TicketViewsTable } from '@parley/db/tables-views';
import { type Insertable, type Selectable, sql, type Transaction, type Updateable } from 'kysely';
import { type ViewReader, visibleTo } from './views.sql.ts';

export type ViewRow = Selectable<TicketViewsTable>;
export type ViewChanges = Pick<Updateable<TicketViewsTable>, 'name' | 'filters' | 'visibility'>;

/** Locks the view a reader names by its short id. */
export async function lock(
  tx: Transaction<Schema>,
  reader: ViewReader,
  shortId: string,
): Promise<ViewRow | undefined> {
  const { rows } = await sql<ViewRow>`
    select v.* from ticket_views v where ${visibleTo(reader)} and v.short_id = ${shortId} for update`.execute(
    tx,
  );
  return rows[0];
}

/** Undefined when the short id is taken; the unique index decides. */
export function insert(
  tx: Transaction<Schema>,
  row: Insertable<TicketViewsTable>,
): Promise<ViewRow | undefined> {
  return tx
    .insertInto('ticket_views')
    .values(row)
    .onConflict((conflict) => conflict.columns(['project_id', 'short_id']).doNothing())
    .returningAll()
    .executeTakeFirst();
}

export function update(
  tx: Transaction<Schema>,
  view: ViewRow,
  changes: ViewChanges,
  now: Date,
): Promise<ViewRow> {
  return tx
    .updateTable('ticket_views')
    .set({ ...changes, updated_at: now, version: view.version + 1 })
    .where('project_id', '=', view.project_id)
    .where('id', '=', view.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Favourites and defaults of everybody go with it. */
export async function remove(tx: Transaction<Schema>, view: ViewRow): Promise<void> {
  await tx
    .deleteFrom('ticket_views')
    .where('project_id', '=', view.project_id)
    .where('id', '=', view.id)
    .execute();
}
