import { type RawBuilder, sql } from 'kysely';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';

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

/** One statement, one snapshot: a fold in between can't be counted twice or missed. */
function cellSum(
  projectId: number,
  figure: Figure,
  selection: FacetSelection,
): RawBuilder<{ total: number }> {
  const where = sql.join([sql`project_id = ${projectId}`, ...conditionsOf(selection)], sql` and `);
  const column = sql.ref(figure);
  return sql`
    select coalesce(sum(part.n), 0)::bigint as total from (
      select ${column} as n from ticket_count_cells where ${where}
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

/** Tickets and unread messages of several selections, in their order: one statement that reads their cells once. */
export async function sumManyByFacets(
  context: ReadContext,
  projectId: number,
  selections: readonly FacetSelection[],
): Promise<FacetSums[]> {
  if (selections.length === 0) return [];
  const tags = [...new Set(selections.map(({ tag = '' }) => tag))];
  const columns = sql`tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread,
    unread_tickets`;
  const where = sql`project_id = ${projectId} and tag = any(${tags}::text[])`;
  const sums = selections.map((selection) => {
    const filter = sql`filter (where ${sql.join(conditionsOf(selection), sql` and `)})`;
    const tickets = sql.ref(ticketsOf(selection));
    return sql`json_build_array(coalesce(sum(${tickets}) ${filter}, 0), coalesce(sum(unread) ${filter}, 0))`;
  });
  const { rows } = await sql<{ sums: [number, number][] }>`
    select json_build_array(${sql.join(sums)}) as sums from (
      select ${columns} from ticket_count_cells where ${where}
      union all
      select ${columns} from ticket_count_deltas where ${where}
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
      select tag, tickets from ticket_count_cells where ${where}
      union all
      select tag, tickets from ticket_count_deltas where ${where}
    ) part group by tag`.execute(context.tx);
  return new Map(rows.map(({ tag, n }) => [tag, n]));
}

/** Deltas taken into the cells in one pass. */
const FOLD_BATCH = 5000;

/** Moves waiting deltas into their cells. Returns how many it moved. */
export async function foldTicketCounts(uow: Uow): Promise<number> {
  const { rows } = await sql<{ folded: number }>`
    /* system: ticket_counts.fold */
    with taken as (
      delete from ticket_count_deltas where (project_id, id) in (
        select project_id, id from ticket_count_deltas order by project_id, id limit ${FOLD_BATCH} for update skip locked)
      returning *
    ), summed as (
      select project_id, tag, deleted, status, priority, channel_source, assignee, snoozed,
        sum(tickets) as tickets, sum(unread) as unread, sum(unread_tickets) as unread_tickets
      from taken group by project_id, tag, deleted, status, priority, channel_source, assignee, snoozed
      having sum(tickets) <> 0 or sum(unread) <> 0 or sum(unread_tickets) <> 0
    ), written as (
      insert into ticket_count_cells as cell
        (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread, unread_tickets)
      select * from summed order by project_id, tag, deleted, status, priority, channel_source, assignee, snoozed
      on conflict (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed)
      do update set tickets = cell.tickets + excluded.tickets, unread = cell.unread + excluded.unread,
        unread_tickets = cell.unread_tickets + excluded.unread_tickets
    )
    select count(*)::integer as folded from taken`.execute(uow.tx);
  return rows[0]?.folded ?? 0;
}

/** Cells that came to hold nothing are of no use. */
export async function dropEmptyCells(uow: Uow): Promise<void> {
  await sql`/* system: ticket_counts.drop_empty */
    delete from ticket_count_cells where tickets = 0 and unread = 0 and unread_tickets = 0`.execute(uow.tx);
}
