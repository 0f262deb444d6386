import type { Schema } from '@parley/db/schema';
import { type Kysely, sql } from 'kysely';
import { ACCESS } from '#features/projects/access.sql.ts';

/** Who has to do with a ticket. */
export interface Audience {
  ticket_id: string;
  assignee_user_id: number | null;
  /** Members of the role it is assigned to. */
  role_user_ids: number[];
  /** Also of the tickets merged into it. */
  follower_ids: number[];
}

/** Those of the tickets that are not deleted. */
export async function findAudiences(
  tx: Kysely<Schema>,
  projectId: number,
  ticketIds: readonly string[],
): Promise<Audience[]> {
  const { rows } = await sql<Audience>`
    select t.id as ticket_id, t.assignee_user_id,
      array(select r.user_id from role_members r where r.role_id = t.assignee_role_id) as role_user_ids,
      array(select distinct f.user_id from ticket_followers f where f.project_id = t.project_id
        and f.ticket_id = any(array_append(t.merged_ticket_ids, t.id))) as follower_ids
    from tickets t
    where t.project_id = ${projectId} and t.id = any(${[...ticketIds]}::uuid[]) and t.deleted_at is null`.execute(
    tx,
  );
  return rows;
}

export async function findRoleMembers(
  tx: Kysely<Schema>,
  roleIds: readonly string[],
): Promise<{ role_id: string; user_id: number }[]> {
  if (roleIds.length === 0) return [];
  return tx
    .selectFrom('role_members')
    .select(['role_id', 'user_id'])
    .where('role_id', 'in', roleIds)
    .execute();
}

/** Those of the users who may see the project; without a list, all who may. */
export async function findReaders(
  tx: Kysely<Schema>,
  projectId: number,
  userIds?: readonly number[],
): Promise<number[]> {
  const { rows } = await sql<{ user_id: number }>`
    select m.user_id from projects p
    join memberships m on m.organization_id = p.organization_id
    left join project_access a on a.project_id = p.id and a.user_id = m.user_id
    where p.id = ${projectId} and ${ACCESS} <> 'none'
      ${userIds === undefined ? sql`` : sql`and m.user_id = any(${[...userIds]}::integer[])`}`.execute(tx);
  return rows.map((row) => row.user_id);
}

/** Of the messages, those that did not open their ticket. */
export async function findAnswers(
  tx: Kysely<Schema>,
  projectId: number,
  messageIds: readonly string[],
): Promise<Set<string>> {
  if (messageIds.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select m.id from messages m
    join tickets t on t.project_id = m.project_id and t.id = m.ticket_id
    where m.project_id = ${projectId} and m.id = any(${[...messageIds]}::uuid[])
      and (m.created_at > t.created_at or exists (
        select from messages b where b.project_id = m.project_id and b.ticket_id = m.ticket_id
          and b.created_at < m.created_at))`.execute(tx);
  return new Set(rows.map((row) => row.id));
}

/** Which of the users have read which of the messages already: those who had the ticket open when it came. */
export async function findReadMessages(
  tx: Kysely<Schema>,
  projectId: number,
  messageIds: readonly string[],
  userIds: readonly number[],
): Promise<{ message_id: string; user_id: number }[]> {
  if (messageIds.length === 0 || userIds.length === 0) return [];
  const { rows } = await sql<{ message_id: string; user_id: number }>`
    select m.id as message_id, r.user_id from messages m
    join ticket_reads r on r.project_id = m.project_id and r.ticket_id = m.ticket_id
      and r.user_id = any(${[...userIds]}::integer[])
    where m.project_id = ${projectId} and m.id = any(${[...messageIds]}::uuid[])
      and r.read_at >= m.created_at`.execute(tx);
  return rows;
}
