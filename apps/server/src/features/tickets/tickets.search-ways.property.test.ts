import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM } from '../../testing/fixtures.ts';
import { type KnownPeople, seedKnownTickets, TAGS, WORDS } from '../../testing/known-tickets.ts';
import { type KnownTicket, naiveList } from '../../testing/naive-list.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { DEFAULT_ORDER, whose } from './tickets.filter-sql.ts';
import type { Sought, TicketFilters } from './tickets.filters.ts';
import { listConditions } from './tickets.listed.ts';
import { searchTickets } from './tickets.search.ts';
import { SEARCH_LIMITS } from './tickets.search-costs.ts';
import { isBeyond } from './tickets.search-sample.ts';

const SEED = 20_261_121;
const TICKETS = 60;

let app: TestApp;
let known: KnownTicket[];
let people: KnownPeople;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ({ known, people } = await seedKnownTickets(app, TICKETS, SEED));
});
afterAll(() => app.close());
const usual = { ...SEARCH_LIMITS };
afterEach(() => void Object.assign(SEARCH_LIMITS, usual));

/** Figures that send a search of a few tickets every way that one of a million may take. */
const WAYS: [string, Partial<typeof SEARCH_LIMITS>][] = [
  ['everything is looked at', {}],
  ['the index, whole', { small: 0, tried: 1e9 }],
  ['the index, a few rows at first', { small: 0, tried: 1e9, rows: 3, atOnce: 0 }],
  ['the index for the count, a walk for the page', { small: 0, tried: 15, atOnce: 0 }],
  ['a walk in a short window, then the index', { small: 0, tried: 0, patience: 0, window: 2, atOnce: 0 }],
  ['a walk in a window that holds all', { small: 0, tried: 0, window: 1000, atOnce: 0 }],
  ['a glance at the head of the list, then all sorted', { small: 0, window: 0, peek: 6, peekWorth: 0 }],
  ['few are drawn', { small: 0, sample: 5, hopefulSample: 3, nextSample: 4 }],
];

const text = fc.oneof(
  fc.constantFrom(
    ...WORDS,
    ...TAGS,
    'hello',
    'lovelace',
    'clown',
    'example.com',
    'no such thing',
    'hello refund',
  ),
  fc
    .constantFrom(...WORDS, 'Hello Zürich!')
    .chain((word) =>
      fc
        .tuple(fc.nat(word.length - 1), fc.integer({ min: 1, max: 4 }))
        .map(([at, length]) => word.slice(at, at + length)),
    ),
);
const searchable = text
  .map((one) => one.toWellFormed().trim())
  .filter((one) => one !== '' && !/^#?\d+$/.test(one));
const words = fc.array(fc.record({ text: searchable, excluded: fc.boolean() }), {
  minLength: 1,
  maxLength: 3,
});

function expected(sought: readonly Sought[]): string[] {
  const context = { now: app.clock.now().getTime(), userId: people.me, dates: new Map() };
  const all = naiveList(known, {}, context);
  const holding = sought.map(({ text: search }) => new Set(naiveList(known, { search }, context)));
  return all
    .filter(({ row }) => row.merged_into_id === null)
    .filter((ticket) =>
      sought.every(({ excluded }, index) => holding[index]?.has(ticket) !== (excluded ?? false)),
    )
    .map(({ row }) => row.id);
}

interface Page {
  cap: number;
  limit: number;
  offset: number;
}

const find = (sought: readonly Sought[], page: Page, filters: TicketFilters = {}, isNarrow = false) =>
  app.parley.unitOfWork.read(SYSTEM, (context) =>
    searchTickets(context, {
      projectId: 1,
      plain: listConditions(1, { ...filters, words: sought }, { now: context.now, userId: people.me }),
      whose: whose(1, filters),
      words: sought,
      order: DEFAULT_ORDER,
      reversed: false,
      isBare: Object.keys(filters).length === 0,
      isNarrow,
      isDated: false,
      isBounded: false,
      stretches: [[]],
      ...page,
    }),
  );

const page: fc.Arbitrary<Page> = fc.record({
  cap: fc.constantFrom(2, 5, 10_000, Number.POSITIVE_INFINITY),
  limit: fc.integer({ min: 1, max: 20 }),
  offset: fc.nat(8),
});

/** What a list answers that holds these tickets. */
const answer = (ids: readonly string[], { cap, limit, offset }: Page) => ({
  count: Math.min(ids.length, cap),
  capped: ids.length > cap,
  ids: ids.slice(offset, offset + limit),
});

describe.each(WAYS)('a search finds the same by any way: %s', (_, limits) => {
  it('words alone, together and excluded, with every count', async () => {
    Object.assign(SEARCH_LIMITS, limits);
    await fc.assert(
      fc.asyncProperty(words, page, async (sought, asked) => {
        expect(await find(sought, asked)).toEqual(answer(expected(sought), asked));
      }),
      { numRuns: 60, seed: SEED },
    );
  });

  it('conditions without words, with every count', async () => {
    Object.assign(SEARCH_LIMITS, limits);
    const excluded = fc.uniqueArray(fc.constantFrom(...TAGS), { minLength: 1, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(excluded, page, fc.boolean(), async (tagsExclude, asked, isNarrow) => {
        const context = { now: app.clock.now().getTime(), userId: people.me, dates: new Map() };
        const held = naiveList(known, { tags_exclude: JSON.stringify(tagsExclude) }, context);
        const ids = held.map(({ row }) => row.id);
        expect(await find([], asked, { tagsExclude }, isNarrow)).toEqual(answer(ids, asked));
      }),
      { numRuns: 30, seed: SEED },
    );
  });
});

describe('what is beyond doubt', () => {
  const sample = (hits: number, highestNumber: number) => ({
    drawn: 800,
    plainHits: 800,
    hits,
    highestNumber,
    hitNumbers: undefined,
    texts: [],
  });

  it('is only what is far from chance', () => {
    expect(isBeyond(10_000, sample(80, 1_000_000))).toBe(true);
    expect(isBeyond(10_000, sample(800, 1_000_000))).toBe(true);
    expect(isBeyond(10_000, sample(800, 20_000))).toBe(true);
    expect(isBeyond(10_000, sample(16, 1_000_000))).toBe(false);
    expect(isBeyond(10_000, sample(0, 1_000_000))).toBe(false);
    expect(isBeyond(10_000, sample(800, 10_000))).toBe(false);
    expect(isBeyond(10_000, sample(800, 0))).toBe(false);
    expect(isBeyond(Number.POSITIVE_INFINITY, sample(800, 1_000_000))).toBe(false);
  });
});
