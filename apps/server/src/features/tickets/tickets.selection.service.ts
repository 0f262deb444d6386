import { readResponseTargets } from '@parley/contract/response-targets';
import { PLAN_ANEW } from '@parley/db/prepared-statements';
import { sql } from 'kysely';
import { findViewFilters } from '#features/views/views.lookup.service.ts';
import { type Actor, type Project, userOf } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { allOf, soughtWords } from './tickets.filter-sql.ts';
import { overlayFilters, parseQueryFilters, type TicketFilters } from './tickets.filters.ts';
import { listConditions } from './tickets.listed.ts';
import { holdsWord } from './tickets.search-sql.ts';
import { readViewFilters } from './tickets.view-filters.ts';

export type { TicketFilters } from './tickets.filters.ts';

/** What the query of a list is narrowed to, a view of its included (tickets-api.md 3). */
export async function readFilters(
  context: ReadContext,
  {
    query,
    project,
    actor,
  }: { query: Readonly<Record<string, string | undefined>>; project: Project; actor: Actor },
): Promise<TicketFilters> {
  const userId = userOf(actor)?.id;
  const scope = { now: context.now, timezone: project.timezone, userId };
  const named = {
    ...parseQueryFilters(query, scope),
    ...readResponseTarget(query.response_target, project),
  };
  if (!query.view) return overlayFilters({}, named);
  const view = await findViewFilters(context, project.id, userId, query.view);
  if (!view) throw invalid('view', 'There is no such view.', 'does_not_exist');
  return overlayFilters(readViewFilters(view.filters, scope), named);
}

/** Tickets of a group of the project's ladder (inbox.md 3.7); a label that it does not have counts as absent. */
function readResponseTarget(
  label: string | undefined,
  { settings }: Project,
): Pick<TicketFilters, 'responseTarget'> {
  const ladder = readResponseTargets(settings);
  const index = ladder.findIndex((group) => group.label === label);
  if (index < 0) return {};
  const lacks = ladder.slice(index + 1).flatMap(({ tags }) => tags);
  return { responseTarget: { has: index === 0 ? undefined : ladder[index]?.tags, lacks } };
}

/** Tickets whose words one statement looks through. */
const WINDOW = 2000;

export interface Stretch {
  projectId: number;
  userId: number | undefined;
  filters: TicketFilters;
  /** Numbers above this one, up to the other. */
  after: number;
  until: number;
  limit: number;
}

export interface FoundTicket {
  id: string;
  ticket_number: number;
  message_count: number;
}

/**
 * The next tickets of a selection in the order of their numbers, and the number up to which everything was looked at;
 * undefined at the end. With words to look for, few of them or none may come back before the end.
 */
export async function walkTickets(
  context: ReadContext,
  { projectId, userId, filters, after, until, limit }: Stretch,
): Promise<{ tickets: FoundTicket[]; reach: number | undefined }> {
  const words = soughtWords(filters);
  const conditions = [
    ...listConditions(projectId, filters, { now: context.now, userId }),
    sql`t.ticket_number > ${after}`,
    sql`t.ticket_number <= ${until}`,
  ];
  const window = words.length > 0 ? WINDOW : limit;
  const isFound = words.length > 0 ? allOf(words.map(holdsWord)) : sql`true`;
  const { rows } = await sql<FoundTicket & { found: boolean }>`
    ${sql.raw(PLAN_ANEW)} select t.id, t.ticket_number, t.message_count, ${isFound} as found
    from (select t.* from tickets t where ${allOf(conditions)} order by t.ticket_number limit ${window}) t
    order by t.ticket_number`.execute(context.tx);
  const found = rows.filter((row) => row.found);
  const tickets = found.slice(0, limit);
  if (found.length > limit) return { tickets, reach: tickets.at(-1)?.ticket_number };
  return { tickets, reach: rows.length < window ? undefined : rows.at(-1)?.ticket_number };
}
