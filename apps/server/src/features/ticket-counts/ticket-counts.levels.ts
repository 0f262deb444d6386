import { type RawBuilder, sql } from 'kysely';

/** Facets that a selection may name besides its tag and whether the tickets are deleted. */
export type Facet = 'status' | 'priority' | 'channel_source' | 'assignee' | 'snoozed';

/**
 * What ticket_count_sums adds the cells up to, the smallest level first. Chosen for the lists that agents live in:
 * everything and a status, anybody's tickets, and a status with a priority or a channel. Other combinations read cells.
 */
const LEVELS: readonly { level: number; keeps: readonly Facet[] }[] = [
  { level: 1, keeps: ['status', 'snoozed'] },
  { level: 2, keeps: ['status', 'snoozed', 'assignee'] },
  { level: 3, keeps: ['status', 'priority', 'channel_source'] },
];

/** The level of the cells themselves. */
export const CELLS = 0;

/** The level with the fewest rows that still knows each of the facets. */
export function levelOf(named: readonly Facet[]): number {
  return LEVELS.find(({ keeps }) => named.every((facet) => keeps.includes(facet)))?.level ?? CELLS;
}

/** Columns that tell one row of ticket_count_sums from another. */
export const SUM_KEY = sql.raw(
  'project_id, tag, deleted, level, status, priority, channel_source, assignee, snoozed',
);

/** Rows like those of ticket_count_sums, added up from an item with the columns of cells. */
export function addUp(cells: RawBuilder<unknown>): RawBuilder<unknown> {
  const sets = LEVELS.map(({ keeps }) => sql`(project_id, tag, deleted, ${sql.raw(keeps.join(', '))})`);
  // grouping() is 0 where all of its columns are kept. A set that keeps more than another is asked for first.
  const levels = LEVELS.toReversed().map(
    ({ level, keeps }) => sql`when grouping(${sql.raw(keeps.join(', '))}) = 0 then ${sql.raw(String(level))}`,
  );
  return sql`
    select project_id, tag, deleted,
      case ${sql.join(levels, sql` `)} end::smallint as level,
      status, coalesce(priority, '') as priority, coalesce(channel_source, '') as channel_source,
      coalesce(assignee, '') as assignee, coalesce(snoozed, false) as snoozed,
      sum(tickets) as tickets, sum(unread) as unread, sum(unread_tickets) as unread_tickets
    from ${cells} group by grouping sets (${sql.join(sets)})
    having sum(tickets) <> 0 or sum(unread) <> 0 or sum(unread_tickets) <> 0`;
}

/** Adds rows of that kind, in one order, so that two who do so at once cannot wait for each other. */
export function writeSums(rows: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    insert into ticket_count_sums as kept (${SUM_KEY}, tickets, unread, unread_tickets)
    select ${SUM_KEY}, tickets, unread, unread_tickets from ${rows} order by ${SUM_KEY}
    on conflict (${SUM_KEY}) do update set tickets = kept.tickets + excluded.tickets,
      unread = kept.unread + excluded.unread, unread_tickets = kept.unread_tickets + excluded.unread_tickets`;
}
