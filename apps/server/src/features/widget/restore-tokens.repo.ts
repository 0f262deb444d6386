import type { Schema } from '@parley/db/schema';
import type { WidgetRestoreTokensTable } from '@parley/db/tables-widget';
import { type Insertable, type Selectable, sql, type Transaction } from 'kysely';

export type RestoreToken = Pick<Selectable<WidgetRestoreTokensTable>, 'email' | 'expires_at' | 'used_at'>;

/** False when there is one of this id already. */
export async function insert(
  tx: Transaction<Schema>,
  token: Insertable<WidgetRestoreTokensTable>,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('widget_restore_tokens')
    .values(token)
    .onConflict((conflict) => conflict.columns(['project_id', 'id']).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Of two who redeem it at once, the second waits, and finds it used. */
export async function lock(
  tx: Transaction<Schema>,
  projectId: number,
  tokenHash: Buffer,
): Promise<RestoreToken | undefined> {
  return tx
    .selectFrom('widget_restore_tokens')
    .select(['email', 'expires_at', 'used_at'])
    .where('project_id', '=', projectId)
    .where('token_hash', '=', tokenHash)
    .forUpdate()
    .executeTakeFirst();
}

/** Uses up every open token of an address. */
export async function useAll(
  tx: Transaction<Schema>,
  projectId: number,
  email: string,
  now: Date,
): Promise<void> {
  await sql`
    update widget_restore_tokens set used_at = ${now}
    where project_id = ${projectId} and email = ${email} and used_at is null`.execute(tx);
}
