import type { Schema } from '@parley/db/schema';
import type { Kysely, Transaction } from 'kysely';

export function findMany(tx: Kysely<Schema>, userId: number, now: Date) {
  return tx
    .selectFrom('sessions')
    .select(['id', 'ip_address', 'user_agent', 'created_at', 'expires_at'])
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .orderBy('id', 'desc')
    .execute();
}

export async function deleteOne(tx: Transaction<Schema>, userId: number, id: number): Promise<boolean> {
  const row = await tx
    .deleteFrom('sessions')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteByToken(tx: Transaction<Schema>, token: string): Promise<void> {
  await tx.deleteFrom('sessions').where('token', '=', token).execute();
}

/** All sessions of a user, except the one given. */
export async function deleteAll(tx: Transaction<Schema>, userId: number, except?: number): Promise<void> {
  let statement = tx.deleteFrom('sessions').where('user_id', '=', userId);
  if (except !== undefined) statement = statement.where('id', '<>', except);
  await statement.execute();
}

export async function deleteExpired(tx: Transaction<Schema>, now: Date): Promise<void> {
  await tx.deleteFrom('sessions').where('expires_at', '<=', now).execute();
}
