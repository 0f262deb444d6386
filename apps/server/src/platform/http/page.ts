import { RawJson } from './call.ts';

export interface PageRequest {
  limit: number;
  offset: number;
}

const INTEGER = /^\d+$/;

/** Limit and offset as asked for; what is missing or invalid falls back, what is too much is clamped. */
export function readPage(
  query: { limit?: string; offset?: string },
  defaultLimit: number,
  maxLimit: number,
): PageRequest {
  const limit = INTEGER.test(query.limit ?? '') ? Number(query.limit) : 0;
  const offset = INTEGER.test(query.offset ?? '') ? Number(query.offset) : 0;
  return {
    limit: limit === 0 ? defaultLimit : Math.min(limit, maxLimit),
    // Whatever the number of digits: it has to stay one that the database can read.
    offset: Math.min(offset, Number.MAX_SAFE_INTEGER - maxLimit),
  };
}

function link(url: URL, changes: Record<string, string | undefined>): string {
  const next = new URL(url);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  }
  next.searchParams.sort();
  return next.href;
}

/** Absolute links to the pages around this one (tickets-api.md 1.5). */
export function pageLinks(url: URL, { limit, offset }: PageRequest, count: number) {
  const before = offset - limit;
  return {
    next: offset + limit < count ? link(url, { limit: String(limit), offset: String(offset + limit) }) : null,
    previous:
      offset > 0
        ? link(url, { limit: String(limit), offset: before > 0 ? String(before) : undefined })
        : null,
  };
}

/** Links of a keyset page: the cursor replaces the offset. */
export function cursorLinks(
  url: URL,
  limit: number,
  cursors: { next: string | null; previous: string | null },
) {
  const to = (cursor: string | null) =>
    cursor === null ? null : link(url, { limit: String(limit), offset: undefined, cursor });
  return { next: to(cursors.next), previous: to(cursors.previous) };
}

/** A page whose rows the database wrote as JSON. */
export function rawPage(
  page: { count: number; next: string | null; previous: string | null; count_capped?: true },
  rows: readonly string[],
): RawJson {
  const { count, next, previous, count_capped } = page;
  const head = `"count":${count},"next":${JSON.stringify(next)},"previous":${JSON.stringify(previous)}`;
  return new RawJson(`{${head}${count_capped ? ',"count_capped":true' : ''},"results":[${rows.join(',')}]}`);
}
