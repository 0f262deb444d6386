import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';
import { addUp, SUM_KEY, writeSums } from './ticket-counts.levels.ts';

/**
 * Compares the cells and deltas of a project with its tickets and corrects what differs, by appending deltas; then the
 * sums with the cells that they are of. Returns how many cells and sums were wrong. Nobody waits for it: the statement
 * sees one snapshot, in which every change of a ticket is there with its deltas or not at all. The lock only keeps a
 * second recount from making the same corrections.
 */
export async function recountTickets(uow: Uow, projectId: number): Promise<number> {
  // It reads every ticket of the project once.
  await sql`set local statement_timeout = 0`.execute(uow.tx);
  const name = `ticket_counts.recount:${projectId}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(uow.tx);
  const dimensions = sql.raw('project_id, tag, deleted, status, priority, channel_source, assignee, snoozed');
  const figures = sql.raw('tickets, unread, unread_tickets');
  const { rows } = await sql<{ corrected: number }>`
    with truth as (
      select t.project_id, tag, t.deleted_at is not null as deleted, t.status, coalesce(t.priority, '') as priority,
        t.channel_source, coalesce('user:' || t.assignee_user_id, 'role:' || t.assignee_role_id, '') as assignee,
        t.snoozed_until is not null as snoozed, count(*) as tickets, sum(t.unread_team_count) as unread,
        count(*) filter (where t.unread_team_count > 0) as unread_tickets
      from tickets t, unnest(array_prepend('', t.tags)) as tag
      where t.project_id = ${projectId} group by 1, 2, 3, 4, 5, 6, 7, 8
    ), held as (
      select ${dimensions}, ${figures} from ticket_count_cells where project_id = ${projectId}
      union all
      select ${dimensions}, ${figures} from ticket_count_deltas where project_id = ${projectId}
    ), difference as (
      select ${dimensions}, sum(tickets) as tickets, sum(unread) as unread, sum(unread_tickets) as unread_tickets from (
        select ${dimensions}, ${figures} from truth
        union all
        select ${dimensions}, -tickets, -unread, -unread_tickets from held
      ) both_sides group by ${dimensions} having sum(tickets) <> 0 or sum(unread) <> 0
        or sum(unread_tickets) <> 0
    ), written as (
      insert into ticket_count_deltas (${dimensions}, ${figures}) select ${dimensions}, ${figures} from difference
    )
    select count(*)::integer as corrected from difference`.execute(uow.tx);
  return (rows[0]?.corrected ?? 0) + (await mendSums(uow, projectId));
}

/** A fold meanwhile adds the same to cells and sums, so what lacks is lacking still. */
async function mendSums(uow: Uow, projectId: number): Promise<number> {
  const cells = sql`ticket_count_cells where project_id = ${projectId}`;
  const { rows } = await sql<{ mended: number }>`
    with difference as (
      select ${SUM_KEY}, sum(tickets) as tickets, sum(unread) as unread, sum(unread_tickets) as unread_tickets from (
        ${addUp(cells)}
        union all
        select ${SUM_KEY}, -tickets, -unread, -unread_tickets from ticket_count_sums where project_id = ${projectId}
      ) both_sides group by ${SUM_KEY}
      having sum(tickets) <> 0 or sum(unread) <> 0 or sum(unread_tickets) <> 0
    ), written as (${writeSums(sql`difference`)})
    select count(*)::integer as mended from difference`.execute(uow.tx);
  return rows[0]?.mended ?? 0;
}
