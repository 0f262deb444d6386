import { sql } from 'kysely';
import { type Project, requireUser } from '#platform/actor.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { isUnreadBy } from './unread-marks.sql.ts';

/** More than a badge can show. */
const CAP = 1000;

/**
 * Tickets of the caller's that they have not read: assigned to them, followed, or marked by them; none that is resolved,
 * as in the team's count. Each of the three is read through an index that holds no more than that person's.
 */
export async function countPersonalUnread(
  context: ReadContext,
  project: Project,
): Promise<{ count: number; count_capped?: true }> {
  if (!project.conversationsEnabled) return { count: 0 };
  const userId = requireUser(context.actor).id;
  const { rows } = await sql<{ n: number }>`
    with mine as (
      select a.id from tickets a
      where a.project_id = ${project.id} and a.assignee_user_id = ${userId}
        and a.deleted_at is null and a.status <> 'resolved'
      union
      select f.ticket_id from ticket_followers f where f.project_id = ${project.id} and f.user_id = ${userId}
      union
      select m.ticket_id from ticket_reads m
      where m.project_id = ${project.id} and m.user_id = ${userId} and m.read_at is null
    )
    select count(*)::integer as n from (
      select from mine join tickets t on t.project_id = ${project.id} and t.id = mine.id
      where t.deleted_at is null and t.status <> 'resolved' and ${isUnreadBy(sql`${userId}`)}
      limit ${CAP + 1}) as counted`.execute(context.tx);
  const count = rows[0]?.n ?? 0;
  return count > CAP ? { count: CAP, count_capped: true } : { count };
}
