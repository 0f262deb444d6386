import type { AccessLevel, MembershipLevel } from '@parley/contract/route';
import type { Schema } from '@parley/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { UserColumns } from '#features/auth/users.sql.ts';
import { ACCESS } from './access.sql.ts';

export interface AccessRow extends UserColumns {
  organization_level: MembershipLevel;
  explicit_level: AccessLevel | null;
  access: AccessLevel;
}

/** What the members of a project's organization may do in it; one of them when a user is given. */
export async function findMany(
  tx: Kysely<Schema>,
  projectId: number,
  organizationId: string,
  userId?: number,
): Promise<AccessRow[]> {
  const { rows } = await sql<AccessRow>`
    select u.id, u.uuid, u.first_name, u.last_name, u.email, u.email_verified,
      m.level as organization_level, a.level as explicit_level, ${ACCESS} as access
    from memberships m
    join users u on u.id = m.user_id
    left join project_access a on a.project_id = ${projectId} and a.user_id = m.user_id
    where m.organization_id = ${organizationId} ${userId === undefined ? sql`` : sql`and u.id = ${userId}`}
    order by m.created_at, u.id`.execute(tx);
  return rows;
}

export async function upsert(
  tx: Transaction<Schema>,
  row: { project_id: number; user_id: number; level: AccessLevel },
): Promise<void> {
  await tx
    .insertInto('project_access')
    .values(row)
    .onConflict((conflict) => conflict.columns(['project_id', 'user_id']).doUpdateSet({ level: row.level }))
    .execute();
}

export async function remove(tx: Transaction<Schema>, projectId: number, userId: number): Promise<void> {
  await tx
    .deleteFrom('project_access')
    .where('project_id', '=', projectId)
    .where('user_id', '=', userId)
    .execute();
}
