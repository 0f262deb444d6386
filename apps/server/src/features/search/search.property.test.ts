import type { SearchResult } from '@parley/contract/search';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KnownPeople, seedKnownTickets, TAGS, WORDS } from '../../testing/known-tickets.ts';
import { type KnownTicket, lower, wordsOf } from '../../testing/naive-list.ts';
import { type NaiveTerm, naiveSearch, quoted } from '../../testing/naive-search.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedMessage } from '../../testing/ticket-rows.ts';

const SEED = 20_260_302;
const IMAGE = 'See ![crash](https://img.example/1.png)';
const HELP = 'Help@desk.example';

let app: TestApp;
let known: KnownTicket[];
let people: KnownPeople;
const withFile = new Set<string>();
const toHelp = new Set<string>();
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ({ known, people } = await seedKnownTickets(app, 70, SEED));
  for (const [index, ticket] of known.entries()) {
    if (index % 5 === 1) {
      await seedMessage(app, ticket.row.id, { content: IMAGE });
      ticket.messages.push(IMAGE);
      withFile.add(ticket.row.id);
    }
    if (index % 6 === 2) toHelp.add(ticket.row.id);
  }
  await sql`
    with made as (insert into email_configs (project_id, id, email, is_verified, created_at)
      values (1, gen_random_uuid(), ${HELP}, true, now()) returning id)
    update tickets set email_config_id = made.id from made
    where project_id = 1 and tickets.id = any(${[...toHelp]}::uuid[])`.execute(app.database.kysely);
});
afterAll(() => app.close());

type Maker = fc.Arbitrary<Omit<NaiveTerm, 'excluded'> | undefined>;

const has = (text: string | null | undefined, part: string) => lower(text ?? '').includes(lower(part));

function text(value: string): Omit<NaiveTerm, 'excluded'> | undefined {
  const written = quoted(value, true);
  if (
    written === undefined ||
    /^(from|to|is|tag|assignee|channel|priority|before|after|has):./i.test(written)
  )
    return undefined;
  return {
    written,
    isText: true,
    holds: (ticket) => wordsOf(ticket).some((words) => words.includes(lower(value))),
  };
}

function operator(
  name: string,
  value: string,
  holds: NaiveTerm['holds'],
  alternative?: NaiveTerm['alternative'],
): Omit<NaiveTerm, 'excluded'> | undefined {
  const written = quoted(value, false);
  if (written === undefined) return undefined;
  return { written: `${name}:${written}`, isText: false, holds, ...(alternative ? { alternative } : {}) };
}

const partOf = (word: string) => {
  const letters = [...word];
  return fc
    .tuple(fc.nat(letters.length - 1), fc.integer({ min: 1, max: letters.length }))
    .map(([start, length]) => letters.slice(start, start + length).join(''));
};
const cased = (words: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...words), fc.boolean())
    .map(([word, shout]) => (shout ? word.toUpperCase() : word));

/** The customer as the ticket or the person of its distinct id names them. */
function customerOf({ row }: KnownTicket): (string | null | undefined)[] {
  const traits = row.anonymous_traits as { name?: string; email?: string };
  const person = ['p-1', 'p-2'].includes(row.distinct_id) ? 'Ada Lovelace' : undefined;
  return [row.email_from, traits.email, traits.name, person];
}

/** What a term may be, by its kind. The clock stands at 2026-03-02T10:00Z, the project's zone is UTC. */
function kinds(): Record<string, Maker> {
  const days = { '2026-02-15': '2026-02-15T00:00Z', '-7d': '2026-02-23T10:00Z', mStart: '2026-03-01T00:00Z' };
  const day = fc.constantFrom(...(Object.entries(days) as [string, string][]));
  const phrases = [
    'Hello Zürich!',
    'hello refund',
    'lo snake_case!',
    '100%',
    '👍🏽',
    '東',
    'ada lovelace',
    'p.ex',
    'é',
  ];
  return {
    word: fc
      .oneof(fc.constantFrom(...WORDS, ...phrases).chain(partOf), cased([...WORDS, ...phrases]))
      .map(text),
    'is:state': fc
      .constantFrom('unread', 'snoozed')
      .map((state) =>
        operator('is', state, ({ row }) =>
          state === 'unread' ? row.unread_team_count > 0 : row.snoozed_until !== null,
        ),
      ),
    'is:status': fc
      .constantFrom('new', 'open', 'pending', 'on_hold', 'on-hold', 'RESOLVED')
      .map((status) =>
        operator('is', status, ({ row }) => row.status === status.toLowerCase().replace('-', '_'), 'status'),
      ),
    from: fc
      .oneof(
        cased(['bob@example.com', 'ÜLI@', 'lovelace', 'trait@x.org']),
        fc.constantFrom(...WORDS).chain(partOf),
      )
      .map((part) => operator('from', part, (ticket) => customerOf(ticket).some((name) => has(name, part)))),
    to: cased(['help@desk', 'two@two.example', 'cc@', 'desk.example', 'nobody@']).map((part) =>
      operator('to', part, ({ row }) => {
        const cc = row.cc_participants as string[];
        return cc.some((one) => has(one, part)) || (toHelp.has(row.id) && has(HELP, part));
      }),
    ),
    tag: cased(TAGS).map((tag) => operator('tag', tag, ({ row }) => row.tags.includes(tag.toLowerCase()))),
    assignee: fc.constantFrom('me', 'unassigned', 'COLLEAGUE@example.com', 'billing').map((who) =>
      operator(
        'assignee',
        who,
        ({ row }) => {
          if (who === 'unassigned') return row.assignee_user_id === null && row.assignee_role_id === null;
          if (who === 'billing') return row.assignee_role_id === people.role;
          return row.assignee_user_id === (who === 'me' ? people.me : people.colleague);
        },
        'assignee',
      ),
    ),
    channel: cased(['widget', 'email', 'slack', 'teams', 'github']).map((channel) =>
      operator('channel', channel, ({ row }) => row.channel_source === channel.toLowerCase(), 'channel'),
    ),
    priority: cased(['low', 'high', 'critical']).map((priority) =>
      operator('priority', priority, ({ row }) => row.priority === priority.toLowerCase(), 'priority'),
    ),
    before: day.map(([written, at]) =>
      operator('before', written, ({ row }) => row.updated_at.getTime() < Date.parse(at)),
    ),
    after: day.map(([written, at]) =>
      operator('after', written, ({ row }) => row.updated_at.getTime() >= Date.parse(at)),
    ),
    'has:attachment': fc.constant(operator('has', 'attachment', ({ row }) => withFile.has(row.id))),
  };
}

const term = (maker: Maker): fc.Arbitrary<NaiveTerm> =>
  fc
    .tuple(maker, fc.boolean())
    .filter(([made]) => made !== undefined)
    // The filter has just seen that it is there.
    .map(([made, excluded]) => ({ ...(made as Omit<NaiveTerm, 'excluded'>), excluded }));

const write = (terms: readonly NaiveTerm[]) =>
  terms.map(({ written, excluded }) => (excluded ? `-${written}` : written)).join(' ');

interface Page {
  count: number;
  next: string | null;
  results: SearchResult[];
}

async function search(terms: readonly NaiveTerm[], limit: number): Promise<Page> {
  const parameters = new URLSearchParams({ q: write(terms), limit: String(limit) });
  const path = `/api/projects/1/conversations/search/?${parameters}`;
  const { status, body } = await app.request<Page>('GET', path);
  expect([write(terms), status]).toEqual([write(terms), 200]);
  return body;
}

/** All pages one after the other; the count is the same on each. */
async function searchAll(terms: readonly NaiveTerm[], limit: number): Promise<Page> {
  const first = await search(terms, limit);
  const results = [...first.results];
  for (let { next } = first; next !== null; ) {
    const url = new URL(next);
    const { body } = await app.request<Page>('GET', url.pathname + url.search);
    expect([body.count, body.results.length > 0]).toEqual([first.count, true]);
    results.push(...body.results);
    next = body.next;
  }
  return { count: first.count, next: null, results };
}

async function expectNaive(terms: readonly NaiveTerm[], limit: number): Promise<void> {
  // A lone number is the ticket's, which its own test covers.
  fc.pre(!(terms.length === 1 && /^#?[0-9]+$/.test(write(terms))));
  const wanted = naiveSearch(known, terms);
  const { count, results } = await searchAll(terms, limit);
  expect([write(terms), results.map(({ ticket }) => ticket.ticket_number)]).toEqual([
    write(terms),
    wanted.map(({ row }) => row.ticket_number),
  ]);
  expect(count).toBe(wanted.length);
  expectSnippets(terms, results, wanted);
}

/** What a snippet marks is what was looked for, from the message that it names. */
function expectSnippets(
  terms: readonly NaiveTerm[],
  results: readonly SearchResult[],
  wanted: readonly KnownTicket[],
): void {
  const texts = terms
    .filter(({ isText, excluded }) => isText && !excluded)
    .map(({ written }) => lower(written.replace(/^"|"$/g, '')));
  for (const [index, { snippet, message_id }] of results.entries()) {
    const marked = snippet.filter(({ match }) => match).map((part) => lower(part.text));
    const thread = [wanted[index], ...(wanted[index]?.merged ?? [])].flatMap((one) => one?.messages ?? []);
    const isInMessage = thread.some((content) => texts.some((one) => has(content, one)));
    expect([write(terms), message_id !== null]).toEqual([write(terms), isInMessage]);
    if (isInMessage) expect(marked.length).toBeGreaterThan(0);
    for (const part of marked)
      expect(texts.some((one) => part.includes(one) || one.includes(part))).toBe(true);
  }
}

const limit = fc.integer({ min: 1, max: 30 });

describe('search.tickets and a naive search find the same, newest first, page by page', () => {
  it('every operator alone, and excluded', async () => {
    for (const maker of Object.values(kinds()))
      await fc.assert(
        fc.asyncProperty(term(maker), limit, (one, size) => expectNaive([one], size)),
        { numRuns: 20, seed: SEED },
      );
  }, 120_000);

  it('every operator with every other', async () => {
    const makers = Object.values(kinds());
    for (const [index, first] of makers.entries())
      for (const second of makers.slice(index))
        await fc.assert(
          fc.asyncProperty(term(first), term(second), (a, b) => expectNaive([a, b], 25)),
          { numRuns: 4, seed: SEED },
        );
  }, 120_000);

  it('several at once', async () => {
    const any = fc.oneof(...Object.values(kinds()).map(term));
    await fc.assert(fc.asyncProperty(fc.array(any, { minLength: 2, maxLength: 5 }), limit, expectNaive), {
      numRuns: 150,
      seed: SEED,
    });
  }, 120_000);

  it('each operator finds something and leaves something out', () => {
    for (const [name, maker] of Object.entries(kinds())) {
      const sizes = fc
        .sample(term(maker), { numRuns: 30, seed: SEED })
        .map((one) => naiveSearch(known, [one]).length);
      expect([name, sizes.some((size) => size > 0 && size < known.length)]).toEqual([name, true]);
    }
  });
});
