import type { AccessLevel } from '@parley/contract/route';
import { PLAN_ANEW } from '@parley/db/prepared-statements';
import { type RawBuilder, sql } from 'kysely';
import { countByFacets } from '#features/ticket-counts/ticket-counts.service.ts';
import type { RawJson } from '#platform/http/call.ts';
import { cursorLinks, pageLinks, rawPage, readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { afterCursor, decodeCursor, encodeCursor, type TicketCursor } from './tickets.cursor.ts';
import { allOf, type Condition, DEFAULT_ORDER, filterConditions, orderSql } from './tickets.filter-sql.ts';
import type { TicketFilters, TicketOrder } from './tickets.filters.ts';
import { selectTicketJson, TICKET_COLUMNS } from './tickets.sql.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
/** Past this a count that no cell holds stops counting (decisions.md 14). */
const COUNT_CAP = 10_000;

export interface ListRequest {
  projectId: number;
  access: AccessLevel;
  userId: number | undefined;
  filters: TicketFilters;
  query: { limit?: string; offset?: string; cursor?: string; count?: string };
  url: URL;
}

/** One page of tickets, as JSON written by the database. */
export async function listTickets(context: ReadContext, request: ListRequest): Promise<RawJson> {
  const { projectId, filters, query, url } = request;
  const conditions = filterConditions(projectId, filters, { now: context.now, userId: request.userId });
  const { count, capped } = await countTickets(context, request, conditions);
  const page = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
  const head = capped ? { count, count_capped: true as const } : { count };
  if (query.cursor !== undefined) {
    const rows = await readKeysetPage(context, request, conditions, page.limit);
    return rawPage({ ...head, ...cursorLinks(url, page.limit, rows.cursors) }, rows.json);
  }
  if (!capped && page.offset >= count) return rawPage({ ...head, ...pageLinks(url, page, count) }, []);
  const order = filters.order ?? DEFAULT_ORDER;
  const { rows } = await selectPage(request, conditions, order, false, page.limit, page.offset).execute(
    context.tx,
  );
  // A capped count does not end the pages: a full one may be followed by another.
  const reach = capped && rows.length === page.limit ? Number.POSITIVE_INFINITY : count;
  const links = pageLinks(url, page, reach);
  return rawPage(
    { ...head, ...links },
    rows.map((row) => row.json),
  );
}

/** Filters under which an index gives the rows in their order, so that one plan is right for all their values. */
const STEADY: ReadonlySet<string> = new Set([
  'statuses',
  'priorities',
  'channels',
  'assignees',
  'snoozed',
  'deleted',
  'order',
]);
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

interface KeysetPage {
  json: string[];
  cursors: { next: string | null; previous: string | null };
}

async function readKeysetPage(
  context: ReadContext,
  request: ListRequest,
  conditions: readonly Condition[],
  limit: number,
): Promise<KeysetPage> {
  const cursor = decodeCursor(request.query.cursor ?? '');
  const order = cursor?.order ?? request.filters.order ?? DEFAULT_ORDER;
  const backward = cursor?.backward ?? false;
  const stretches = cursor ? afterCursor(cursor).map((after) => [...conditions, after]) : [conditions];
  const rows: { json: string }[] = [];
  for (const stretch of stretches) {
    // One row more than asked for tells whether there is a further page.
    const missing = limit + 1 - rows.length;
    if (missing === 0) break;
    const found = await selectPage(request, stretch, order, backward, missing, 0).execute(context.tx);
    rows.push(...found.rows);
  }
  const hasMore = rows.length > limit;
  const json = rows.slice(0, limit).map((row) => row.json);
  if (backward) json.reverse();
  const first = json[0];
  const last = json.at(-1);
  const toCursor = (row: string | undefined, goBack: boolean) =>
    row === undefined ? null : encodeCursor(cursorOf(row, order, goBack));
  return {
    json,
    cursors: {
      next: backward || hasMore ? toCursor(last, false) : null,
      previous: backward ? (hasMore ? toCursor(first, true) : null) : cursor ? toCursor(first, true) : null,
    },
  };
}

function cursorOf(row: string, order: TicketOrder, backward: boolean): TicketCursor {
  // Our own JSON of a moment ago.
  const ticket = JSON.parse(row) as { ticket_number: number } & Record<string, unknown>;
  const value = order.column === 'ticket_number' ? null : ticket[order.column];
  return { order, value: typeof value === 'string' ? value : null, number: ticket.ticket_number, backward };
}

/** What the cells can count. */
const FACETS: ReadonlySet<string> = new Set([...STEADY, 'tagsAny', 'tagsAll']);

/** The one tag a filter names, '' when it names none, undefined when the cells cannot count it. */
function singleTag({ tagsAny, tagsAll }: TicketFilters): string | undefined {
  const lists = [tagsAny, tagsAll].filter((list) => list !== undefined);
  if (lists.length === 0) return '';
  const distinct = new Set(lists.flat());
  const [tag] = distinct;
  return distinct.size === 1 && lists.every((list) => list.length > 0) && tag !== '' ? tag : undefined;
}

/** Exact over the facets at every size, else exact up to the cap unless `count=exact` asks for more. */
async function countTickets(
  context: ReadContext,
  { projectId, filters, query }: ListRequest,
  conditions: readonly Condition[],
): Promise<{ count: number; capped: boolean }> {
  const tag = singleTag(filters);
  if (tag !== undefined && Object.keys(filters).every((name) => FACETS.has(name))) {
    const { deleted = false, statuses, priorities, channels, snoozed } = filters;
    const assignees = filters.assignees?.map((one) =>
      one.type === 'unassigned' ? '' : `${one.type}:${one.id}`,
    );
    const count = await countByFacets(context, projectId, {
      deleted,
      statuses,
      priorities,
      channels,
      snoozed,
      assignees,
      tag,
    });
    return { count, capped: false };
  }
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
