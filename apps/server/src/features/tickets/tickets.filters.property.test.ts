import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TICKETS } from '../../testing/fixtures.ts';
import { type KnownPeople, LADDER, seedKnownTickets, TAGS, WORDS } from '../../testing/known-tickets.ts';
import { type KnownTicket, shownList } from '../../testing/naive-list.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { listPath, listTickets } from '../../testing/ticket-rows.ts';

const DAY = 24 * 3_600_000;
const SEED = 20_260_302;
const RUNS = 250;
/** Far above what a request takes on a busy machine, far below what a runaway pattern would. */
const SLOW_MS = 20_000;

let app: TestApp;
let known: KnownTicket[];
let people: KnownPeople;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ({ known, people } = await seedKnownTickets(app, 70, SEED));
  const body = { conversations_settings: { response_target_groups: LADDER } };
  expect((await app.request('PATCH', '/api/projects/1/', { body })).status).toBe(200);
});
afterAll(() => app.close());

const at = (text: string) => Date.parse(text);
const both = (ms: number) => ({ from: ms, to: ms });
/** The clock of the test stands at 2026-03-02T10:00:00.000Z, the project's zone is UTC. */
const DATES = new Map([
  ['2026-02-15', { from: at('2026-02-15T00:00:00.000Z'), to: at('2026-02-15T23:59:59.999Z') }],
  ['2026-02-15T10:30:00Z', both(at('2026-02-15T10:30:00Z'))],
  ['2026-02-15T10:30:00.500+02:00', both(at('2026-02-15T08:30:00.500Z'))],
  ['2026-02-15 10:30', both(at('2026-02-15T10:30:00Z'))],
  ['-7d', both(at('2026-02-23T10:00:00Z'))],
  ['-36h', both(at('2026-02-28T22:00:00Z'))],
  ['mStart', both(at('2026-03-01T00:00:00Z'))],
  ['-1mStart', both(at('2026-02-01T00:00:00Z'))],
  ['-1dEnd', both(at('2026-03-01T23:59:59.999Z'))],
  ['0001-01-01', { from: at('0001-01-01'), to: at('0001-01-01') + DAY - 1 }],
  ['9999-12-31', { from: at('9999-12-31'), to: at('9999-12-31') + DAY - 1 }],
]);

const HOSTILE = [
  "' or 1=1 --",
  '"; drop table tickets; --',
  "'||pg_sleep(10)||'",
  '$1',
  '\0',
  'a\0b',
  '\r\n\t\v\f\u001b[31m',
  '\u202e\ufeff\u200b',
  '\ud800',
  '%',
  '_',
  '\\',
  '\\\\%',
  '%%%%%%%%%%%%%%%%%%%%%%%%%%%%%a',
  '(a+)+$',
  '{"$ne":null}',
  '[[[[[[[[[[',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  'NaN',
  'Infinity',
  '-0',
  '1e9',
  '99999999999999999999',
  '٣',
  'true',
  'null',
  'undefined',
  '../../etc/passwd',
  'x'.repeat(3000),
];
const garbage = fc
  .oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ maxLength: 20 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  )
  // What a client can send at all: an address holds no lone surrogates.
  .map((text) => text.toWellFormed());

const anyCase = (...words: string[]) =>
  fc
    .tuple(fc.constantFrom(...words), fc.boolean())
    .map(([word, shout]) => (shout ? word.toUpperCase() : word));
const commaList = (...values: string[]) =>
  fc
    .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...values) }, garbage), {
      minLength: 1,
      maxLength: 4,
    })
    .map((list) =>
      list.join(fc.sample(fc.constantFrom(',', ' , ', ',,'), { numRuns: 1, seed: list.length })[0]),
    );
const tagList = fc
  .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom<unknown[]>(...TAGS) }, garbage, fc.jsonValue()), {
    maxLength: 3,
  })
  .map((list) => JSON.stringify(list));
/** A part of what some ticket says, so that searches find something. */
const partOf = (text: string) =>
  fc
    .tuple(fc.nat(text.length - 1), fc.integer({ min: 1, max: text.length }))
    .map(([start, length]) => text.slice(start, start + length).toWellFormed());

function valid(): Record<string, fc.Arbitrary<string>> {
  const numbers = known.map(({ row }) => String(row.ticket_number));
  const words = [
    ...WORDS,
    ...TAGS,
    'hello',
    'ada lovelace',
    'clown',
    'deep',
    'example.com',
    'trait',
    '4711',
    'vip',
  ];
  const date = fc.constantFrom(
    ...DATES.keys(),
    'all',
    '',
    ...known.slice(0, 5).map(({ row }) => row.updated_at.toISOString()),
  );
  return {
    status: commaList('new', 'open', 'pending', 'on_hold', 'resolved', 'NEW'),
    priority: commaList('low', 'medium', 'high', 'critical', 'null'),
    channel_source: fc.constantFrom('widget', 'email', 'slack', 'slack,email', 'Widget'),
    channel_detail: fc.constantFrom('widget_api', 'slack_bot_mention', 'nothing'),
    assignee: commaList(
      'me',
      'ME',
      'unassigned',
      'Unassigned',
      `user:${people.colleague}`,
      `user:${people.me}`,
      `role:${people.role}`,
      `role:${people.role.toUpperCase()}`,
      'user:abc',
      'user:0',
      'user:2147483648',
      'role:1',
    ),
    sla: fc.constantFrom('breached', 'at-risk', 'on-track', 'at-risk,breached'),
    snoozed: anyCase('true', 'false', '1'),
    unread: fc.constantFrom('true', 'TRUE', 'mine', 'MINE', 'false'),
    deleted: anyCase('true', 'false'),
    organization: fc.constantFrom('acme', 'ACME', '', ...WORDS),
    date_from: date,
    date_to: date,
    created_from: date,
    created_to: date,
    distinct_ids: commaList('known', 'nobody', 'p-1', 'p-2', ...WORDS.filter((word) => !word.includes(','))),
    emails: commaList('ann@example.com', 'BOB@example.com', 'üli@EXAMPLE.com', 'krusty@tv.example'),
    ids: commaList(
      ...known.map(({ row }) => row.id),
      ...known.slice(0, 3).map(({ row }) => row.id.toUpperCase()),
    ),
    search: fc.oneof(
      fc.constantFrom(...words).chain(partOf),
      anyCase(...words),
      fc.constantFrom(...numbers, ...numbers.map((number) => `#${number}`), '0', '#', '²', ' '),
    ),
    tags: tagList,
    tags_all: tagList,
    tags_exclude: tagList,
    response_target: fc.constantFrom('Low', 'Middle', 'High', 'high', ''),
    ai_triage_result: commaList('persisted', 'clarified', 'in_progress', 'suggested'),
    order_by: fc.constantFrom(
      'updated_at',
      '-updated_at',
      'created_at',
      '-created_at',
      'sla_due_at',
      '-sla_due_at',
      'snoozed_until',
      '-snoozed_until',
      'ticket_number',
      '-ticket_number',
      'id',
    ),
  };
}

/** Up to four filters at once; some of them garbage. */
function queries(): fc.Arbitrary<Record<string, string>> {
  const arbitraries = Object.entries(valid()).map(([name, value]) =>
    fc.tuple(fc.constant(name), fc.oneof({ weight: 6, arbitrary: value }, garbage)),
  );
  return fc
    .array(fc.oneof(...arbitraries), { minLength: 1, maxLength: 4 })
    .map((entries) => Object.fromEntries(entries));
}

function expected(query: Record<string, string>): number[] {
  const dates = new Map([
    ...DATES,
    ...known.map(({ row }) => [row.updated_at.toISOString(), both(row.updated_at.getTime())] as const),
  ]);
  const context = { now: app.clock.now().getTime(), userId: people.me, dates };
  // NUL can't be stored; where it arrives it is replaced.
  const arrived = Object.entries(query).map(([name, text]) => [name, text.replaceAll('\0', '\uFFFD')]);
  return shownList(known, Object.fromEntries(arrived), context).map(({ row }) => row.ticket_number);
}

async function inTime<T>(request: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const answer = await request();
  expect(performance.now() - start).toBeLessThan(SLOW_MS);
  return answer;
}

describe('every filter of the list', () => {
  it('alone lists what a naive filter lists, in the same order, and counts it', async () => {
    for (const [name, value] of Object.entries(valid())) {
      await fc.assert(
        fc.asyncProperty(value, async (text) => {
          const query = { [name]: text };
          const { count, results } = await inTime(() => listTickets(app, { ...query, limit: 1000 }));
          const numbers = expected(query);
          expect(results.map((ticket) => ticket.ticket_number)).toEqual(numbers);
          expect(count).toBe(numbers.length);
        }),
        { numRuns: 20, seed: SEED },
      );
    }
  }, 120_000);

  it('finds something and leaves something out: the tickets are worth testing with', () => {
    for (const [name, value] of Object.entries(valid())) {
      if (name === 'order_by') continue;
      const sizes = fc
        .sample(value, { numRuns: 50, seed: SEED })
        .map((text) => expected({ [name]: text }).length);
      expect([name, sizes.some((size) => size > 0 && size < known.length)]).toEqual([name, true]);
    }
  });

  it('with others and with garbage does too, page by page', async () => {
    const page = fc.record({ limit: fc.integer({ min: 1, max: 30 }), offset: fc.nat(40) });
    await fc.assert(
      fc.asyncProperty(queries(), page, async (query, { limit, offset }) => {
        const numbers = expected(query);
        const shown = await inTime(() => listTickets(app, { ...query, limit, offset }));
        expect(shown.results.map((ticket) => ticket.ticket_number)).toEqual(
          numbers.slice(offset, offset + limit),
        );
        expect(shown.count).toBe(numbers.length);
        const first = await inTime(() => listTickets(app, { ...query, limit, cursor: '', count: 'exact' }));
        expect(first.results.map((ticket) => ticket.ticket_number)).toEqual(numbers.slice(0, limit));
        expect([first.count, first.next === null]).toEqual([numbers.length, numbers.length <= limit]);
      }),
      { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
    );
  }, 120_000);
});

describe('no address is a server error', () => {
  it('whatever its parameters hold', async () => {
    const names = fc.constantFrom(
      ...Object.keys(valid()),
      'limit',
      'offset',
      'cursor',
      'count',
      '__proto__',
      'constructor',
      '',
    );
    const query = fc
      .array(fc.tuple(names, garbage), { maxLength: 6 })
      .map((entries) => Object.fromEntries(entries));
    await fc.assert(
      fc.asyncProperty(query, async (parameters) => {
        const { status, text } = await inTime(() => app.request('GET', listPath(parameters)));
        expect([status, status === 200 ? '' : text]).toEqual([200, '']);
      }),
      { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
    );
  }, 120_000);

  it('whatever bytes it is made of', async () => {
    const bytes = [
      '%',
      '%ff',
      '%c3%28',
      '%00',
      '%ED%A0%80',
      '&&==&',
      '%2525',
      '?????',
      '+',
      ';',
      '%0d%0aX: y',
    ];
    for (const text of [
      ...bytes,
      ...bytes.map((each) => `search=${each}`),
      ...bytes.map((each) => `tags=["${each}"]`),
    ]) {
      const { status } = await inTime(() => app.request('GET', `${TICKETS}?${text}`));
      expect([text, status]).toEqual([text, 200]);
    }
  });

  it.each([
    ['limit=-1', 100],
    ['offset=1e9', 100],
    ['offset=1000000000', 0],
    ['limit=1e9', 100],
    ['limit=-1&offset=-1', 100],
  ])('%s', async (query, most) => {
    const { status, body } = await app.request<{ count: number; results: unknown[] }>(
      'GET',
      `${TICKETS}?${query}`,
    );
    const alive = known.filter(({ row }) => row.deleted_at === null).length;
    expect([status, body.count, body.results.length]).toEqual([200, alive, Math.min(alive, most)]);
  });

  it('an unknown view is the one mistake that is refused', async () => {
    await fc.assert(
      fc.asyncProperty(garbage, async (view) => {
        const { status, body } = await app.request('GET', listPath({ view }));
        if (view === '') expect(status).toBe(200);
        else expect([status, body]).toMatchObject([400, { attr: 'view', type: 'validation_error' }]);
      }),
      { numRuns: 60, seed: SEED },
    );
  });
});

describe('no body is a server error', () => {
  const nest = (depth: number, open: string, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`;

  it.each([
    ['deep arrays', nest(200_000, '[', ']')],
    ['deep objects', nest(100_000, '{"a":', '}')],
    ['deep traits', `{"anonymous_traits":${nest(100_000, '[', ']')}}`],
    ['deep tags', `{"tags":${nest(50_000, '[', ']')}}`],
    ['an unfinished one', '{"anonymous_traits":'.repeat(10_000)],
    ['a lone surrogate', '{"anonymous_traits":{"name":"\\ud800"}}'],
    ['NUL', '{"anonymous_traits":{"a\\u0000b":"\\u0000"},"escalation_reason":"\\u0000","tags":["\\u0000"]}'],
    ['a key of the prototype', '{"__proto__":{"status":"open"},"constructor":1}'],
    ['great numbers', '{"anonymous_traits":{"n":1e400,"m":-1e-400}}'],
  ])('%s', async (_, text) => {
    const headers = { 'content-type': 'application/json' };
    const { status } = await inTime(() => app.request('POST', TICKETS, { headers, body: text }));
    expect([200, 201, 400, 413]).toContain(status);
  });

  it('10 MB is refused as too large', async () => {
    const { status, body } = await inTime(() =>
      app.request('POST', TICKETS, { body: { message: 'x'.repeat(1e7) } }),
    );
    expect([status, body]).toMatchObject([413, { attr: null }]);
  });
});
