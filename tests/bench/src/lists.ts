import { LIST_QUERIES, type ListQuery } from './list-queries.ts';
import { API_KEY, type StartedServer } from './server-process.ts';
import { percentile } from './statistics.ts';

export interface ListFigure {
  name: string;
  kind: ListQuery['kind'];
  p50: number;
  p95: number;
  count: number;
}

const PATH = '/api/projects/1/conversations/tickets/';
const WARM_UP = 3;
const TIMES = 25;
const LIMIT = '50';

interface Page {
  count: number;
  next: string | null;
}

/** How long each list takes, one request at a time. */
export async function measureLists({ url }: StartedServer): Promise<ListFigure[]> {
  const figures: ListFigure[] = [];
  for (const { name, kind, query } of [...LIST_QUERIES, ...(await deepPages(url))]) {
    const times = new Float64Array(TIMES);
    let count = 0;
    for (let turn = -WARM_UP; turn < TIMES; turn += 1) {
      const startedAt = performance.now();
      ({ count } = await ask(url, query));
      if (turn >= 0) times[turn] = performance.now() - startedAt;
    }
    times.sort();
    figures.push({ name, kind, p50: percentile(times, 0.5), p95: percentile(times, 0.95), count });
  }
  return figures;
}

async function ask(url: string, query: Readonly<Record<string, string>>): Promise<Page> {
  const response = await fetch(`${url}${PATH}?${new URLSearchParams({ limit: LIMIT, ...query })}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${JSON.stringify(query)} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as Page;
}

/** Pages in the middle of long lists: a cursor from among the tickets of half a year ago. */
async function deepPages(url: string): Promise<ListQuery[]> {
  const pages: ListQuery[] = [];
  for (const query of [{}, { status: 'open' }, { tags: '["tag-3"]' }, { assignee: 'unassigned' }]) {
    const { next } = await ask(url, { ...query, date_to: '-180d', cursor: '' });
    const cursor = new URL(next ?? '').searchParams.get('cursor') ?? '';
    const name = Object.entries(query).map(([key, value]) => `${key}=${value}`);
    pages.push({ name: ['cursor', ...name].join(' & '), kind: 'deep page', query: { ...query, cursor } });
  }
  return pages;
}
