import type { MembershipLevel } from '@parley/contract/route';
import type { Schema } from '@parley/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { UserColumns } from '#features/auth/users.sql.ts';

export interface NewMember {
  organization_id: string;
  user_id: number;
  level: MembershipLevel;
}

export interface MemberRow extends UserColumns {
  level: MembershipLevel;
  joined_at: Date;
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

/** The members of an organization, longest in it first; one of them when a user is given. */
export async function findMany(
  tx: Kysely<Schema>,
  organizationId: string,
  userId?: number,
): Promise<MemberRow[]> {
  const { rows } = await sql<MemberRow>`
    select u.id, u.uuid, u.first_name, u.last_name, u.email, u.email_verified, m.level, m.created_at as joined_at
    from memberships m join users u on u.id = m.user_id
    where m.organization_id = ${organizationId} ${userId === undefined ? sql`` : sql`and u.id = ${userId}`}
    order by m.created_at, u.id`.execute(tx);
  return rows;
}

export async function countOwners(tx: Kysely<Schema>, organizationId: string): Promise<number> {
  const rows = await tx
    .selectFrom('memberships')
    .select('user_id')
    .where('organization_id', '=', organizationId)
    .where('level', '=', 'owner')
    .execute();
  return rows.length;
}

export async function updateLevel(tx: Transaction<Schema>, member: NewMember): Promise<void> {
  await tx
    .updateTable('memberships')
    .set({ level: member.level })
    .where('organization_id', '=', member.organization_id)
    .where('user_id', '=', member.user_id)
    .execute();
}

/** What was set for a user in single projects of an organization. */
export async function deleteProjectAccess(
  tx: Transaction<Schema>,
  organizationId: string,
  userId: number,
): Promise<void> {
  await sql`
    delete from project_access a using projects p
    where a.project_id = p.id and p.organization_id = ${organizationId} and a.user_id = ${userId}`.execute(
    tx,
  );
}

/** From here on no ticket can be assigned to the member. */
export async function lock(tx: Transaction<Schema>, organizationId: string, userId: number): Promise<void> {
  await sql`
    select 1 from memberships where organization_id = ${organizationId} and user_id = ${userId}
    for update`.execute(tx);
}

/** Takes a user out of an organization, its roles and its projects. */
export async function remove(tx: Transaction<Schema>, organizationId: string, userId: number): Promise<void> {
  await sql`
    delete from role_members where user_id = ${userId}
      and role_id in (select id from roles where organization_id = ${organizationId})`.execute(tx);
  await deleteProjectAccess(tx, organizationId, userId);
  await sql`
    update users set current_project_id = null where id = ${userId}
      and current_project_id in (select id from projects where organization_id = ${organizationId})`.execute(
    tx,
  );
  await tx
    .deleteFrom('memberships')
    .where('organization_id', '=', organizationId)
    .where('user_id', '=', userId)
    .execute();
}
