import type { Schema, TicketsTable } from '@parley/db/schema';
import type { TicketMergesTable } from '@parley/db/tables-ticket-links';
import {
  type Insertable,
  type Kysely,
  type Selectable,
  sql,
  type Transaction,
  type Updateable,
} from 'kysely';
import { PERSON_OF_TICKET } from '#features/tickets/tickets.sql.ts';

export type MergeRow = Selectable<TicketMergesTable>;

export async function insert(tx: Transaction<Schema>, row: Insertable<TicketMergesTable>): Promise<void> {
  await tx.insertInto('ticket_merges').values(row).execute();
}

export function find(
  tx: Transaction<Schema>,
  projectId: number,
  sourceId: string,
): Promise<MergeRow | undefined> {
  return tx
    .selectFrom('ticket_merges')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('source_id', '=', sourceId)
    .executeTakeFirst();
}

export async function remove(tx: Transaction<Schema>, projectId: number, sourceId: string): Promise<void> {
  await tx
    .deleteFrom('ticket_merges')
    .where('project_id', '=', projectId)
    .where('source_id', '=', sourceId)
    .execute();
}

/** The merges of these tickets. */
export function findMany(
  tx: Kysely<Schema>,
  projectId: number,
  sourceIds: readonly string[],
): Promise<MergeRow[]> {
  return tx
    .selectFrom('ticket_merges')
    .selectAll()
    .where('project_id', '=', projectId)
    .where(sql<boolean>`source_id = any(${[...sourceIds]}::uuid[])`)
    .execute();
}

/** The merges right into these tickets. */
export function findInto(
  tx: Kysely<Schema>,
  projectId: number,
  targetIds: readonly string[],
): Promise<MergeRow[]> {
  return tx
    .selectFrom('ticket_merges')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('target_id', 'in', targetIds)
    .execute();
}

export async function setBrought(
  tx: Transaction<Schema>,
  merge: MergeRow,
  brought: Pick<MergeRow, 'added_tags' | 'added_cc'>,
): Promise<void> {
  await tx
    .updateTable('ticket_merges')
    .set(brought)
    .where('project_id', '=', merge.project_id)
    .where('source_id', '=', merge.source_id)
    .execute();
}

/** The tickets a ticket's thread goes on in, nearest first; without itself. */
export async function findTargets(tx: Kysely<Schema>, projectId: number, id: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive chain as (
      select t.merged_into_id as id, 1 as step from tickets t where t.project_id = ${projectId} and t.id = ${id}
      union all
      select t.merged_into_id, c.step + 1 from chain c
      join tickets t on t.project_id = ${projectId} and t.id = c.id
    )
    select id from chain where id is not null order by step`.execute(tx);
  return rows.map((row) => row.id);
}

/** Adds to what the merges of these sources brought to the unread counters of their head; never below zero. */
export async function addUnread(
  tx: Transaction<Schema>,
  projectId: number,
  sourceIds: readonly string[],
  added: { team: number; customer: number },
): Promise<void> {
  await sql`
    update ticket_merges m set
      unread_team = greatest(m.unread_team + ${added.team}, 0),
      unread_customer = greatest(m.unread_customer + ${added.customer}, 0)
    where m.project_id = ${projectId} and m.source_id = any(${[...sourceIds]}::uuid[])`.execute(tx);
}

/** Whose ticket it is, as far as that is proven. */
export interface Customer {
  id: string;
  distinct_id: string;
  email: string | null;
  /** The person it is shown with. */
  person_id: string | null;
}

export async function findCustomers(
  tx: Kysely<Schema>,
  projectId: number,
  ids: readonly string[],
): Promise<Customer[]> {
  const { rows } = await sql<Customer>`
    select t.id, t.distinct_id, lower(t.email_from) as email, p.id as person_id
    from tickets t left join lateral (${PERSON_OF_TICKET}) p on true
    where t.project_id = ${projectId} and t.id = any(${[...ids]}::uuid[])`.execute(tx);
  return rows;
}

export type Thread = Pick<Selectable<TicketsTable>, 'project_id' | 'id' | 'merged_ticket_ids'>;

export function lockThreads(
  tx: Transaction<Schema>,
  projectId: number,
  ids: readonly string[],
): Promise<Thread[]> {
  return tx
    .selectFrom('tickets')
    .select(['project_id', 'id', 'merged_ticket_ids'])
    .where('project_id', '=', projectId)
    .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
    .orderBy('id')
    .forUpdate()
    .execute();
}

export async function setFigures(
  tx: Transaction<Schema>,
  thread: Thread,
  figures: Updateable<TicketsTable>,
): Promise<void> {
  await tx
    .updateTable('tickets')
    .set({ ...figures, version: sql`version + 1` })
    .where('project_id', '=', thread.project_id)
    .where('id', '=', thread.id)
    .execute();
}
