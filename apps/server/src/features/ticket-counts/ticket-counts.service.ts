import { type RawBuilder, sql } from 'kysely';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { CELLS, type Facet, levelOf } from './ticket-counts.levels.ts';

/** A selection the cells can count: every dimension that is named must be one of these. */
export interface FacetSelection {
  deleted: boolean;
  statuses?: readonly string[] | undefined;
  priorities?: readonly string[] | undefined;
  channels?: readonly string[] | undefined;
  /** `user:3`, `role:<uuid>`, or '' for unassigned. */
  assignees?: readonly string[] | undefined;
  snoozed?: boolean | undefined;
  tag?: string | undefined;
  /** Only tickets that hold unread messages. Not a dimension of the cells but a figure in them. */
  unread?: boolean | undefined;
}

type Figure = 'tickets' | 'unread' | 'unread_tickets';

const ticketsOf = ({ unread }: FacetSelection): Figure => (unread ? 'unread_tickets' : 'tickets');

/** Counts tickets exactly at every size, without looking at one (decisions.md 14). */
export async function countByFacets(
  context: ReadContext,
  projectId: number,
  selection: FacetSelection,
): Promise<number> {
  return sumCells(context, projectId, ticketsOf(selection), selection);
}

/** The same as a query of one row and column, to be part of another statement. */
export function facetCount(projectId: number, selection: FacetSelection): RawBuilder<{ total: number }> {
  return cellSum(projectId, ticketsOf(selection), selection);
}

/** Unread messages of tickets that are neither resolved nor deleted. */
export async function sumUnread(context: ReadContext, projectId: number): Promise<number> {
  return sumCells(context, projectId, 'unread', {
    deleted: false,
    statuses: ['new', 'open', 'pending', 'on_hold'],
  });
}

/** What a selection asks of a cell or a delta, besides its project. */
function conditionsOf(selection: FacetSelection): RawBuilder<unknown>[] {
  const { deleted, statuses, priorities, channels, assignees, snoozed, tag = '' } = selection;
  return [
    sql`tag = ${tag}`,
    sql`deleted = ${deleted}`,
    ...(statuses ? [sql`status = any(${[...statuses]}::text[])`] : []),
    ...(priorities ? [sql`priority = any(${[...priorities]}::text[])`] : []),
    ...(channels ? [sql`channel_source = any(${[...channels]}::text[])`] : []),
    ...(assignees ? [sql`assignee = any(${[...assignees]}::text[])`] : []),
    ...(snoozed === undefined ? [] : [sql`snoozed = ${snoozed}`]),
  ];
}

function facetsNamed({ statuses, priorities, channels, assignees, snoozed }: FacetSelection): Facet[] {
  return [
    ...(statuses ? (['status'] as const) : []),
    ...(priorities ? (['priority'] as const) : []),
    ...(channels ? (['channel_source'] as const) : []),
    ...(assignees ? (['assignee'] as const) : []),
    ...(snoozed === undefined ? [] : (['snoozed'] as const)),
  ];
}

/** One statement, one snapshot: a fold in between can't be counted twice or missed. */
function cellSum(
  projectId: number,
  figure: Figure,
  selection: FacetSelection,
): RawBuilder<{ total: number }> {
  const where = sql.join([sql`project_id = ${projectId}`, ...conditionsOf(selection)], sql` and `);
  const column = sql.ref(figure);
  const level = levelOf(facetsNamed(selection));
  const held =
    level === CELLS
      ? sql`ticket_count_cells where ${where}`
      : sql`ticket_count_sums where level = ${sql.lit(level)} and ${where}`;
  return sql`
    select coalesce(sum(part.n), 0)::bigint as total from (
      select ${column} as n from ${held}
      union all
      select ${column} as n from ticket_count_deltas where ${where}
    ) part`;
}

async function sumCells(
  context: ReadContext,
  projectId: number,
  figure: Figure,
  selection: FacetSelection,
): Promise<number> {
  const { rows } = await cellSum(projectId, figure, selection).execute(context.tx);
  return Number(rows[0]?.total ?? 0);
}

export interface FacetSums {
  tickets: number;
  unread: number;
}

function ofTags(projectId: number, selections: readonly FacetSelection[]): RawBuilder<unknown> {
  const tags = [...new Set(selections.map(({ tag = '' }) => tag))];
  return sql`project_id = ${projectId} and tag = any(${tags}::text[])`;
}

/** Tickets and unread messages of several selections, in their order: one statement that reads their cells once. */
export async function sumManyByFacets(
  context: ReadContext,
  projectId: number,
  selections: readonly FacetSelection[],
): Promise<FacetSums[]> {
  if (selections.length === 0) return [];
  const columns = sql`tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread,
    unread_tickets`;
  const leveled = selections.map((selection) => ({ selection, level: levelOf(facetsNamed(selection)) }));
  const sources = [...new Set(leveled.map(({ level }) => level))].map((level) => {
    const where = ofTags(
      projectId,
      leveled.filter((one) => one.level === level).map((one) => one.selection),
    );
    return level === CELLS
      ? sql`select ${sql.lit(level)} as level, ${columns} from ticket_count_cells where ${where}`
      : sql`select level, ${columns} from ticket_count_sums where level = ${sql.lit(level)} and ${where}`;
  });
  const sums = leveled.map(({ selection, level }) => {
    // A delta counts for every level.
    const conditions = [
      sql`coalesce(level, ${sql.lit(level)}) = ${sql.lit(level)}`,
      ...conditionsOf(selection),
    ];
    const filter = sql`filter (where ${sql.join(conditions, sql` and `)})`;
    const tickets = sql.ref(ticketsOf(selection));
    return sql`json_build_array(coalesce(sum(${tickets}) ${filter}, 0), coalesce(sum(unread) ${filter}, 0))`;
  });
  const { rows } = await sql<{ sums: [number, number][] }>`
    select json_build_array(${sql.join(sums)}) as sums from (
      ${sql.join(sources, sql` union all `)}
      union all
      select null, ${columns} from ticket_count_deltas where ${ofTags(projectId, selections)}
    ) part`.execute(context.tx);
  return (rows[0]?.sums ?? []).map(([tickets, unread]) => ({ tickets, unread }));
}

/** Tickets that have each of the tags, without deleted ones. */
export async function countByTag(
  context: ReadContext,
  projectId: number,
  tags: readonly string[],
): Promise<Map<string, number>> {
  const where = sql`project_id = ${projectId} and tag = any(${[...tags]}::text[]) and not deleted`;
  const { rows } = await sql<{ tag: string; n: number }>`
    select tag, sum(tickets)::bigint as n from (
      select tag, tickets from ticket_count_sums where level = ${sql.lit(levelOf([]))} and ${where}
      union all
      select tag, tickets from ticket_count_deltas where ${where}
    ) part group by tag`.execute(context.tx);
  return new Map(rows.map(({ tag, n }) => [tag, n]));
}
