import { PLAN_ANEW } from '@parley/db/prepared-statements';
import { sql } from 'kysely';
import type { PageRequest } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { type Condition, DEFAULT_ORDER, namesNumber, soughtWords, whose } from './tickets.filter-sql.ts';
import type { TicketFilters, TicketOrder } from './tickets.filters.ts';
import { COUNT_CAP, keysetPage, type ListPage, type ListRequest, readKeyset } from './tickets.list-page.ts';
import { searchTickets } from './tickets.search.ts';
import { selectTicketJson, TICKET_COLUMNS } from './tickets.sql.ts';

function searchOf(
  { projectId, filters, query }: ListRequest,
  plain: readonly Condition[],
  order: TicketOrder,
) {
  const cap = query.count === 'exact' ? Number.POSITIVE_INFINITY : COUNT_CAP;
  const words = soughtWords(filters);
  return {
    projectId,
    plain,
    whose: whose(projectId, filters),
    words,
    cap,
    isBare: isBare(filters),
    isNarrow: isNarrow(filters),
    isDated: isDated(filters),
    isBounded: isBounded(filters, order),
  };
}

/** Nothing but texts narrows the list. */
function isBare({ search, words: _words, order: _order, ...others }: TicketFilters): boolean {
  return Object.keys(others).length === 0 && !namesNumber(search);
}

/** Tickets that are named, or those of one customer. */
function isNarrow({ ids, search, distinctIds, emails }: TicketFilters): boolean {
  return [ids, search, distinctIds, emails].some((value) => value !== undefined);
}

const DATES = ['updatedFrom', 'updatedTo', 'createdFrom', 'createdTo'];

function isDated({ order: _order, deleted: _deleted, ...others }: TicketFilters): boolean {
  const names = Object.keys(others);
  return names.length > 0 && names.every((name) => DATES.includes(name));
}

function isBounded(filters: TicketFilters, { column }: TicketOrder): boolean {
  const { updatedFrom, updatedTo, createdFrom, createdTo } = filters;
  const bounds = column === 'updated_at' ? [updatedFrom, updatedTo] : [createdFrom, createdTo];
  return (column === 'updated_at' || column === 'created_at') && bounds.some((bound) => bound !== undefined);
}

/** A page by offset of a list that is narrowed by texts. Count and page come from one search. */
export async function readFoundPage(
  context: ReadContext,
  request: ListRequest,
  plain: readonly Condition[],
  { limit, offset }: PageRequest,
): Promise<{ count: number; capped: boolean; json: string[] }> {
  const order = request.filters.order ?? DEFAULT_ORDER;
  const part = { order, reversed: false, stretches: [[]], limit, offset };
  const { ids, ...head } = await searchTickets(context, { ...searchOf(request, plain, order), ...part });
  return { ...head, json: await showTickets(context, request, ids) };
}

/** The same by cursor. */
export async function readFoundKeyset(
  context: ReadContext,
  request: ListRequest,
  plain: readonly Condition[],
  limit: number,
): Promise<ListPage> {
  const keyset = readKeyset(request);
  const { order, backward, stretches } = keyset;
  const part = { order, reversed: backward, stretches, limit: limit + 1, offset: 0 };
  const { ids, ...head } = await searchTickets(context, { ...searchOf(request, plain, order), ...part });
  return { ...head, ...keysetPage(keyset, await showTickets(context, request, ids), limit) };
}

/** Tickets by id as JSON, in the order of the ids. */
async function showTickets(
  context: ReadContext,
  { projectId, access }: Pick<ListRequest, 'projectId' | 'access'>,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const source = sql`(select ${TICKET_COLUMNS} from tickets t
    where t.project_id = ${projectId} and t.id = any(${[...ids]}::uuid[])) t`;
  const { rows } = await sql<{ json: string }>`
    ${sql.raw(PLAN_ANEW)} ${selectTicketJson(source, access)}
    order by array_position(${[...ids]}::uuid[], t.id)`.execute(context.tx);
  return rows.map((row) => row.json);
}
