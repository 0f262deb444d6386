import type { BasicUser } from '@parley/contract/people';
import type { Schema } from '@parley/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import { userJson } from '#features/auth/users.sql.ts';

export interface RoleRow {
  id: string;
  name: string;
  created_at: Date;
  members: BasicUser[];
}

/** The roles of an organization by name; one of them when an id is given. */
export async function findMany(tx: Kysely<Schema>, organizationId: string, id?: string): Promise<RoleRow[]> {
  const { rows } = await sql<RoleRow>`
    select r.id, r.name, r.created_at,
      (select coalesce(json_agg(${userJson('u')} order by u.id), '[]') from role_members rm
        join users u on u.id = rm.user_id where rm.role_id = r.id) as members
    from roles r
    where r.organization_id = ${organizationId} ${id === undefined ? sql`` : sql`and r.id = ${id}`}
    order by lower(r.name)`.execute(tx);
  return rows;
}

/** False when the name is taken: the unique index decides, not a look before. */
export async function insert(
  tx: Transaction<Schema>,
  role: { id: string; organization_id: string; name: string },
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    insert into roles (id, organization_id, name, created_at)
    values (${role.id}, ${role.organization_id}, ${role.name}, ${now})
    on conflict (organization_id, lower(name)) do nothing returning id`.execute(tx);
  return rows.length > 0;
}

/** Whether another role has the name. */
export async function isNameTaken(
  tx: Kysely<Schema>,
  organizationId: string,
  name: string,
  exceptId: string,
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from roles where organization_id = ${organizationId} and lower(name) = lower(${name})
      and id <> ${exceptId}`.execute(tx);
  return rows.length > 0;
}

export async function rename(
  tx: Transaction<Schema>,
  organizationId: string,
  id: string,
  name: string,
): Promise<void> {
  await tx
    .updateTable('roles')
    .set({ name })
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

/** From here on no ticket can be assigned to the role. */
export async function lock(tx: Transaction<Schema>, organizationId: string, id: string): Promise<void> {
  await sql`select 1 from roles where organization_id = ${organizationId} and id = ${id} for update`.execute(
    tx,
  );
}

export async function remove(tx: Transaction<Schema>, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('roles').where('organization_id', '=', organizationId).where('id', '=', id).execute();
}

export async function insertMember(tx: Transaction<Schema>, roleId: string, userId: number): Promise<void> {
  await tx
    .insertInto('role_members')
    .values({ role_id: roleId, user_id: userId })
    .onConflict((conflict) => conflict.columns(['role_id', 'user_id']).doNothing())
    .execute();
}

export async function removeMember(tx: Transaction<Schema>, roleId: string, userId: number): Promise<void> {
  await tx.deleteFrom('role_members').where('role_id', '=', roleId).where('user_id', '=', userId).execute();
}
