import type { Schema } from '@parley/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import { userJson } from '#features/auth/users.sql.ts';

export function findMany(tx: Kysely<Schema>, organizationId: string) {
  return tx
    .selectFrom('agent_availability as a')
    .innerJoin('users as u', 'u.id', 'a.user_id')
    .leftJoin('users as c', 'c.id', 'a.changed_by')
    .select(['a.user_id', 'a.is_available', 'a.updated_at'])
    .select([userJson('u').as('user'), userJson('c').as('changed_by')])
    .where('a.organization_id', '=', organizationId)
    .orderBy('a.user_id')
    .execute();
}

export interface NewAvailability {
  organization_id: string;
  user_id: number;
  is_available: boolean;
  changed_by: number;
  updated_at: Date;
}

/** Holds a member in the organization until the transaction ends; undefined when there is none such. */
export async function holdMember(
  tx: Transaction<Schema>,
  organizationId: string,
  userId: number,
): Promise<boolean> {
  const member = await tx
    .selectFrom('memberships')
    .select('user_id')
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .forKeyShare()
    .executeTakeFirst();
  return member !== undefined;
}

/** The version of what was written; undefined when it was so already. */
export async function upsert(tx: Transaction<Schema>, row: NewAvailability): Promise<number | undefined> {
  const { is_available, changed_by, updated_at } = row;
  const written = await tx
    .insertInto('agent_availability')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['organization_id', 'user_id'])
        .doUpdateSet({ is_available, changed_by, updated_at, version: sql`agent_availability.version + 1` })
        .where('agent_availability.is_available', '<>', is_available),
    )
    .returning('version')
    .executeTakeFirst();
  return written?.version;
}
