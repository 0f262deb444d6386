import { sql } from 'kysely';
import type { Sweep } from '#platform/sweeper.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { addUp, writeSums } from './ticket-counts.levels.ts';

/** Deltas taken into the cells in one pass. */
const FOLD_BATCH = 5000;

/** Moves waiting deltas into their cells and the sums of these. Returns how many it moved. */
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
    ), cells_written as (
      insert into ticket_count_cells as cell
        (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread, unread_tickets)
      select * from summed order by project_id, tag, deleted, status, priority, channel_source, assignee, snoozed
      on conflict (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed)
      do update set tickets = cell.tickets + excluded.tickets, unread = cell.unread + excluded.unread,
        unread_tickets = cell.unread_tickets + excluded.unread_tickets
    ), added as (${addUp(sql`summed`)}),
    sums_written as (${writeSums(sql`added`)})
    select count(*)::integer as folded from taken`.execute(uow.tx);
  return rows[0]?.folded ?? 0;
}

/** Cells that came to hold nothing are of no use. */
export async function dropEmptyCells(uow: Uow): Promise<void> {
  for (const table of ['ticket_count_cells', 'ticket_count_sums'])
    await sql`/* system: ticket_counts.drop_empty */
      delete from ${sql.table(table)} where tickets = 0 and unread = 0 and unread_tickets = 0`.execute(
      uow.tx,
    );
}

/** Every list reads all waiting deltas: few of them, and little of what folded ones left behind. */
const FOLD_EVERY_MS = 500;
const VACUUM_EVERY_MS = 5000;
const VACUUM_AFTER = 1000;

/** Folding, and clearing the pages of what was folded long before autovacuum's next round. */
export function ticketCountSweeps(
  run: (work: typeof foldTicketCounts) => Promise<number>,
  script: (text: string) => Promise<void>,
): Sweep[] {
  let folded = 0;
  const fold = async () => {
    const moved = await run(foldTicketCounts);
    folded += moved;
    return moved > 0;
  };
  const vacuum = async () => {
    if (folded < VACUUM_AFTER) return false;
    folded = 0;
    await script('vacuum (skip_locked) ticket_count_deltas, ticket_count_cells, ticket_count_sums');
    return false;
  };
  return [
    { name: 'ticket_counts.fold', everyMs: FOLD_EVERY_MS, run: fold },
    { name: 'ticket_counts.vacuum', everyMs: VACUUM_EVERY_MS, run: vacuum },
  ];
}
