import { SEARCH_TERMS_MAX, type SearchWarning } from '@parley/contract/search';
import { CHANNEL_SOURCES, TICKET_PRIORITIES, TICKET_STATUSES } from '@parley/contract/tickets';
import { listMembers } from '#features/organizations/members.service.ts';
import { listRoles } from '#features/organizations/roles.service.ts';
import type { Sought, TicketFilters } from '#features/tickets/tickets.search.service.ts';
import { type Project, userOf } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { parseDateBound } from '#platform/relative-date.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { parseQuery, type Term } from './search-query.ts';

export interface ReadQuery {
  filters: TicketFilters;
  /** What a snippet shows as a match. */
  texts: string[];
  warnings: SearchWarning[];
}

/** What an operator narrows a list to, or why it is none. */
type Meaning = TicketFilters | { warning: string };

const NUMBER = /^#?[0-9]+$/;
const UNKNOWN = 'This is no operator, so it was searched for as text.';

/** What a query asks for (search.tickets). A date that is none is refused: dropping it would widen the result. */
export async function readSearchQuery(
  context: ReadContext,
  project: Project,
  query: string,
): Promise<ReadQuery> {
  const terms = parseQuery(query);
  if (terms.length > SEARCH_TERMS_MAX)
    throw invalid('q', `A search takes at most ${SEARCH_TERMS_MAX} words and operators.`, 'max_length');
  const [only] = terms;
  if (terms.length === 1 && only && !only.excluded && only.operator === undefined && NUMBER.test(only.value))
    return { filters: { search: only.value }, texts: [], warnings: [] };
  const words: Sought[] = [];
  const narrowing: TicketFilters[] = [];
  const excluding: TicketFilters[] = [];
  const warnings: SearchWarning[] = [];
  for (const term of terms) {
    const meaning = await meaningOf(context, project, term);
    if (meaning && !('warning' in meaning)) (term.excluded ? excluding : narrowing).push(meaning);
    else {
      if (meaning) warnings.push({ term: term.written, detail: meaning.warning });
      words.push({ text: textOf(term), excluded: term.excluded });
    }
  }
  const sought = [...words, ...wordsOf(narrowing)];
  // Without the keys that narrow nothing, so that a search by facets alone is counted as one.
  const filters = {
    ...narrowing.reduce(both, {}),
    ...(sought.length > 0 ? { words: sought } : {}),
    ...(excluding.length > 0 ? { excluding } : {}),
  };
  const texts = words.filter((word) => !word.excluded).map((word) => word.text);
  return { filters, texts, warnings };
}

function textOf({ operator, value }: Term): string {
  return operator === undefined ? value : `${operator}:${value}`;
}

/** Words whose index leads to the tickets of a customer; whether it is from them, the filter itself says. */
function wordsOf(narrowing: readonly TicketFilters[]): Sought[] {
  return narrowing.flatMap(({ from = [] }) => from.map((text) => ({ text })));
}

/** Two operators at once: several values of one are alternatives, but tags, people and dates must all hold. */
function both(a: TicketFilters, b: TicketFilters): TicketFilters {
  const merged = { ...a, ...b };
  const join = <T>(one: readonly T[] | undefined, other: readonly T[] | undefined) => [
    ...(one ?? []),
    ...(other ?? []),
  ];
  if (a.statuses && b.statuses) merged.statuses = join(a.statuses, b.statuses);
  if (a.priorities && b.priorities) merged.priorities = join(a.priorities, b.priorities);
  if (a.channels && b.channels) merged.channels = join(a.channels, b.channels);
  if (a.assignees && b.assignees) merged.assignees = join(a.assignees, b.assignees);
  if (a.tagsAll && b.tagsAll) merged.tagsAll = join(a.tagsAll, b.tagsAll);
  if (a.from && b.from) merged.from = join(a.from, b.from);
  if (a.to && b.to) merged.to = join(a.to, b.to);
  if (a.updatedFrom && b.updatedFrom && a.updatedFrom > b.updatedFrom) merged.updatedFrom = a.updatedFrom;
  if (a.updatedTo && b.updatedTo && a.updatedTo < b.updatedTo) merged.updatedTo = a.updatedTo;
  return merged;
}

/** Undefined for plain text. */
async function meaningOf(context: ReadContext, project: Project, term: Term): Promise<Meaning | undefined> {
  const { operator, value } = term;
  const word = value.toLowerCase();
  switch (operator) {
    case undefined:
      return undefined;
    case 'is':
      return isState(word);
    case 'from':
      return { from: [value] };
    case 'to':
      return { to: [value] };
    case 'tag':
      return { tagsAll: [word] };
    case 'assignee':
      return findAssignee(context, project, value);
    case 'channel':
      return named(CHANNEL_SOURCES, word, (channel) => ({ channels: [channel] }));
    case 'priority':
      return named(TICKET_PRIORITIES, word, (priority) => ({ priorities: [priority] }));
    case 'before':
      return { updatedTo: new Date(readDate(context, project, value, operator).getTime() - 1) };
    case 'after':
      return { updatedFrom: readDate(context, project, value, operator) };
    case 'has':
      return word === 'attachment'
        ? { hasFile: true }
        : { warning: 'Only has:attachment is known; searched as text.' };
    default:
      return { warning: UNKNOWN };
  }
}

function isState(word: string): Meaning {
  if (word === 'unread') return { unread: 'team' };
  if (word === 'snoozed') return { snoozed: true };
  return named(TICKET_STATUSES, word.replace('-', '_'), (status) => ({ statuses: [status] }));
}

function named<const T extends readonly string[]>(
  values: T,
  word: string,
  toFilter: (value: T[number]) => TicketFilters,
): Meaning {
  const value = values.find((one) => one === word);
  return value === undefined
    ? { warning: `One of ${values.join(', ')} is expected; it was searched for as text.` }
    : toFilter(value);
}

async function findAssignee(context: ReadContext, project: Project, value: string): Promise<Meaning> {
  const word = value.toLowerCase();
  if (word === 'unassigned') return { assignees: [{ type: 'unassigned' }] };
  if (word === 'me') {
    const user = userOf(context.actor);
    return user ? { assignees: [{ type: 'user', id: user.id }] } : { assignees: [] };
  }
  const members = await listMembers(context, project.organizationId);
  const member = members.find(({ user }) => user.email.toLowerCase() === word);
  if (member) return { assignees: [{ type: 'user', id: member.user.id }] };
  const role = (await listRoles(context, project.organizationId)).find(
    ({ name }) => name.toLowerCase() === word,
  );
  if (role) return { assignees: [{ type: 'role', id: role.id }] };
  return { warning: 'There is no member with this e-mail and no role of this name; searched as text.' };
}

function readDate({ now }: ReadContext, { timezone }: Project, value: string, operator: string): Date {
  const date = parseDateBound(value, { now, timezone, bound: 'from' });
  if (!date)
    throw invalid('q', `${operator}: takes a date such as 2026-01-31, or -7d; not "${value.slice(0, 50)}".`);
  return date;
}
