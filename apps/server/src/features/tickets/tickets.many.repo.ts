import type { Schema } from '@parley/db/schema';
import { sql, type Transaction } from 'kysely';
import { ROW, type TicketChanges, type TicketRow } from './tickets.repo.ts';

/** The same changes of many locked tickets in one statement; answers them in the order in which they were given. */
export async function updateAll(
  tx: Transaction<Schema>,
  projectId: number,
  tickets: readonly TicketRow[],
  { updated_at, ...changes }: TicketChanges,
): Promise<TicketRow[]> {
  const rows = await tx
    .updateTable('tickets')
    .set({
      ...changes,
      ...(updated_at ? { updated_at: sql`greatest(updated_at, ${updated_at}::timestamptz)` } : {}),
      version: sql`version + 1`,
    })
    .where('project_id', '=', projectId)
    .where(sql<boolean>`id = any(${tickets.map(({ id }) => id)}::uuid[])`)
    .returning(ROW)
    .execute();
  const after = new Map(rows.map((row) => [row.id, row]));
  return tickets.flatMap(({ id }) => after.get(id) ?? []);
}

interface Wanted {
  ticket: TicketRow;
  changes: TicketChanges;
}

/**
 * Changes of locked tickets of one project in one statement, however they differ; at most as many as a bulk action takes
 * (500). Answers the tickets in the order in which they were given, each of them once.
 */
export async function updateEach(tx: Transaction<Schema>, wanted: readonly Wanted[]): Promise<TicketRow[]> {
  const [first] = wanted;
  if (!first) return [];
  const { project_id } = first.ticket;
  const kinds = new Set(wanted.map(({ changes }) => JSON.stringify(changes)));
  const tickets = wanted.map(({ ticket }) => ticket);
  const rows =
    kinds.size === 1
      ? await updateAll(tx, project_id, tickets, first.changes)
      : await updateApart(tx, project_id, wanted);
  const after = new Map(rows.map((row) => [row.id, row]));
  return tickets.map(({ id }) => {
    const row = after.get(id);
    if (!row) throw new Error('A locked ticket was not changed.');
    return row;
  });
}

type Change = [column: string, value: unknown];

/** Written as text that is JSON. */
const JSON_COLUMNS: ReadonlySet<string> = new Set(['anonymous_traits', 'session_context', 'cc_participants']);

function changesOf(changes: TicketChanges): Change[] {
  return Object.entries(changes).flatMap(([name, value]: Change): Change[] => {
    if (value === undefined) return [];
    return [[name, JSON_COLUMNS.has(name) && typeof value === 'string' ? JSON.parse(value) : value]];
  });
}

/** Every column that any of the tickets changes; the others keep it. */
async function updateApart(
  tx: Transaction<Schema>,
  projectId: number,
  wanted: readonly Wanted[],
): Promise<TicketRow[]> {
  const all = wanted.map(({ ticket: { id }, changes }) => ({ id, changes: changesOf(changes) }));
  const columns = new Set(all.flatMap(({ changes }) => changes.map(([name]) => name)));
  const values = all.map(({ id, changes }) => ({ ...Object.fromEntries(changes), id }));
  const set = [...columns].map((name) => {
    const [old, fresh] = [sql.ref(`t.${name}`), sql.ref(`fresh.${name}`)];
    const given = name === 'updated_at' ? sql`greatest(${old}, ${fresh})` : fresh;
    return sql`${sql.ref(name)} = case when one.given ? ${sql.lit(name)} then ${given} else ${old} end`;
  });
  const { rows } = await sql<TicketRow>`
    update tickets t set ${sql.join([...set, sql`version = t.version + 1`])}
    from jsonb_array_elements(${JSON.stringify(values)}::jsonb) as one(given)
    cross join lateral jsonb_populate_record(null::tickets, one.given) as fresh
    where t.project_id = ${projectId} and t.id = fresh.id
    returning ${sql.join(ROW.map((name) => sql.ref(`t.${name}`)))}`.execute(tx);
  return rows;
}
