import type { Schema } from '@parley/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { UserColumns } from '#features/auth/users.sql.ts';
import { ACCESS } from '#features/projects/access.sql.ts';

export interface FollowerRow extends UserColumns {
  added_by: number | null;
  followed_at: Date;
}

/** Who follows one ticket, longest first; one of them when a user is given. */
export async function findMany(
  tx: Kysely<Schema>,
  ticket: { project_id: number; id: string },
  userId?: number,
): Promise<FollowerRow[]> {
  const { rows } = await sql<FollowerRow>`
    select u.id, u.uuid, u.first_name, u.last_name, u.email, u.email_verified, f.added_by, f.created_at as followed_at
    from ticket_followers f join users u on u.id = f.user_id
    where f.project_id = ${ticket.project_id} and f.ticket_id = ${ticket.id}
      ${userId === undefined ? sql`` : sql`and f.user_id = ${userId}`}
    order by f.created_at, u.id`.execute(tx);
  return rows;
}

/** Answers those who did not follow it yet. */
export async function insert(
  tx: Transaction<Schema>,
  ticket: { project_id: number; id: string },
  userIds: readonly number[],
  addedBy: number | null,
  now: Date,
): Promise<number[]> {
  const { rows } = await sql<{ user_id: number }>`
    insert into ticket_followers (project_id, ticket_id, user_id, added_by, created_at)
    select ${ticket.project_id}, ${ticket.id}::uuid, user_id, ${addedBy}::integer, ${now}::timestamptz
    from unnest(${[...userIds]}::integer[]) as user_id
    on conflict (project_id, ticket_id, user_id) do nothing
    returning user_id`.execute(tx);
  return rows.map((row) => row.user_id);
}

/** False for who did not follow it. */
export async function remove(
  tx: Transaction<Schema>,
  ticket: { project_id: number; id: string },
  userId: number,
): Promise<boolean> {
  const row = await tx
    .deleteFrom('ticket_followers')
    .where('project_id', '=', ticket.project_id)
    .where('ticket_id', '=', ticket.id)
    .where('user_id', '=', userId)
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function removeUser(tx: Transaction<Schema>, projectId: number, userId: number): Promise<void> {
  await tx
    .deleteFrom('ticket_followers')
    .where('project_id', '=', projectId)
    .where('user_id', '=', userId)
    .execute();
}

/**
 * Those of the users who may see the project. Their memberships are held until the transaction ends: whoever removes
 * one first takes what hangs on it along.
 */
export async function holdReaders(
  tx: Transaction<Schema>,
  project: { id: number; organizationId: string },
  userIds: readonly number[],
): Promise<number[]> {
  const { rows } = await sql<{ user_id: number }>`
    select m.user_id from memberships m
    left join project_access a on a.project_id = ${project.id} and a.user_id = m.user_id
    where m.organization_id = ${project.organizationId} and m.user_id = any(${[...userIds]}::integer[])
      and ${ACCESS} <> 'none'
    order by m.user_id for key share of m`.execute(tx);
  return rows.map((row) => row.user_id);
}

/** Who follows a ticket or one that was merged into it, of those who may still see the project. */
export async function findReaders(
  tx: Kysely<Schema>,
  projectId: number,
  ticketId: string,
): Promise<number[]> {
  const { rows } = await sql<{ user_id: number }>`
    select distinct f.user_id from tickets t
    join ticket_followers f on f.project_id = t.project_id
      and (f.ticket_id = t.id or f.ticket_id = any(t.merged_ticket_ids))
    join projects p on p.id = t.project_id
    join memberships m on m.organization_id = p.organization_id and m.user_id = f.user_id
    left join project_access a on a.project_id = t.project_id and a.user_id = f.user_id
    where t.project_id = ${projectId} and t.id = ${ticketId} and ${ACCESS} <> 'none'
    order by f.user_id`.execute(tx);
  return rows.map((row) => row.user_id);
}
