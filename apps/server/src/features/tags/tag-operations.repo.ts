import { PLAN_ANEW } from '@parley/db/prepared-statements';
import type { Schema } from '@parley/db/schema';
import type { TagOperationsTable } from '@parley/db/tables-reports';
import {
  type Insertable,
  type Kysely,
  type Selectable,
  sql,
  type Transaction,
  type Updateable,
} from 'kysely';

export type TagOperationRow = Selectable<TagOperationsTable>;
type Tx = Transaction<Schema>;

/** Names one operation. */
export interface OperationKey {
  project_id: number;
  id: string;
}

export function insert(tx: Tx, row: Insertable<TagOperationsTable>): Promise<TagOperationRow> {
  return tx.insertInto('tag_operations').values(row).returningAll().executeTakeFirstOrThrow();
}

export function find(
  tx: Kysely<Schema>,
  { project_id, id }: OperationKey,
): Promise<TagOperationRow | undefined> {
  return tx
    .selectFrom('tag_operations')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('id', '=', id)
    .executeTakeFirst();
}

export function findPage(tx: Kysely<Schema>, projectId: number, page: { limit: number; offset: number }) {
  return tx
    .selectFrom('tag_operations')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

export async function count(tx: Kysely<Schema>, projectId: number): Promise<number> {
  const { n } = await tx
    .selectFrom('tag_operations')
    .select((eb) => eb.fn.countAll().as('n'))
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** Those of all projects that are not done, oldest first. */
export async function findRunning(tx: Tx, limit: number): Promise<OperationKey[]> {
  const { rows } = await sql<OperationKey>`
    /* system: tags.running */
    select project_id, id from tag_operations where state = 'running' order by created_at limit ${limit}`.execute(
    tx,
  );
  return rows;
}

/** Locks one that is not done; undefined while another process works on it. */
export function lockRunning(tx: Tx, { project_id, id }: OperationKey): Promise<TagOperationRow | undefined> {
  return tx
    .selectFrom('tag_operations')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('id', '=', id)
    .where('state', '=', 'running')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/** Locks all of a project that are not done, in the order in which batches may hold them. */
export function lockAllRunning(tx: Tx, projectId: number): Promise<TagOperationRow[]> {
  return tx
    .selectFrom('tag_operations')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('state', '=', 'running')
    .orderBy('id')
    .forUpdate()
    .execute();
}

export function update(
  tx: Tx,
  { project_id, id }: OperationKey,
  changes: Updateable<TagOperationsTable>,
): Promise<TagOperationRow> {
  return tx
    .updateTable('tag_operations')
    .set(changes)
    .where('project_id', '=', project_id)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface TaggedTicket {
  id: string;
  ticket_number: number;
  tags: string[];
}

/** The next tickets with one of the tags, deleted ones too, locked in the order of their ids. */
export async function lockTagged(tx: Tx, operation: TagOperationRow, limit: number): Promise<TaggedTicket[]> {
  const { project_id, from_tags, after_number } = operation;
  const next = await sql<{ id: string }>`
    ${sql.raw(PLAN_ANEW)} select t.id from tickets t
    where t.project_id = ${project_id} and t.ticket_number > ${after_number} and t.tags && ${from_tags}::text[]
    order by t.ticket_number limit ${limit}`.execute(tx);
  if (next.rows.length === 0) return [];
  const { rows } = await sql<TaggedTicket>`
    select t.id, t.ticket_number, t.tags from tickets t
    where t.project_id = ${project_id} and t.id = any(${next.rows.map(({ id }) => id)}::uuid[])
    order by t.id for update`.execute(tx);
  return rows;
}

/** Writes the tags of locked tickets. updated_at stays: nothing happened to a ticket that should move it in lists. */
export async function writeTags(
  tx: Tx,
  projectId: number,
  tickets: readonly { id: string; tags: readonly string[] }[],
): Promise<void> {
  const values = JSON.stringify(tickets.map(({ id, tags }) => ({ id, tags })));
  await sql`
    update tickets t set version = t.version + 1,
      tags = array(select e.tag from jsonb_array_elements_text(wanted.tags) with ordinality as e(tag, n) order by e.n)
    from jsonb_to_recordset(${values}::jsonb) as wanted(id uuid, tags jsonb)
    where t.project_id = ${projectId} and t.id = wanted.id`.execute(tx);
}

/** Marks names as on their way out. Answers those that were there and not marked yet. */
export async function retireNames(
  tx: Tx,
  { project_id, id }: OperationKey,
  names: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    update tags set operation_id = ${id} where project_id = ${project_id} and name = any(${[...names]}::text[])
      and operation_id is null returning name`.execute(tx);
  return rows.map(({ name }) => name);
}

/** The mark of a name: undefined when there is no such name, null when it is in use. */
export async function markOf(tx: Tx, projectId: number, name: string): Promise<string | null | undefined> {
  const query = tx.selectFrom('tags').select('operation_id').where('project_id', '=', projectId);
  return (await query.where('name', '=', name).executeTakeFirst())?.operation_id;
}

/**
 * Removes retired names unless a ticket has one. Whoever puts one on a ticket holds its row until the commit: the first
 * statement waits for them, and the second sees their ticket.
 */
export async function removeRetired(tx: Tx, operation: TagOperationRow): Promise<boolean> {
  const { project_id, from_tags } = operation;
  await sql`
    select name from tags where project_id = ${project_id} and name = any(${from_tags}::text[])
    order by name for update`.execute(tx);
  const { rows } = await sql`
    ${sql.raw(PLAN_ANEW)} select 1 from tickets t
    where t.project_id = ${project_id} and t.tags && ${from_tags}::text[] limit 1`.execute(tx);
  if (rows.length > 0) return false;
  await sql`
    delete from tags where project_id = ${project_id} and name = any(${from_tags}::text[])
      and operation_id = ${operation.id}`.execute(tx);
  return true;
}
