import { sql } from 'kysely';
import { holdClaim } from '#platform/claim.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { BUCKETS, FIGURES, type Figure } from './report-figures.ts';

const KEY = sql.raw('figure, tag, channel_source, assignee, day');
/** The histogram of a group of contributions; null for those that are no durations. */
const HISTOGRAM = sql.raw(
  `case when max(bucket) is not null then array[${Array.from(
    { length: BUCKETS },
    (_, index) => `coalesce(sum(n) filter (where bucket = ${index}), 0)::integer`,
  ).join(', ')}] end`,
);

/**
 * Compares the buckets of one figure with what the project's tickets are remembered to add to it, and corrects them.
 * Returns how many were wrong. Figure by figure, so that nobody waits long: embedded, there is one connection.
 */
async function recountFigure(uow: Uow, projectId: number, figure: Figure): Promise<number> {
  await sql`set local statement_timeout = 0`.execute(uow.tx);
  await holdClaim(uow, `reports.recount:${projectId}`);
  // The projector waits: what is compared stands still.
  await sql`select seq from report_progress where project_id = ${projectId} for update`.execute(uow.tx);
  const { rows } = await sql<{ corrected: number }>`
    with contributions as (
      select f ->> 0 as figure, tag, r.channel_source, r.assignee, (f ->> 1)::date as day, (f ->> 2)::integer as n,
        (f ->> 3)::bigint as total, (f ->> 4)::integer as bucket
      from report_tickets r cross join lateral jsonb_array_elements(r.figures) as f
        cross join lateral unnest(array_prepend('', r.tags)) as tag
      where r.project_id = ${projectId} and f ->> 0 = ${figure}
    ), truth as (
      select figure, tag, coalesce(channel_source, '*') as channel_source, coalesce(assignee, '*') as assignee, day,
        sum(n) as n, sum(total) as total, ${HISTOGRAM} as histogram
      from contributions group by figure, tag, day, cube (channel_source, assignee)
    ), held as (
      select ${KEY}, n, total, histogram from report_buckets
      where project_id = ${projectId} and figure = ${figure} and (n <> 0 or total <> 0)
    ), wrong as (
      select ${KEY}, truth.n, truth.total, truth.histogram from truth left join held using (${KEY})
      where (truth.n, truth.total, truth.histogram) is distinct from (held.n, held.total, held.histogram)
      union all
      select ${KEY}, 0, 0, null from held left join truth using (${KEY}) where truth.n is null
    ), written as (
      insert into report_buckets (project_id, ${KEY}, n, total, histogram)
      select ${projectId}, ${KEY}, n, total, histogram from wrong
      on conflict (project_id, ${KEY}) do update
        set n = excluded.n, total = excluded.total, histogram = excluded.histogram
    )
    select count(*)::integer as corrected from wrong`.execute(uow.tx);
  await sql`
    delete from report_buckets where project_id = ${projectId} and figure = ${figure} and n = 0 and total = 0`.execute(
    uow.tx,
  );
  return rows[0]?.corrected ?? 0;
}

/** Asks for a look at all tickets of a project, which finds what no event told of. */
export async function requestPass(uow: Uow, projectId: number): Promise<void> {
  await sql`update report_progress set pass_after = 0 where project_id = ${projectId}`.execute(uow.tx);
}

/** Proves all figures of a project, then has its tickets looked at. Returns the buckets that were wrong. */
export async function recountReports(
  run: <T>(work: (uow: Uow) => Promise<T>) => Promise<T>,
  projectId: number,
): Promise<number> {
  let corrected = 0;
  for (const figure of FIGURES) corrected += await run((uow) => recountFigure(uow, projectId, figure));
  await run((uow) => requestPass(uow, projectId));
  return corrected;
}
