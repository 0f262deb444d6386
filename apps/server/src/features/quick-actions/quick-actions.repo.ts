import type { Schema } from '@parley/db/schema';
import type { QuickActionsTable } from '@parley/db/tables-agent-work';
import type { Insertable, Kysely, Selectable, Transaction, Updateable } from 'kysely';
import { userJson } from '#features/auth/users.sql.ts';

export type QuickActionRow = Selectable<QuickActionsTable>;
export type QuickActionChanges = Omit<Updateable<QuickActionsTable>, 'project_id' | 'id' | 'version'>;

/** Whose eyes quick actions are shown to. */
export interface Reader {
  projectId: number;
  userId: number;
}

/** Those of the team, and the reader's personal ones. */
function selectVisible(tx: Kysely<Schema>, { projectId, userId }: Reader) {
  return tx
    .selectFrom('quick_actions as q')
    .where('q.project_id', '=', projectId)
    .where((eb) => eb.or([eb('q.visibility', '=', 'team'), eb('q.created_by', '=', userId)]));
}

function shown(query: ReturnType<typeof selectVisible>) {
  return query
    .leftJoin('users as u', 'u.id', 'q.created_by')
    .selectAll('q')
    .select(userJson('u').as('author'));
}

export async function count(tx: Kysely<Schema>, reader: Reader): Promise<number> {
  const { n } = await selectVisible(tx, reader)
    .select((eb) => eb.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

export function findMany(tx: Kysely<Schema>, reader: Reader, page: { limit: number; offset: number }) {
  return shown(selectVisible(tx, reader))
    .orderBy('q.created_at', 'desc')
    .orderBy('q.id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

export function find(tx: Kysely<Schema>, reader: Reader, shortId: string) {
  return shown(selectVisible(tx, reader)).where('q.short_id', '=', shortId).executeTakeFirst();
}

export type ShownQuickAction = NonNullable<Awaited<ReturnType<typeof find>>>;

/** Locks the one a reader names. */
export function lock(
  tx: Transaction<Schema>,
  reader: Reader,
  shortId: string,
): Promise<QuickActionRow | undefined> {
  return selectVisible(tx, reader)
    .selectAll('q')
    .where('q.short_id', '=', shortId)
    .forUpdate()
    .executeTakeFirst();
}

/** Undefined when the short id is taken; the unique index decides. */
export function insert(
  tx: Transaction<Schema>,
  row: Insertable<QuickActionsTable>,
): Promise<QuickActionRow | undefined> {
  return tx
    .insertInto('quick_actions')
    .values(row)
    .onConflict((conflict) => conflict.columns(['project_id', 'short_id']).doNothing())
    .returningAll()
    .executeTakeFirst();
}

export function update(
  tx: Transaction<Schema>,
  row: QuickActionRow,
  changes: QuickActionChanges,
): Promise<QuickActionRow> {
  return tx
    .updateTable('quick_actions')
    .set({ ...changes, version: row.version + 1 })
    .where('project_id', '=', row.project_id)
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** A use is no change: the version stays. */
export async function countUse(tx: Transaction<Schema>, row: QuickActionRow, now: Date): Promise<void> {
  await tx
    .updateTable('quick_actions')
    .set({ use_count: row.use_count + 1, last_used_at: now })
    .where('project_id', '=', row.project_id)
    .where('id', '=', row.id)
    .execute();
}

export async function remove(tx: Transaction<Schema>, row: QuickActionRow): Promise<void> {
  await tx
    .deleteFrom('quick_actions')
    .where('project_id', '=', row.project_id)
    .where('id', '=', row.id)
    .execute();
}
