import type { Message } from '@parley/contract/messages';
import type { PageOf } from '@parley/contract/schemas';
import type { SearchResult, SearchWarning } from '@parley/contract/search';
import type { Ticket } from '@parley/contract/tickets';
import type { ToolAnswer } from './tool.ts';

type Data = Record<string, unknown>;

const PREVIEW = 200;
/** Written by the team. All other words are a stranger's, or were made from a stranger's. */
const TEAM = ['support', 'human', 'workflow'];

/** What a list shows of a ticket: what is needed to choose one. Empty fields are left out. */
export function shortTicket(ticket: Ticket): Data {
  const { assignee, person } = ticket;
  return compact({
    id: ticket.id,
    ticket_number: ticket.ticket_number,
    status: ticket.status,
    priority: ticket.priority,
    assignee: assignee && {
      type: assignee.type,
      id: assignee.id,
      name: assignee.user?.email ?? assignee.role?.name,
    },
    channel_source: ticket.channel_source,
    customer: customerOf(ticket),
    person_id: person?.id,
    email_subject: ticket.email_subject,
    last_message_text: cut(ticket.last_message_text),
    last_message_at: ticket.last_message_at,
    message_count: ticket.message_count,
    unread_team_count: ticket.unread_team_count,
    tags: ticket.tags.length > 0 ? ticket.tags : null,
    sla_due_at: ticket.sla_due_at,
    snoozed_until: ticket.snoozed_until,
    merged_into_ticket_number: ticket.merged_into_ticket_number,
    created_at: ticket.created_at,
    updated_at: ticket.updated_at,
  });
}

function customerOf({ person, email_from, anonymous_traits: traits }: Ticket): unknown {
  const known = typeof traits === 'object' && traits !== null ? { ...traits } : {};
  const fallback = 'name' in known ? known.name : 'email' in known ? known.email : null;
  return person?.name ?? email_from ?? fallback;
}

/** A message without what only an editor needs. */
export function shortMessage(message: Message): Data {
  const { id, content, author_type, author_name, author_email, is_private, created_at } = message;
  return compact({
    id,
    created_at,
    author_type,
    author_name,
    author_email,
    is_private,
    ticket_number: message.ticket_number,
    has_full_email_content: message.has_full_email_content || null,
    untrusted: TEAM.includes(author_type) ? null : true,
    content,
  });
}

export function shortFound({ ticket, snippet, message_id }: SearchResult): Data {
  return compact({
    ticket: shortTicket(ticket),
    snippet: snippet.map(({ text }) => text).join(''),
    message_id,
  });
}

/** A list: its rows, and the arguments that get the next ones. */
export function presentPage<T>(
  page: PageOf<T> & { warnings?: SearchWarning[] },
  noun: string,
  show: (item: T) => unknown,
): ToolAnswer {
  const next = nextArguments(page.next);
  const { count, results, count_capped, warnings = [] } = page;
  const more = next ? ` For the next ones repeat the call with ${JSON.stringify(next)}.` : '';
  const total = count_capped ? `more than ${count}` : String(count);
  return {
    text: `${results.length} of ${total} ${noun}.${more}`,
    data: {
      count,
      ...(count_capped ? { count_capped } : {}),
      results: results.map(show),
      next,
      ...(warnings.length > 0 ? { warnings } : {}),
    },
  };
}

/** A link to the next page as arguments of the tool. */
function nextArguments(link: string | null): Data | null {
  const query = link === null ? undefined : URL.parse(link)?.searchParams;
  if (!query) return null;
  const cursor = query.get('cursor');
  const limit = query.get('limit');
  return {
    ...(limit === null ? {} : { limit: Number(limit) }),
    ...(cursor === null ? { offset: Number(query.get('offset')) } : { cursor }),
  };
}

/** Whatever an operation answers, where nothing shorter is known. */
export function presentAnswer(answer: unknown): ToolAnswer {
  if (answer === undefined || answer === null) return { text: 'Done.', data: { done: true } };
  if (Array.isArray(answer)) return { text: `${answer.length} rows.`, data: { results: answer } };
  if (typeof answer !== 'object') return { text: 'Done.', data: { result: answer } };
  if (isPage(answer)) return presentPage(answer, 'rows', (row) => row);
  return { text: 'Done.', data: { ...answer } };
}

function isPage(answer: object): answer is PageOf<unknown> {
  return 'results' in answer && Array.isArray(answer.results) && 'count' in answer && 'next' in answer;
}

function compact(data: Data): Data {
  return Object.fromEntries(
    Object.entries(data).filter(([, value]) => value !== null && value !== undefined),
  );
}

function cut(text: string | null): string | null {
  if (text === null || text.length <= PREVIEW) return text;
  // A character is not cut in two.
  return `${text.slice(0, PREVIEW).toWellFormed()}…`;
}
