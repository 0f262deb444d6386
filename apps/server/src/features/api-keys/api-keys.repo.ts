import type { Scope } from '@parley/contract/route';
import type { Schema } from '@parley/db/schema';
import type { Transaction } from 'kysely';

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
