import type { MembershipLevel } from '@parley/contract/route';
import type { Schema } from '@parley/db/schema';
import type { Kysely, Transaction } from 'kysely';

export interface NewInvitation {
  id: string;
  organization_id: string;
  email: string;
  level: MembershipLevel;
  token_hash: Buffer;
  created_by: number;
  created_at: Date;
  expires_at: Date;
}

const SHOWN = ['id', 'email', 'level', 'created_at', 'expires_at'] as const;

export function findMany(tx: Kysely<Schema>, organizationId: string, now: Date) {
  return tx
    .selectFrom('invitations')
    .select(SHOWN)
    .where('organization_id', '=', organizationId)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export async function insert(tx: Transaction<Schema>, invitation: NewInvitation): Promise<void> {
  await tx.insertInto('invitations').values(invitation).execute();
}

export async function deleteByEmail(
  tx: Transaction<Schema>,
  organizationId: string,
  email: string,
): Promise<void> {
  await tx
    .deleteFrom('invitations')
    .where('organization_id', '=', organizationId)
    .where('email', '=', email)
    .execute();
}

export async function remove(tx: Transaction<Schema>, organizationId: string, id: string): Promise<boolean> {
  const row = await tx
    .deleteFrom('invitations')
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export function findByToken(tx: Kysely<Schema>, tokenHash: Buffer, now: Date) {
  return tx
    .selectFrom('invitations')
    .select(['organization_id', 'email'])
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}

/** Uses an invitation up: of racing callers only one gets it. */
export function take(tx: Transaction<Schema>, tokenHash: Buffer, now: Date) {
  return tx
    .deleteFrom('invitations')
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', now)
    .returning('level')
    .executeTakeFirst();
}

export async function deleteExpired(tx: Transaction<Schema>, now: Date): Promise<void> {
  await tx.deleteFrom('invitations').where('expires_at', '<=', now).execute();
}
