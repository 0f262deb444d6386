import { CHANNEL_SOURCES } from '@parley/contract/tickets';
import { PLAN_ANEW } from '@parley/db/prepared-statements';
import type { Schema } from '@parley/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { ALL } from './report-buckets.repo.ts';
import { BUCKETS, type Figure, isDuration } from './report-figures.ts';
import type { ReportQuestion } from './report-query.ts';
import type { Summed } from './report-shapes.ts';

export interface FigureSum extends Summed {
  /** What the question groups by; null when it does not. */
  key: string | null;
  /** The first day of the interval, or `before` for all that is before the first day asked for. */
  period: string;
}

const BEFORE = 'before';
const HISTOGRAM = sql.raw(
  `array[${Array.from({ length: BUCKETS }, (_, index) => `sum(b.histogram[${index + 1}])`).join(', ')}]::integer[]`,
);

/**
 * Sums of some figures by interval and group, and of the time before: of as many days, or of all there were. Only
 * buckets are read, and of them the few rows that are summed up as far as the question allows.
 */
export async function readSums(
  tx: Kysely<Schema>,
  projectId: number,
  question: ReportQuestion,
  figures: readonly Figure[],
  reach: 'previous' | 'all',
): Promise<FigureSum[]> {
  const { from, to, previousFrom, interval } = question;
  const key = keyOf(question);
  // Twenty-four sums per row: not where there is nothing to add.
  const histogram = figures.some(isDuration) ? HISTOGRAM : sql`null`;
  const { rows } = await sql<FigureSum>`
    ${sql.raw(PLAN_ANEW)} select ${key} as key,
      case when b.day < ${from}::date then ${BEFORE} else date_trunc(${interval}, b.day::timestamp)::date::text end as period,
      b.figure, sum(b.n)::bigint as n, sum(b.total)::bigint as total, ${histogram} as histogram
    from report_buckets b
    where b.project_id = ${projectId} and b.figure = any(${[...figures]}::text[])
      and ${onTag(projectId, question)} and ${onChannel(question)} and ${onAssignee(question)}
      and b.day <= ${to}::date ${reach === 'all' ? sql`` : sql`and b.day >= ${previousFrom}::date`}
    group by 1, 2, 3`.execute(tx);
  return rows;
}

export const isBefore = ({ period }: FigureSum): boolean => period === BEFORE;

function keyOf({ groupBy }: ReportQuestion): RawBuilder<unknown> {
  if (groupBy === 'none') return sql`null::text`;
  if (groupBy === 'tag') return sql`b.tag`;
  return groupBy === 'channel' ? sql`b.channel_source` : sql`b.assignee`;
}

function onTag(projectId: number, { groupBy, tag }: ReportQuestion): RawBuilder<unknown> {
  if (tag !== undefined || groupBy !== 'tag') return sql`b.tag = ${tag ?? ''}`;
  // By name, so that the index leads to each.
  return sql`b.tag = any(array(
    select g.name from tags g where g.project_id = ${projectId} and g.operation_id is null))`;
}

function onChannel({ groupBy, channels }: ReportQuestion): RawBuilder<unknown> {
  const wanted = channels ?? (groupBy === 'channel' ? CHANNEL_SOURCES : [ALL]);
  return sql`b.channel_source = any(${[...wanted]}::text[])`;
}

function onAssignee({ groupBy, assignees }: ReportQuestion): RawBuilder<unknown> {
  if (!assignees && groupBy === 'assignee') return sql`b.assignee <> ${ALL}`;
  return sql`b.assignee = any(${[...(assignees ?? [ALL])]}::text[])`;
}

/** Names of those a report groups by, by `user:3` and `role:<uuid>`. */
export async function readNames(
  tx: Kysely<Schema>,
  organizationId: string,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const idsOf = (type: string) =>
    keys.flatMap((key) => (key.startsWith(`${type}:`) ? [key.slice(type.length + 1)] : []));
  const names = new Map<string, string>();
  const { rows: users } = await sql<{ id: number; name: string }>`
    select id, coalesce(nullif(trim(first_name || ' ' || last_name), ''), email) as name from users
    where id = any(${idsOf('user')}::integer[])`.execute(tx);
  for (const { id, name } of users) names.set(`user:${id}`, name);
  const { rows: roles } = await sql<{ id: string; name: string }>`
    select id, name from roles where organization_id = ${organizationId} and id = any(${idsOf('role')}::uuid[])`.execute(
    tx,
  );
  for (const { id, name } of roles) names.set(`role:${id}`, name);
  return names;
}
