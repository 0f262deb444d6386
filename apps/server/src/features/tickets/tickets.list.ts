import { PLAN_ANEW } from '@parley/db/prepared-statements';
import { type RawBuilder, sql } from 'kysely';
import {
  countByFacets,
  type FacetSelection,
  facetCount,
} from '#features/ticket-counts/ticket-counts.service.ts';
import type { RawJson } from '#platform/http/call.ts';
import { cursorLinks, type PageRequest, pageLinks, rawPage, readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { areFacets, facetsOf, STEADY } from './tickets.facets.ts';
import { allOf, type Condition, DEFAULT_ORDER, orderSql, soughtWords } from './tickets.filter-sql.ts';
import type { TicketFilters, TicketOrder } from './tickets.filters.ts';
import { readFoundKeyset, readFoundPage } from './tickets.list-found.ts';
import {
  COUNT_CAP,
  DEFAULT_LIMIT,
  type KeysetPage,
  keysetPage,
  type ListPage,
  type ListRequest,
  MAX_LIMIT,
  readKeyset,
} from './tickets.list-page.ts';
import { listConditions } from './tickets.listed.ts';
import { selectTicketJson, TICKET_COLUMNS } from './tickets.sql.ts';

/** One page of tickets, as JSON written by the database. */
export async function listTickets(
  context: ReadContext,
  request: ListRequest & { url: URL },
): Promise<RawJson> {
  const { query, url } = request;
  const page = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
  if (query.cursor !== undefined) {
    const { json, cursors, ...head } = await readKeysetList(context, request, page.limit);
    return rawPage({ ...toHead(head), ...cursorLinks(url, page.limit, cursors) }, json);
  }
  const { json, ...head } = await readOffsetList(context, request, page);
  // A capped count does not end the pages: a full one may be followed by another.
  const reach = head.capped && json.length === page.limit ? Number.POSITIVE_INFINITY : head.count;
  return rawPage({ ...toHead(head), ...pageLinks(url, page, reach) }, json);
}

function toHead({ count, capped }: { count: number; capped: boolean }) {
  return capped ? { count, count_capped: true as const } : { count };
}

function conditionsOf(context: ReadContext, { projectId, filters, userId }: ListRequest): Condition[] {
  return listConditions(projectId, filters, { now: context.now, userId });
}

async function readOffsetList(context: ReadContext, request: ListRequest, page: PageRequest) {
  const conditions = conditionsOf(context, request);
  if (isFound(request.filters)) return readFoundPage(context, request, conditions, page);
  const { limit, offset } = page;
  const order = request.filters.order ?? DEFAULT_ORDER;
  const facets = offset === 0 ? facetsOf(request.filters) : undefined;
  if (facets)
    return readFirstPage(context, request, facets, selectPage(request, conditions, order, false, limit, 0));
  const head = await countTickets(context, request, conditions);
  if (!head.capped && offset >= head.count) return { ...head, json: [] };
  const { rows } = await selectPage(request, conditions, order, false, limit, offset).execute(context.tx);
  return { ...head, json: rows.map((row) => row.json) };
}

/** What agents look at most: count and page in one answer of one row, all of it text that is passed on. */
async function readFirstPage(
  context: ReadContext,
  { projectId }: ListRequest,
  facets: FacetSelection,
  page: RawBuilder<unknown>,
): Promise<{ count: number; capped: boolean; json: string[] }> {
  const { rows } = await sql<{ total: number; json: string | null }>`
    select (${facetCount(projectId, facets)}) as total,
      (select string_agg(page.json, ',') from (${page}) page) as json`.execute(context.tx);
  const { total = 0, json = null } = rows[0] ?? {};
  return { count: Number(total), capped: false, json: json === null ? [] : [json] };
}

/** A page by cursor, with its count. */
export async function readKeysetList(
  context: ReadContext,
  request: ListRequest,
  limit: number,
): Promise<ListPage> {
  const conditions = conditionsOf(context, request);
  if (isFound(request.filters)) return readFoundKeyset(context, request, conditions, limit);
  const head = await countTickets(context, request, conditions);
  return { ...head, ...(await readKeysetPage(context, request, conditions, limit)) };
}

/** The count of a list without a page of it. */
export async function countList(
  context: ReadContext,
  request: ListRequest,
): Promise<{ count: number; capped: boolean }> {
  const conditions = conditionsOf(context, request);
  if (isFound(request.filters)) {
    const { count, capped } = await readFoundKeyset(context, request, conditions, 0);
    return { count, capped };
  }
  return countTickets(context, request, conditions);
}

/** Whether matches have to be found, because no index has them in their order and no cell has their number. */
function isFound(filters: TicketFilters): boolean {
  return soughtWords(filters).length > 0 || !areFacets(filters);
}

/** Sizes that come again and again. PostgreSQL only keeps a plan for a limit that it can read. */
const PAGE_SIZES: ReadonlySet<number> = new Set([20, 25, 50, 100, 200, 500, 1000]);

function isSteady(filters: TicketFilters): boolean {
  return Object.keys(filters).every((name) => STEADY.has(name));
}

function planning(filters: TicketFilters): RawBuilder<unknown> {
  return isSteady(filters) ? sql`` : sql.raw(PLAN_ANEW);
}

function cut(filters: TicketFilters, limit: number, offset: number): RawBuilder<unknown> {
  const isUsual = offset === 0 && (PAGE_SIZES.has(limit) || PAGE_SIZES.has(limit - 1));
  return isUsual && isSteady(filters) ? sql`limit ${sql.lit(limit)}` : sql`limit ${limit} offset ${offset}`;
}

function selectPage(
  request: ListRequest,
  conditions: readonly Condition[],
  order: TicketOrder,
  reversed: boolean,
  limit: number,
  offset: number,
) {
  const sorted = orderSql(order, reversed);
  // The page is cut before anything is joined to it.
  const source = sql`(select ${TICKET_COLUMNS} from tickets t where ${allOf(conditions)}
    order by ${sorted} ${cut(request.filters, limit, offset)}) t`;
  return sql<{ json: string }>`
    ${planning(request.filters)} ${selectTicketJson(source, request.access)} order by ${sorted}`;
}

async function readKeysetPage(
  context: ReadContext,
  request: ListRequest,
  conditions: readonly Condition[],
  limit: number,
): Promise<KeysetPage> {
  const keyset = readKeyset(request);
  const rows: { json: string }[] = [];
  for (const stretch of keyset.stretches) {
    const missing = limit + 1 - rows.length;
    if (missing === 0) break;
    const narrowed = [...conditions, ...stretch];
    const { order, backward } = keyset;
    const found = await selectPage(request, narrowed, order, backward, missing, 0).execute(context.tx);
    rows.push(...found.rows);
  }
  return keysetPage(
    keyset,
    rows.map((row) => row.json),
    limit,
  );
}

/** Exact over the facets at every size, else exact up to the cap unless `count=exact` asks for more. */
async function countTickets(
  context: ReadContext,
  { projectId, filters, query }: ListRequest,
  conditions: readonly Condition[],
): Promise<{ count: number; capped: boolean }> {
  const facets = facetsOf(filters);
  if (facets) return { count: await countByFacets(context, projectId, facets), capped: false };
  if (query.count === 'exact') {
    const { rows } = await sql<{ n: number }>`
      ${planning(filters)} select count(*) as n from tickets t where ${allOf(conditions)}`.execute(
      context.tx,
    );
    return { count: Number(rows[0]?.n ?? 0), capped: false };
  }
  const { rows } = await sql<{ n: number }>`
    ${planning(filters)} select count(*) as n from (
      select from tickets t where ${allOf(conditions)} limit ${COUNT_CAP + 1}) counted`.execute(context.tx);
  const found = Number(rows[0]?.n ?? 0);
  return found > COUNT_CAP ? { count: COUNT_CAP, capped: true } : { count: found, capped: false };
}
