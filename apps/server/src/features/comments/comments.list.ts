import type { comments } from '@parley/contract/comments';
import type { QueryOf } from '@parley/contract/route';
import { findNamedTicket } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { RawJson } from '#platform/http/call.ts';
import { cursorLinks, readPage } from '#platform/http/page.ts';
import { isUuid } from '#platform/ids.ts';
import { formatInstant, parseInstant } from '#platform/instant.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { type CommentPosition, type CommentRow, findMany } from './comments.repo.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 200;
const SCOPE = 'conversations_ticket';

function encodePosition({ at, id }: CommentRow, backward: boolean): string {
  return Buffer.from(`${backward ? '<' : '>'}${at}${id}`).toString('base64url');
}

/** Undefined for what is no position: the first page then. */
function decodePosition(text: string): CommentPosition | undefined {
  const match = /^([<>])(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)(.{36})$/.exec(
    Buffer.from(text, 'base64url').toString(),
  );
  const [, direction, at = '', id = ''] = match ?? [];
  const instant = parseInstant(at);
  return instant && isUuid(id) ? { at: formatInstant(instant), id, backward: direction === '<' } : undefined;
}

/** The ticket that `item_id` names; a wrong one is a wrong field here, not a missing page (tickets-api.md 4.9). */
export async function findItem(context: ReadContext, project: Project, itemId: string | undefined) {
  if (itemId === undefined || itemId === '') throw invalid('item_id', 'This field is required.', 'required');
  if (!isUuid(itemId)) throw invalid('item_id', 'Must be a valid UUID.');
  return findNamedTicket(context, project, itemId, 'item_id');
}

/** Messages of a ticket, newest first, in pages without a count (tickets-api.md 1.5 and 4.9). */
export async function listComments(
  context: ReadContext,
  project: Project,
  query: QueryOf<typeof comments.list>,
  url: URL,
): Promise<RawJson> {
  if ((query.scope ?? SCOPE) !== SCOPE)
    throw invalid('scope', `The only scope is ${SCOPE}.`, 'invalid_choice');
  const ticket = await findItem(context, project, query.item_id);
  const { limit } = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
  const position = query.cursor === undefined ? undefined : decodePosition(query.cursor);
  const found = await findMany(context.tx, ticket, position, limit + 1);
  const hasMore = found.length > limit;
  const rows = found.slice(0, limit);
  if (position?.backward) rows.reverse();
  const to = (row: CommentRow | undefined, backward: boolean) => (row ? encodePosition(row, backward) : null);
  const links = cursorLinks(url, limit, {
    next: position?.backward || hasMore ? to(rows.at(-1), false) : null,
    previous: position && (!position.backward || hasMore) ? to(rows[0], true) : null,
  });
  const [next, previous] = [JSON.stringify(links.next), JSON.stringify(links.previous)];
  const results = rows.map(({ json }) => json).join(',');
  return new RawJson(`{"next":${next},"previous":${previous},"results":[${results}]}`);
}
