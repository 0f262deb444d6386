import { sql } from 'kysely';
import { sequenceEvents } from '#platform/events/sequencer.ts';
import { SYSTEM } from '../../testing/fixtures.ts';
import type { TestApp } from '../../testing/test-app.ts';
import { projectReports } from './reports.project.service.ts';

/** Numbers all events and brings the figures of all projects up to them. */
export async function projectAll(app: Pick<TestApp, 'database' | 'parley'>): Promise<void> {
  for (let isBehind = true; isBehind; ) {
    while ((await sequenceEvents(app.database)).more);
    await projectReports((work) => app.parley.unitOfWork.run(SYSTEM, work));
    const { rows } = await sql`
      select 1 from event_counters c left join report_progress r on r.project_id = c.project_id
      join projects p on p.id = c.project_id
      where r.project_id is null or r.seq < c.last_seq or r.pass_after is not null or r.timezone <> p.timezone
      union all select 1 from events where seq is null`.execute(app.database.kysely);
    isBehind = rows.length > 0;
  }
}

/** The buckets that hold something, as `figure|tag|channel|assignee|day` with n and total. */
export async function heldFigures(
  app: Pick<TestApp, 'database'>,
  projectId = 1,
): Promise<Record<string, string>> {
  const { rows } = await sql<{ key: string; value: string }>`
    select concat_ws('|', figure, tag, channel_source, assignee, day) as key, n || '/' || total as value
    from report_buckets where project_id = ${projectId} and (n <> 0 or total <> 0) order by 1`.execute(
    app.database.kysely,
  );
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

/**
 * The same, counted from tickets, messages and activities by the database, in the time zone of the project. Knows
 * nothing of merges and imports.
 */
export async function trueFigures(
  app: Pick<TestApp, 'database'>,
  projectId = 1,
): Promise<Record<string, string>> {
  const { rows } = await sql<{ key: string; value: string }>`
    with shown as (
      select t.*, p.timezone, coalesce('user:' || t.assignee_user_id, 'role:' || t.assignee_role_id, '') as assignee
      from tickets t join projects p on p.id = t.project_id
      where t.project_id = ${projectId} and t.deleted_at is null
    ), public as (
      select m.*, m.author_type = 'support' as by_team from messages m where m.project_id = ${projectId} and not m.is_private
    ), firsts as (
      select ticket_id, min(created_at) filter (where not by_team) as asked,
        min(created_at) filter (where by_team) as answered from public group by 1
    ), changes as (
      select a.ticket_id, a.id, a.created_at, c ->> 'before' as before, c ->> 'after' as after
      from activities a, jsonb_array_elements(a.detail -> 'changes') c
      where a.project_id = ${projectId} and c ->> 'field' = 'status'
    ), counted as (
      select id as ticket_id, 'created' as figure, created_at as at, 0 as total from shown
      union all select ticket_id, case when by_team then 'replies' else 'customer_messages' end, created_at, 0 from public
      union all select ticket_id, 'first_response', answered, extract(epoch from answered - asked)::integer
        from firsts where asked < answered
      union all select ticket_id, 'resolved', created_at, 0 from changes where after = 'resolved'
      union all select ticket_id, 'reopened', created_at, 0 from changes where before = 'resolved'
      -- What was resolved before anything changed was made so.
      union all select id, 'resolved', created_at, 0 from shown s where 'resolved' = coalesce(
        (select c.before from changes c where c.ticket_id = s.id order by c.created_at, c.id limit 1), s.status)
      union all select id, 'resolution', resolved_at, extract(epoch from resolved_at - created_at)::integer
        from shown where status = 'resolved'
      union all select ticket_id, 'rated_' || rating, created_at, 0 from satisfaction_ratings where project_id = ${projectId}
      union all select ticket_id, 'score', created_at, score from satisfaction_ratings
        where project_id = ${projectId} and score is not null
      union all select id, 'sla_met', resolved_at, 0 from shown where status = 'resolved' and resolved_at <= sla_due_at
      union all select id, 'sla_breached', sla_due_at, 0 from shown where status = 'resolved' and resolved_at > sla_due_at
    )
    select concat_ws('|', figure, tag, channel, assigned, (c.at at time zone s.timezone)::date) as key,
      count(*) || '/' || sum(c.total) as value
    from counted c join shown s on s.id = c.ticket_id, unnest(array_prepend('', s.tags)) as tag,
      unnest(array['*', s.channel_source]) as channel, unnest(array['*', s.assignee]) as assigned
    group by figure, tag, channel, assigned, (c.at at time zone s.timezone)::date order by 1`.execute(
    app.database.kysely,
  );
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

/** Figures that `trueFigures` does not count, left out of what is held. */
export function comparable(figures: Record<string, string>): Record<string, string> {
  const left = Object.entries(figures).filter(([key]) => !/^(one_touch|\w+_business)\|/.test(key));
  return Object.fromEntries(left);
}
