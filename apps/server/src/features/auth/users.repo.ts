import type { Schema } from '@parley/db/schema';
import type { Kysely, Transaction } from 'kysely';

export interface NewUser {
  email: string;
  first_name: string;
  last_name: string;
}

/** Undefined when the address is taken: the unique index decides, not a look before. */
export function insert(tx: Transaction<Schema>, user: NewUser, now: Date) {
  return tx
    .insertInto('users')
    .values({
      ...user,
      name: `${user.first_name} ${user.last_name}`.trim(),
      email_verified: true,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning(['id', 'uuid'])
    .executeTakeFirst();
}

export async function insertPassword(
  tx: Transaction<Schema>,
  userId: number,
  passwordHash: string,
  now: Date,
): Promise<void> {
  await tx
    .insertInto('accounts')
    .values({
      user_id: userId,
      account_id: String(userId),
      provider_id: 'credential',
      password: passwordHash,
      created_at: now,
      updated_at: now,
    })
    .execute();
}

export function find(tx: Kysely<Schema>, id: number) {
  return tx.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function exists(tx: Kysely<Schema>): Promise<boolean> {
  return (await tx.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined;
}

export function update(
  tx: Transaction<Schema>,
  id: number,
  changes: { first_name?: string; last_name?: string; current_project_id?: number | null },
  now: Date,
) {
  return tx
    .updateTable('users')
    .set({ ...changes, updated_at: now })
    .where('id', '=', id)
    .execute();
}

export function findByEmail(tx: Kysely<Schema>, email: string) {
  return tx.selectFrom('users').select('id').where('email', '=', email).executeTakeFirst();
}
