import { PLAN_ANEW } from '@parley/db/prepared-statements';
import type { Schema } from '@parley/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { DEFER, type ReadContext } from '#platform/unit-of-work.ts';
import { allOf, type Condition, orderSql } from './tickets.filter-sql.ts';
import type { Sought, TicketOrder } from './tickets.filters.ts';
import { drawSample, isBeyond, type Sample, together } from './tickets.search-sample.ts';
import { candidates, holdsWord } from './tickets.search-sql.ts';

/**
 * How a search goes about it. A text that many tickets hold is found soonest by walking down the list; one that few
 * hold by its index, which would first gather them all. Which it is, a sample tells: the planner cannot know. Tests
 * change these figures to go every way on few rows.
 */
export const SEARCH_LIMITS = {
  /** Tickets drawn for the sample. */
  sample: 800,
  /** And more of them when this many times the cap seem to match, without it being certain. */
  doubtful: 2,
  secondSample: 2400,
  /** With fewer tickets than this everything is looked at. */
  small: 1000,
  /** Up to this share of the tickets, and this many of them, an index is worth its bitmap. */
  indexShare: 0.5,
  indexTickets: 80_000,
  /** Rows that an index may lead to before the search takes stock, at the most. */
  rows: 60_000,
  /** Tickets that are walked before the search turns to an index after all. */
  window: 20_000,
};

const BITMAP_MEMORY = '64MB';

export interface SearchRequest {
  projectId: number;
  /** Every condition but the words, on the alias t of tickets. */
  plain: readonly Condition[];
  words: readonly Sought[];
  order: TicketOrder;
  reversed: boolean;
  /** Few tickets match by the nature of the conditions, such as those of one customer. */
  isNarrow: boolean;
  /** The conditions bound what the list is ordered by, so that matches begin where the list does. */
  isBounded: boolean;
  /** Stretches of the order to read one after the other until the page is full; one without conditions is all. */
  stretches: readonly (readonly Condition[])[];
  limit: number;
  offset: number;
  /** Past this a count stops; Infinity counts on. */
  cap: number;
}

export interface SearchResult {
  count: number;
  capped: boolean;
  /** Of the page, in order. */
  ids: string[];
}

/** Finds the page and the count of a list that is narrowed by texts (decisions.md 12, 14). */
export async function searchTickets(context: ReadContext, request: SearchRequest): Promise<SearchResult> {
  const { words, cap } = request;
  if (words.length === 0) return findPlain(context, request);
  if (words.every((word) => word.excluded)) return tryEverything(context, request);
  const sample = await drawEnough(context, request);
  const rarest = pickRarest(sample);
  if (!rarest || sample.drawn === 0) return tryEverything(context, request);
  const isIndexed =
    rarest.share <= SEARCH_LIMITS.indexShare &&
    rarest.share * sample.highestNumber <= SEARCH_LIMITS.indexTickets;
  const isCertain = isBeyond(cap, sample);
  if (!isIndexed && !isCertain) return tryEverything(context, request);
  if (!isCertain) {
    // So many rows lead to as many tickets as are counted, and a few more.
    const rows = Math.min(1.15 * cap * Math.max(1, rarest.messages), SEARCH_LIMITS.rows);
    const some = await gather(context, request, rarest.text, Number.isFinite(cap) ? rows : cap);
    if (some.isComplete) return some.result;
    if (!some.isBeyond) return (await gather(context, request, rarest.text, Number.POSITIVE_INFINITY)).result;
  }
  const capped = beyond(request);
  // The first of a few hits drawn is not the first there is: several of the usual gaps are allowed for.
  const isNear = distance(sample, request) <= SEARCH_LIMITS.window + (6 * sample.highestNumber) / sample.hits;
  const ids = isNear ? await walk(context, request, SEARCH_LIMITS.window) : [];
  if (ids.length === request.limit) return { ...capped, ids };
  if (!isIndexed) return { ...capped, ids: await walk(context, request, undefined) };
  return (await gather(context, request, rarest.text, Number.POSITIVE_INFINITY)).result;
}

/** A sample, and a larger one where the first one leaves open what looks like more than the cap. */
async function drawEnough(context: ReadContext, request: SearchRequest): Promise<Sample> {
  const { cap } = request;
  const { small } = SEARCH_LIMITS;
  const first = await drawSample(context, request, SEARCH_LIMITS.sample, small);
  const isOpen = matches(first) > SEARCH_LIMITS.doubtful * cap && !isBeyond(cap, first);
  if (!isOpen) return first;
  return together(first, await drawSample(context, request, SEARCH_LIMITS.secondSample, small));
}

/** The text to look up: what the fewest hold; of equals the longest, which has the fewest false leads. */
function pickRarest({ texts }: Sample): Sample['texts'][number] | undefined {
  return [...texts].sort((a, b) => a.share - b.share || b.text.length - a.text.length)[0];
}

/** How many tickets a walk passes before the first match, as far as numbers tell. */
function distance({ hitNumbers, highestNumber }: Sample, request: SearchRequest): number {
  const { order, reversed, isBounded } = request;
  if (isBounded) return 0;
  if (!hitNumbers) return highestNumber;
  if (order.column === 'sla_due_at' || order.column === 'snoozed_until') return 0;
  const isDownward = order.descending !== reversed;
  return isDownward ? highestNumber - hitNumbers.highest : hitNumbers.lowest;
}

function matches({ hits, drawn, highestNumber }: Sample): number {
  return (hits / drawn) * highestNumber;
}

/** The tickets an index leads to, the rest of the conditions tried on each. */
async function gather(context: ReadContext, request: SearchRequest, text: string, most: number) {
  const { projectId, plain, words, limit, cap } = request;
  const others = words.filter((word) => word.text !== text || word.excluded).map(holdsWord);
  const statement = sql<KeptRow & { looked: number }>`
    ${sql.raw(PLAN_ANEW)} with looked as materialized (${candidates(projectId, text, most)}),
    kept as materialized (
      select ${keptColumns(request)} from (select distinct id from looked) found
      join tickets t on t.project_id = ${projectId} and t.id = found.id where ${allOf([...plain, ...others])}
    )
    select kept.*, (select coalesce(max(n), 0)::integer
      from (select count(*) as n from looked group by part) parts) as looked
    from (${selectKept(request)}) kept`;
  const [row] = await byIndexOnly(context, statement);
  const found = row?.found ?? 0;
  return {
    isComplete: (row?.looked ?? 0) < Math.floor(most),
    isBeyond: found > cap,
    result: { count: Math.min(found, cap), capped: found > cap, ids: (row?.ids ?? []).slice(0, limit) },
  };
}

/**
 * Only the rows an index leads to: at some sizes the planner would rather read a whole table. With the default memory a
 * bitmap of a hundred thousand rows keeps whole pages, and every row of those would be tried.
 */
async function byIndexOnly<T>(context: ReadContext, statement: RawBuilder<T>): Promise<T[]> {
  const set = (value: 'on' | 'off') =>
    sql`select set_config('enable_seqscan', ${sql.lit(value)}, true),
      set_config('work_mem', ${sql.lit(BITMAP_MEMORY)}, true) ${DEFER}`;
  const work = async (tx: Kysely<Schema>) => {
    await set('off').execute(tx);
    const { rows } = await statement.execute(tx);
    await set('on').execute(tx);
    return rows;
  };
  return context.tx.isTransaction ? work(context.tx) : context.tx.transaction().execute(work);
}

/** Down the list, trying every ticket, for as many as the window holds. */
async function walk(
  context: ReadContext,
  { plain, words, order, reversed, stretches, limit, offset }: SearchRequest,
  window: number | undefined,
): Promise<string[]> {
  const sorted = orderSql(order, reversed);
  const ids: string[] = [];
  for (const stretch of stretches) {
    if (ids.length === limit) break;
    const tried = [...plain, ...words.map(holdsWord)];
    const tickets = sql`select t.* from tickets t where ${allOf([...plain, ...stretch])}
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
  const all = request.isNarrow ? await keepAll(context, request) : undefined;
  if (all) return all;
  const sample = await drawEnough(context, request);
  const isKnown = request.isNarrow || isBeyond(request.cap, sample);
  const few = isKnown ? undefined : await keepAll(context, request);
  if (few) return few;
  // Old tickets, while the list begins with the newest: sorting all is less than walking by those between.
  const isNear = distance(sample, request) <= Math.max(SEARCH_LIMITS.window, matches(sample) / 4);
  const ids = await (isNear ? walk : sortAll)(context, request, undefined);
  return { ...beyond(request), ids };
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
function selectKept({ order, reversed, stretches, limit, offset }: SearchRequest): Condition {
  const sorted = orderSql(order, reversed);
  const pages = stretches.map(
    (stretch) => sql`array(select t.id from kept t where ${allOf([sql`true`, ...stretch])}
      order by ${sorted} limit ${limit} offset ${offset})`,
  );
  return sql`select (select count(*)::integer from kept) as found, ${sql.join(pages, sql` || `)} as ids`;
}
