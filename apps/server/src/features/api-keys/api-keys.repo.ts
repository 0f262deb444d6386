import type { Scope } from '@parley/contract/route';
import type { Schema } from '@parley/db/schema';
import type { Kysely, Transaction } from 'kysely';

export interface NewApiKey {
  id: string;
  user_id: number;
  label: string;
  mask: string;
  token_hash: Buffer;
  scopes: Scope[];
  project_ids: number[] | null;
}

export async function insert(tx: Transaction<Schema>, key: NewApiKey, now: Date): Promise<void> {
  await tx
    .insertInto('api_keys')
    .values({ ...key, created_at: now })
    .execute();
}

const SHOWN = ['id', 'label', 'mask', 'scopes', 'project_ids', 'created_at', 'last_used_at'] as const;

export interface ApiKeyRow {
  id: string;
  label: string;
  mask: string;
  scopes: string[];
  project_ids: number[] | null;
  created_at: Date;
  last_used_at: Date | null;
}

/** A user's keys, newest first; one of them when an id is given. */
export async function findMany(tx: Kysely<Schema>, userId: number, id?: string): Promise<ApiKeyRow[]> {
  let query = tx.selectFrom('api_keys').select(SHOWN).where('user_id', '=', userId);
  if (id !== undefined) query = query.where('id', '=', id);
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').execute();
}

export async function update(
  tx: Transaction<Schema>,
  userId: number,
  id: string,
  changes: { label?: string; scopes?: Scope[]; project_ids?: number[] | null },
): Promise<void> {
  await tx.updateTable('api_keys').set(changes).where('user_id', '=', userId).where('id', '=', id).execute();
}

export async function remove(tx: Transaction<Schema>, userId: number, id: string): Promise<boolean> {
  const row = await tx
    .deleteFrom('api_keys')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
