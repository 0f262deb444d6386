import type { MembershipLevel } from '@parley/contract/route';
import type { Schema } from '@parley/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';

export interface OrganizationRow {
  id: string;
  name: string;
  is_ai_data_processing_approved: boolean;
  created_at: Date;
  level: MembershipLevel;
}

export async function insert(tx: Transaction<Schema>, id: string, name: string, now: Date): Promise<void> {
  await tx.insertInto('organizations').values({ id, name, created_at: now }).execute();
}

export async function exists(tx: Kysely<Schema>): Promise<boolean> {
  return (await tx.selectFrom('organizations').select('id').limit(1).executeTakeFirst()) !== undefined;
}

/** Those a user is in, oldest first; one of them when an id is given. */
export async function findMany(tx: Kysely<Schema>, userId: number, id?: string): Promise<OrganizationRow[]> {
  const { rows } = await sql<OrganizationRow>`
    select o.id, o.name, o.is_ai_data_processing_approved, o.created_at, m.level
    from memberships m join organizations o on o.id = m.organization_id
    where m.user_id = ${userId} ${id === undefined ? sql`` : sql`and o.id = ${id}`}
    order by o.created_at, o.id`.execute(tx);
  return rows;
}

export async function update(
  tx: Transaction<Schema>,
  id: string,
  changes: { name?: string; is_ai_data_processing_approved?: boolean },
): Promise<void> {
  await tx.updateTable('organizations').set(changes).where('id', '=', id).execute();
}

/**
 * Makes changes of an organization's members and projects wait for each other, so that none is decided on what another
 * just changed. Rows that only refer to it can still be written.
 */
export async function lock(tx: Transaction<Schema>, id: string): Promise<boolean> {
  const { rows } = await sql`select 1 from organizations where id = ${id} for no key update`.execute(tx);
  return rows.length > 0;
}

/** As `lock`, and rows that refer to it wait too. */
export async function lockWhole(tx: Transaction<Schema>, id: string): Promise<void> {
  await sql`select 1 from organizations where id = ${id} for update`.execute(tx);
}

export async function hasProjects(tx: Kysely<Schema>, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('projects')
    .select('id')
    .where('organization_id', '=', id)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** In the order in which their tickets are to be locked. */
export async function findProjectIds(tx: Kysely<Schema>, id: string): Promise<number[]> {
  const query = tx.selectFrom('projects').select('id').where('organization_id', '=', id);
  return (await query.orderBy('id').execute()).map((project) => project.id);
}

export async function remove(tx: Transaction<Schema>, id: string): Promise<void> {
  await tx.deleteFrom('organizations').where('id', '=', id).execute();
}
