import { type RawBuilder, sql } from 'kysely';
import { invalid } from '#platform/api-error.ts';
import { isUuid } from '#platform/ids.ts';
import { formatInstant, parseInstant } from '#platform/instant.ts';
import { parseDateBound } from '#platform/relative-date.ts';
import { RawJson } from './call.ts';
import { cursorLinks, readPage } from './page.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

export interface LogQuery {
  date_from?: string;
  date_to?: string;
  cursor?: string;
  limit?: string;
}

/** A row of a log as it goes out, with its place in the order. */
export interface LogRow {
  json: string;
  at: string;
  id: string;
}

/** Conditions of a page of a log whose rows (alias l) are ordered by created_at and id, newest first. */
export function logConditions(
  query: LogQuery,
  { now, timezone }: { now: Date; timezone: string },
): RawBuilder<unknown>[] {
  const bound = (name: 'date_from' | 'date_to') => {
    const text = query[name];
    if (text === undefined || text === '') return undefined;
    const parsed = parseDateBound(text, { now, timezone, bound: name === 'date_from' ? 'from' : 'to' });
    if (!parsed) throw invalid(name, 'Must be a date, a datetime, or relative such as -7d.');
    return parsed;
  };
  const [from, to] = [bound('date_from'), bound('date_to')];
  return [
    ...(from ? [sql`l.created_at >= ${from}`] : []),
    ...(to ? [sql`l.created_at <= ${to}`] : []),
    ...(query.cursor ? [afterPlace(query.cursor, sql`l.created_at, l.id`)] : []),
  ];
}

/** What comes after a place in a list that is ordered by an instant and an id, newest first. */
export function afterPlace(cursor: string, order: RawBuilder<unknown>): RawBuilder<unknown> {
  const [, at = '', id = ''] = /^(\S{24})_(\S{36})$/.exec(cursor) ?? [];
  const instant = parseInstant(at);
  if (!instant || !isUuid(id)) throw invalid('cursor', 'This is no position in this list.');
  return sql`(${order}) < (${formatInstant(instant)}::timestamptz, ${id}::uuid)`;
}

/** How many rows to ask for: one more than the page, which tells whether there is another one. */
export function logLimit(query: LogQuery): number {
  return readPage({ limit: query.limit ?? '' }, DEFAULT_LIMIT, MAX_LIMIT).limit + 1;
}

export function logPage(url: URL, query: LogQuery, rows: readonly LogRow[]): RawJson {
  return pageByPlace(url, logLimit(query) - 1, rows);
}

/** A page without a count, of rows of which one more than the page was asked for. */
export function pageByPlace(url: URL, limit: number, rows: readonly LogRow[]): RawJson {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const cursor = last ? `${last.at}_${last.id}` : null;
  const { next } = cursorLinks(url, limit, { next: cursor, previous: null });
  return new RawJson(
    `{"next":${JSON.stringify(next)},"results":[${shown.map(({ json }) => json).join(',')}]}`,
  );
}
