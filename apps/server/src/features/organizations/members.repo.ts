import type { MembershipLevel } from '@parley/contract/route';
import type { Schema } from '@parley/db/schema';
import type { Transaction } from 'kysely';

export interface NewMember {
  organization_id: string;
  user_id: number;
  level: MembershipLevel;
}

/** False when the user is a member already, whose level then stays. */
export async function insert(tx: Transaction<Schema>, member: NewMember, now: Date): Promise<boolean> {
  const row = await tx
    .insertInto('memberships')
    .values({ ...member, created_at: now })
    .onConflict((conflict) => conflict.columns(['organization_id', 'user_id']).doNothing())
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}
