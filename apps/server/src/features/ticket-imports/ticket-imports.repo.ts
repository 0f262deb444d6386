import { IMPORT_PROBLEMS_MAX, type ImportProblem } from '@parley/contract/ticket-imports';
import type { Schema } from '@parley/db/schema';
import type { TicketImportsTable } from '@parley/db/tables-audit';
import type { Kysely, Selectable, Transaction, Updateable } from 'kysely';

export type ImportRecord = Selectable<TicketImportsTable>;

export async function insert(
  tx: Transaction<Schema>,
  row: Pick<ImportRecord, 'project_id' | 'id' | 'mode' | 'created_by'>,
  now: Date,
): Promise<ImportRecord> {
  return tx
    .insertInto('ticket_imports')
    .values({ ...row, state: 'running', created_at: now, updated_at: now })
    .returningAll()
    .executeTakeFirstOrThrow();
}

function select(tx: Kysely<Schema>, projectId: number, id: string) {
  return tx.selectFrom('ticket_imports').selectAll().where('project_id', '=', projectId).where('id', '=', id);
}

export function find(tx: Kysely<Schema>, projectId: number, id: string): Promise<ImportRecord | undefined> {
  return select(tx, projectId, id).executeTakeFirst();
}

export function lock(
  tx: Transaction<Schema>,
  projectId: number,
  id: string,
): Promise<ImportRecord | undefined> {
  return select(tx, projectId, id).forUpdate().executeTakeFirst();
}

export function update(
  tx: Transaction<Schema>,
  { project_id, id }: Pick<ImportRecord, 'project_id' | 'id'>,
  changes: Updateable<Omit<TicketImportsTable, 'project_id' | 'id'>>,
): Promise<ImportRecord> {
  return tx
    .updateTable('ticket_imports')
    .set(changes)
    .where('project_id', '=', project_id)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The first problems of an import, in the order in which they were met. */
export async function findProblems(
  tx: Kysely<Schema>,
  projectId: number,
  importId: string,
): Promise<ImportProblem[]> {
  return tx
    .selectFrom('ticket_import_problems')
    .select(['line', 'field', 'code', 'detail', 'loaded'])
    .where('project_id', '=', projectId)
    .where('import_id', '=', importId)
    .orderBy('id')
    .execute();
}

/** Keeps problems, as long as there is room. The import is locked. */
export async function insertProblems(
  tx: Transaction<Schema>,
  { project_id, id: import_id }: Pick<ImportRecord, 'project_id' | 'id'>,
  problems: readonly ImportProblem[],
): Promise<void> {
  if (problems.length === 0) return;
  const { n } = await tx
    .selectFrom('ticket_import_problems')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('project_id', '=', project_id)
    .where('import_id', '=', import_id)
    .executeTakeFirstOrThrow();
  const kept = problems.slice(0, Math.max(0, IMPORT_PROBLEMS_MAX - Number(n)));
  if (kept.length === 0) return;
  const rows = kept.map((problem, index) => ({
    ...problem,
    project_id,
    import_id,
    id: Number(n) + index + 1,
  }));
  await tx.insertInto('ticket_import_problems').values(rows).execute();
}
