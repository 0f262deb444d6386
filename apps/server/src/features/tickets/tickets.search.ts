import { PLAN_ANEW } from '@parley/db/prepared-statements';
import type { Schema } from '@parley/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { facetCount } from '#features/ticket-counts/ticket-counts.service.ts';
import { DEFER, type ReadContext } from '#platform/unit-of-work.ts';
import { allOf, type Condition, orderSql } from './tickets.filter-sql.ts';
import type { Sought } from './tickets.filters.ts';
import {
  everythingCost,
  isCheap,
  lookupCost,
  matches,
  pickRarest,
  rowsToCap,
  SEARCH_LIMITS,
  walkLength,
} from './tickets.search-costs.ts';
import type { SearchRequest, SearchResult } from './tickets.search-request.ts';
import {
  drawSample,
  drawsMissing,
  isBeyond,
  type Sample,
  type TextShare,
  together,
} from './tickets.search-sample.ts';
import { candidates, heldByPersons, holdsWord } from './tickets.search-sql.ts';

const BITMAP_MEMORY = '64MB';

/** Finds the page and the count of a list that is narrowed by texts (decisions.md 12, 14). */
export async function searchTickets(context: ReadContext, asked: SearchRequest): Promise<SearchResult> {
  if (asked.words.length === 0) return findPlain(context, asked);
  const request = { ...asked, words: await askPersons(context, asked) };
  const sample = await drawEnough(context, request);
  const rarest = pickRarest(sample);
  if (!rarest || sample.drawn === 0) return tryEverything(context, request);
  const isCertain = isBeyond(request.cap, sample);
  const byIndex = lookupCost(sample, rarest);
  const length = walkLength(sample, request);
  const isWalk = length * SEARCH_LIMITS.tried <= byIndex;
  const whole = { text: rarest.text, isCertain };
  if (!isCertain) {
    if (everythingCost(sample) <= byIndex) return tryEverything(context, request);
    // A little more than are counted: looking up all of them is less than to stop there and begin anew for the page.
    if (matches(sample) <= SEARCH_LIMITS.atOnce * request.cap) return gatherAll(context, request, whole);
    const result = await takeStock(context, request, sample, rarest, isWalk);
    if (result) return result;
  }
  if (isWalk) {
    const window = Math.max(SEARCH_LIMITS.window, Math.ceil(SEARCH_LIMITS.patience * length));
    const ids = await walk(context, request, window);
    if (ids.length === request.limit) return { ...beyond(request), ids };
  }
  return gatherAll(context, request, whole);
}

/** Looks up as many rows as lead past the cap. Undefined when it is passed, and the page still has to be found. */
async function takeStock(
  context: ReadContext,
  request: SearchRequest,
  sample: Sample,
  { text }: TextShare,
  onlyCount: boolean,
): Promise<SearchResult | undefined> {
  const most = Number.isFinite(request.cap) ? rowsToCap(request, sample) : request.cap;
  const some = await gather(context, request, { text, most, onlyCount, isCertain: false });
  if (some.isComplete && some.isPageKnown) return some.result;
  return some.isBeyond ? undefined : gatherAll(context, request, { text, isCertain: false });
}

/** Leaves persons out of account for texts that none of them holds, which is most. */
async function askPersons(context: ReadContext, { projectId, words }: SearchRequest): Promise<Sought[]> {
  const texts = words.map(({ text }) => text);
  const { rows } = await sql<{ held: boolean[] }>`
    ${sql.raw(PLAN_ANEW)} select ${heldByPersons(projectId, texts)} as held`.execute(context.tx);
  return words.map((word, index) => ({ ...word, inPersons: rows[0]?.held[index] ?? true }));
}

/** A sample, and more of it as long as that may settle whether the cap is passed and is cheaper than to count. */
async function drawEnough(context: ReadContext, request: SearchRequest): Promise<Sample> {
  const { sample: first, nextSample, plainSample, small, row, drawn: cost } = SEARCH_LIMITS;
  const isPlain = request.words.length === 0;
  const hopeful = isPlain ? SEARCH_LIMITS.hopefulPlain : SEARCH_LIMITS.hopefulSample;
  let sample = await drawSample(context, request, first, small);
  for (;;) {
    const { likely, least } = drawsMissing(request.cap, sample);
    const most = isPlain ? plainSample : (rowsToCap(request, sample) * row) / cost;
    if (!isPlain && Number.isFinite(request.cap) && isCheap(sample)) return sample;
    if (sample.drawn === 0 || likely <= 0 || least > most || sample.drawn > most) return sample;
    const size =
      likely > most ? hopeful : Math.min(Math.ceil(1.1 * likely), isPlain ? plainSample : nextSample);
    sample = together(sample, await drawSample(context, request, size, small));
  }
}

interface Lookup {
  text: string;
  /** Rows to look at. */
  most: number;
  /** The page is not asked for where there are more tickets than are counted. */
  onlyCount: boolean;
  /** More match than are counted: only the page is asked for. */
  isCertain: boolean;
}

async function gatherAll(
  context: ReadContext,
  request: SearchRequest,
  whole: Pick<Lookup, 'text' | 'isCertain'>,
): Promise<SearchResult> {
  const lookup = { ...whole, most: Number.POSITIVE_INFINITY, onlyCount: false };
  return (await gather(context, request, lookup)).result;
}

/** The tickets an index leads to, the rest of the conditions tried on each. */
async function gather(
  context: ReadContext,
  request: SearchRequest,
  { text, most, onlyCount, isCertain }: Lookup,
) {
  const { projectId, words, limit, cap } = request;
  const others = words.filter((word) => word.text !== text || word.excluded).map(holdsWord);
  // Without other conditions all that are found are counted, but for deleted ones, whose number is known, and merged ones.
  const isBare = onlyCount && request.isBare && others.length === 0 && Number.isFinite(cap);
  const deleted = facetCount(projectId, { deleted: true });
  const merged = sql`select count(*) from found
    join ticket_merges g on g.project_id = ${projectId} and g.source_id = found.id`;
  const isOpen = isBare
    ? sql`(select count(*) from found) <= ${cap}::bigint + (${deleted}) + (${merged})`
    : sql`true`;
  const tried = sql`${isOpen} and ${allOf([...request.plain, ...others])}`;
  // As one array, which the index looks up by itself: a join asks it for each ticket anew, at several times the cost.
  const kept = sql`tickets t
    where t.project_id = ${projectId} and t.id = any(array(select id from looked)) and ${tried}`;
  const rowsLooked = sql`(select coalesce(max(n), 0)::integer
    from (select count(*) as n from looked group by part) parts)`;
  // Read once, it need not be kept: the page is sorted out of it as it comes.
  const isReadOnce = isCertain && request.stretches.length === 1;
  const keeping = sql.raw(isReadOnce ? 'not materialized' : 'materialized');
  const counted = isReadOnce ? sql`${cap}::integer + 1` : undefined;
  const statement = sql<KeptRow & { looked: number; leads: number }>`
    ${sql.raw(PLAN_ANEW)} with recursive ${candidates(projectId, text, most)},
    found as materialized (select distinct id from looked),
    kept as ${keeping} (select ${keptColumns(request)} from ${kept})
    select kept.*, ${Number.isFinite(most) ? rowsLooked : sql`0`} as looked,
      ${isBare ? sql`(select count(*)::integer from found)` : sql`0`} as leads
    from (${selectKept(request, counted)}) kept`;
  const [row] = await byIndexOnly(context, statement);
  const { found: count = 0, leads = 0, looked = 0, ids = [] } = row ?? {};
  // Nothing was kept of leads that are too many to be looked up.
  const isUnknown = isBare && count === 0 && leads > cap;
  const isBeyond = isUnknown || count > cap;
  return {
    isComplete: looked < Math.floor(most),
    isBeyond,
    isPageKnown: !isUnknown,
    result: { count: isBeyond ? cap : count, capped: isBeyond, ids: ids.slice(0, limit) },
  };
}

/**
 * Only the rows an index leads to: at some sizes the planner would rather read a whole table. With the default memory a
 * bitmap of a hundred thousand rows keeps whole pages, and every row of those would be tried. Starting workers costs more
 * than they save.
 */
async function byIndexOnly<T>(context: ReadContext, statement: RawBuilder<T>): Promise<T[]> {
  const set = (value: 'on' | 'off') =>
    sql`select set_config('enable_seqscan', ${sql.lit(value)}, true),
      set_config('work_mem', ${sql.lit(BITMAP_MEMORY)}, true),
      set_config('max_parallel_workers_per_gather', '0', true) ${DEFER}`;
  const work = async (tx: Kysely<Schema>) => {
    await set('off').execute(tx);
    const { rows } = await statement.execute(tx);
    await set('on').execute(tx);
    return rows;
  };
  return context.tx.isTransaction ? work(context.tx) : context.tx.transaction().execute(work);
}

/** Down the list, trying every ticket, for as many as the window holds of those under `through`. */
async function walk(
  context: ReadContext,
  { plain, words, order, reversed, stretches, limit, offset }: SearchRequest,
  window: number | undefined,
  through = plain,
): Promise<string[]> {
  const sorted = orderSql(order, reversed);
  const ids: string[] = [];
  for (const stretch of stretches) {
    if (ids.length === limit) break;
    const tried = [...plain, ...words.map(holdsWord)];
    const tickets = sql`select t.* from tickets t where ${allOf([...through, ...stretch])}
      order by ${sorted} limit ${window}`;
    const source =
      window === undefined
        ? sql`tickets t where ${allOf([...tried, ...stretch])}`
        : sql`(${tickets}) t where ${allOf(tried)}`;
    const { rows } = await sql<{ id: string }>`
      ${sql.raw(PLAN_ANEW)} select t.id from ${source}
      order by ${sorted} limit ${limit - ids.length} offset ${offset}`.execute(context.tx);
    ids.push(...rows.map((row) => row.id));
  }
  return ids;
}

/** Tries every ticket that the other conditions leave: when they are few, or the texts are in most of them. */
async function tryEverything(context: ReadContext, request: SearchRequest): Promise<SearchResult> {
  return (
    (await keepAll(context, request)) ?? {
      ...beyond(request),
      ids: await walk(context, request, undefined),
    }
  );
}

/** The list of conditions that no index has in order and no cell counts, without texts. */
async function findPlain(context: ReadContext, request: SearchRequest): Promise<SearchResult> {
  const isTried = request.isNarrow || request.isDated;
  const all = isTried ? await keepAll(context, request) : undefined;
  if (all) return all;
  const { sample: first, small } = SEARCH_LIMITS;
  const sample = isTried
    ? await drawSample(context, request, first, small)
    : await drawEnough(context, request);
  const isKnown = isTried || isBeyond(request.cap, sample);
  const few = isKnown ? undefined : await keepAll(context, request);
  if (few) return few;
  // Old tickets, while the list begins with the newest: sorting all is less than walking by those between.
  const isNear = walkLength(sample, request) <= Math.max(SEARCH_LIMITS.window, matches(sample) / 4);
  const near = isNear ? undefined : await peek(context, request, matches(sample));
  const ids = near ?? (await (isNear ? walk : sortAll)(context, request, undefined));
  return { ...beyond(request), ids };
}

/**
 * The page, where the list begins with it. How old a ticket is says little of when it was last touched, and to sort many
 * costs a multiple of looking at the first few.
 */
async function peek(
  context: ReadContext,
  request: SearchRequest,
  sorted: number,
): Promise<string[] | undefined> {
  if (sorted < SEARCH_LIMITS.peek * SEARCH_LIMITS.peekWorth || request.stretches.length > 1) return undefined;
  const ids = await walk(context, request, SEARCH_LIMITS.peek, request.whose);
  return ids.length === request.limit ? ids : undefined;
}

const beyond = ({ cap }: SearchRequest) => ({ count: cap, capped: true });

/** All matches and the page of them; undefined when there are more than are counted. */
async function keepAll(context: ReadContext, request: SearchRequest): Promise<SearchResult | undefined> {
  const { cap, limit } = request;
  const { found, ids } = await keep(context, request, Number.isFinite(cap) ? cap + 1 : null);
  return found <= cap ? { count: found, capped: false, ids: ids.slice(0, limit) } : undefined;
}

/** The page, by sorting every match: the fence keeps the planner from walking down the order instead. */
async function sortAll(context: ReadContext, request: SearchRequest): Promise<string[]> {
  const { plain, order, reversed, stretches, limit, offset } = request;
  const sorted = orderSql(order, reversed);
  const ids: string[] = [];
  for (const stretch of stretches) {
    if (ids.length === limit) break;
    const { rows } = await sql<{ id: string }>`
      ${sql.raw(PLAN_ANEW)} select t.id from (
        select ${keptColumns(request)} from tickets t where ${allOf([...plain, ...stretch])} offset 0) t
      order by ${sorted} limit ${limit - ids.length} offset ${offset}`.execute(context.tx);
    ids.push(...rows.map((row) => row.id));
  }
  return ids;
}

/** As many matches as asked for, in whatever order the planner finds them, and the page of those. */
async function keep(context: ReadContext, request: SearchRequest, most: number | null): Promise<KeptRow> {
  const { plain, words } = request;
  const { rows } = await sql<KeptRow>`
    ${sql.raw(PLAN_ANEW)} with kept as materialized (
      select ${keptColumns(request)} from tickets t where ${allOf([...plain, ...words.map(holdsWord)])}
      limit ${most}::bigint
    )
    ${selectKept(request)}`.execute(context.tx);
  return rows[0] ?? { found: 0, ids: [] };
}

interface KeptRow {
  found: number;
  ids: string[];
}

function keptColumns({ order }: SearchRequest): Condition {
  return order.column === 'ticket_number'
    ? sql`t.id, t.ticket_number`
    : sql`t.id, t.ticket_number, t.${sql.ref(order.column)}`;
}

/** How many tickets were kept, and the page of them. */
function selectKept(
  { order, reversed, stretches, limit, offset }: SearchRequest,
  count = sql`(select count(*)::integer from kept)`,
): Condition {
  const sorted = orderSql(order, reversed);
  const pages = stretches.map(
    (stretch) => sql`array(select t.id from kept t where ${allOf([sql`true`, ...stretch])}
      order by ${sorted} limit ${limit} offset ${offset})`,
  );
  return sql`select ${count} as found, ${sql.join(pages, sql` || `)} as ids`;
}
