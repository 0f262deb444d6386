import type { PageOf } from '@parley/contract/schemas';
import { pageLinks, readPage } from './page.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** A page of a list that is short by nature (one's keys, an organization's members), so it is read whole and cut here. */
export function pageOfList<T>(
  call: { url: URL; query: { limit?: string; offset?: string } },
  items: readonly T[],
): PageOf<T> {
  const page = readPage(call.query, DEFAULT_LIMIT, MAX_LIMIT);
  return {
    count: items.length,
    ...pageLinks(call.url, page, items.length),
    results: items.slice(page.offset, page.offset + page.limit),
  };
}
