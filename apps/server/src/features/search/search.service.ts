import { SEARCH_QUERY_MAX, type SearchWarning, type SnippetPart } from '@parley/contract/search';
import { findTicketPage } from '#features/tickets/tickets.search.service.ts';
import { type Project, userOf } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { RawJson } from '#platform/http/call.ts';
import { cursorLinks, readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { readSearchQuery } from './search.filters.ts';
import { type BestMessage, cutSnippet, findBestMessages, holdsOne } from './search.snippets.ts';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;

export interface SearchRequest {
  query: { q?: string; limit?: string; cursor?: string };
  url: URL;
}

/** search.tickets: tickets that match a query with operators, last active first, with where they match. */
export async function searchTickets(
  context: ReadContext,
  project: Project,
  { query, url }: SearchRequest,
): Promise<RawJson> {
  const { q = '' } = query;
  if (q.length > SEARCH_QUERY_MAX)
    throw invalid('q', `Ensure this has no more than ${SEARCH_QUERY_MAX} characters.`, 'max_length');
  const { limit } = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
  const { filters, texts, warnings } = await readSearchQuery(context, project, q);
  const page = await findTicketPage(context, {
    projectId: project.id,
    access: project.access,
    userId: userOf(context.actor)?.id,
    filters,
    cursor: query.cursor ?? '',
    limit,
  });
  // Our own JSON of a moment ago.
  const tickets = page.json.map((json) => JSON.parse(json) as FoundTicket);
  const ids = tickets.map((ticket) => ticket.id);
  const best = await findBestMessages(context, project.id, ids, texts);
  const results = tickets.map((ticket, index) => {
    const message = best.get(ticket.id);
    const snippet = snippetOf(ticket, message, texts);
    const rest = JSON.stringify({ snippet, message_id: message?.message_id ?? null });
    return `{"ticket":${page.json[index]},${rest.slice(1)}`;
  });
  return answer(page, cursorLinks(url, limit, page.cursors), warnings, results);
}

interface FoundTicket {
  id: string;
  email_subject: string | null;
  email_from: string | null;
  last_message_text: string | null;
  anonymous_traits: unknown;
  cc_participants: unknown;
  tags: string[];
  person: { properties: unknown } | null;
}

function answer(
  { count, capped }: { count: number; capped: boolean },
  links: { next: string | null; previous: string | null },
  warnings: readonly SearchWarning[],
  results: readonly string[],
): RawJson {
  const head = JSON.stringify({ count, ...links, ...(capped ? { count_capped: true } : {}), warnings });
  return new RawJson(`${head.slice(0, -1)},"results":[${results.join(',')}]}`);
}

/** From the best message, else from the ticket's own words that match, else how the ticket goes on. */
function snippetOf(
  ticket: FoundTicket,
  message: BestMessage | undefined,
  texts: readonly string[],
): SnippetPart[] {
  if (message) return cutSnippet(message.content, texts);
  const own = [...ownWords(ticket)];
  const text =
    own.find((words) => holdsOne(words, texts)) ?? ticket.last_message_text ?? ticket.email_subject ?? '';
  return cutSnippet(text, texts);
}

function* ownWords(ticket: FoundTicket): Generator<string> {
  const { email_subject, email_from, anonymous_traits, cc_participants, tags, person } = ticket;
  yield* leaves([email_subject, email_from, anonymous_traits, cc_participants, tags, person?.properties]);
}

/** Texts and numbers anywhere in a value. */
function* leaves(value: unknown): Generator<string> {
  if (typeof value === 'string' || typeof value === 'number') yield String(value);
  else if (typeof value === 'object' && value !== null)
    for (const one of Object.values(value)) yield* leaves(one);
}
