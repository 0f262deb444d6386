import type { Schema } from '@parley/db/schema';
import type { Kysely, Transaction } from 'kysely';

export async function insert(tx: Transaction<Schema>, id: string, name: string, now: Date): Promise<void> {
  await tx.insertInto('organizations').values({ id, name, created_at: now }).execute();
}

export async function exists(tx: Kysely<Schema>): Promise<boolean> {
  return (await tx.selectFrom('organizations').select('id').limit(1).executeTakeFirst()) !== undefined;
}
