import { gzipSync } from 'node:zlib';
import type { PageEvent } from '@parley/contract/page-events';
import type { TicketPerson } from '@parley/contract/tickets';
import type { Static } from 'typebox';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { findRestorable } from '#features/widget/restorable-tickets.ts';
import {
  browser,
  type Fields,
  newIdentitySecret,
  openPage,
  type Page,
  person,
  widgetToken,
  written,
} from '#features/widget/testing.ts';
import { run as prune } from '#platform/prune.job.ts';
import { addPerson, addTenant, createTicket, SYSTEM } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp, type TestResponse } from '../../testing/test-app.ts';
import { seedTicket } from '../../testing/ticket-rows.ts';

const TOKEN = 'prt_test_project';
const ADDRESSES = ['/e/', '/i/v0/e/', '/batch/', '/capture/'];

type Person = Static<typeof TicketPerson>;

let app: TestApp;
let page: Page;
let secret: string;
let turn = 0;
/** Ids that nobody has used. */
let ids: { anon: string; ada: string; bob: string };
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  page = openPage(app, await widgetToken(app));
  secret = await newIdentitySecret(app);
});
afterAll(() => app.close());
beforeEach(() => {
  turn += 1;
  ids = { anon: `anon-${turn}`, ada: `ada-${turn}`, bob: `bob-${turn}` };
});

function report(
  body: unknown,
  path = '/i/v0/e/',
  type = 'application/json',
): Promise<TestResponse<{ status: 1 }>> {
  const sent = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return app.request('POST', path, { key: null, headers: { 'content-type': type }, body: sent });
}

const event = (name: string, distinctId: string, properties: Fields = {}, more: Fields = {}) => ({
  event: name,
  distinct_id: distinctId,
  properties: { token: TOKEN, ...properties },
  ...more,
});
const capture = (...events: object[]) => report({ api_key: TOKEN, batch: events });

async function personOf(distinctId: string): Promise<Person | undefined> {
  const path = `/api/projects/1/persons/?distinct_id=${encodeURIComponent(distinctId)}`;
  return (await app.request<{ results: Person[] }>('GET', path)).body.results[0];
}

/** What was reported before this is written: the queue keeps the order. */
async function settled(): Promise<void> {
  turn += 1;
  const last = `last-${turn}`;
  await capture(event('$identify', last));
  await vi.waitFor(async () => expect(await personOf(last)).toBeDefined(), { timeout: 10_000, interval: 20 });
}

describe('events of pages', () => {
  it.each(ADDRESSES)('are taken at %s in every form, and answered alike', async (path) => {
    const of = (id: string) => [event('$identify', id, {}, { $set: { form: id } })];
    const json = (id: string) => JSON.stringify({ api_key: TOKEN, batch: of(id) });
    const named = ['plain', 'zipped', 'form', 'beacon', 'list', 'single'].map((form) => `${form}-${ids.ada}`);
    const [plain = '', zipped = '', form = '', beacon = '', list = '', single = ''] = named;
    const answers = [
      await report(json(plain), path),
      await report(gzipSync(json(zipped)), `${path}?compression=gzip-js&ip=0&_=1&ver=1.449.2`, 'text/plain'),
      await report(
        `data=${encodeURIComponent(Buffer.from(json(form)).toString('base64'))}`,
        `${path}?compression=base64`,
        'application/x-www-form-urlencoded',
      ),
      await report(json(beacon), `${path}?beacon=1`, 'text/plain;charset=UTF-8'),
      await report(of(list), path),
      await report(
        { api_key: TOKEN, event: '$identify', distinct_id: single, properties: { $set: { form: single } } },
        path,
      ),
    ];
    for (const { status, body, headers } of answers) {
      expect([status, body]).toEqual([200, { status: 1 }]);
      expect(headers['access-control-allow-origin']).toBe('*');
    }
    await settled();
    for (const id of named)
      expect(await personOf(id)).toMatchObject({ is_identified: true, properties: { form: id } });
  });

  it.each<[string, unknown, string?]>([
    ['nothing', ''],
    ['no JSON', '{"batch": ['],
    ['a number', 7],
    ['null', 'null'],
    ['a bomb', gzipSync(Buffer.alloc(30 * 1024 * 1024)), 'text/plain'],
    ['what is not zipped', Buffer.from([0x1f, 0x8b, 1, 2, 3]), 'text/plain'],
    ['a list of nothing', [null, 1, 'x', [], {}]],
    ['deep nesting', `{"batch":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    [
      'the token of nobody',
      { api_key: 'phc_nobody', batch: [event('$identify', 'x-of-nobody', { token: 'phc_nobody' })] },
    ],
    ['a token that is no text', { api_key: 5, batch: [event('$identify', 'x', { token: { a: 1 } })] }],
    ['no id', { api_key: TOKEN, event: '$pageview', properties: { $session_id: 's' } }],
    [
      'an id of nobody',
      [event('$identify', 'null'), event('$identify', ' undefined '), event('$identify', '')],
    ],
    ['NUL and half a letter', [event('$identify', 'a\0b'), event('$identify', '\ud800')]],
    ['an id that is too long', [event('$identify', 'x'.repeat(401))]],
    [
      'keys of objects',
      '{"api_key":"prt_test_project","batch":[{"event":"$identify","distinct_id":"__proto__","properties":{"__proto__":{"x":1}},"$set":{"__proto__":{"admin":true},"constructor":1}}]}',
    ],
  ])('%s is answered like everything else, and harms nothing', async (_, body, type) => {
    const { status, body: answer } = await report(body, '/e/', type);
    expect([status, answer]).toEqual([200, { status: 1 }]);
    await settled();
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('say what became of them in the metrics', async () => {
    const read = async (outcome: string) => {
      const { text } = await app.request('GET', '/metrics');
      return Number(
        new RegExp(`parley_page_events_total\\{outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ?? 0,
      );
    };
    const [kept, dropped] = [await read('kept'), await read('dropped')];
    await capture(
      event('$pageview', ids.ada, { $session_id: 's-1' }),
      event('$autocapture', ids.ada),
      event('clicked', ids.ada),
    );
    // Counted when it is written.
    await vi.waitFor(async () =>
      expect([await read('kept'), await read('dropped')]).toEqual([kept + 1, dropped + 2]),
    );
  });
});

describe('persons', () => {
  it('are identified, with what is set, and once', async () => {
    await capture(
      event(
        '$identify',
        ids.ada,
        { $anon_distinct_id: ids.anon },
        { $set: { name: 'Ada', email: 'ada@x.org' }, $set_once: { plan: 'free' } },
      ),
      event('$set', ids.ada, { $set: { name: 'Ada L.' }, $set_once: { plan: 'paid' } }),
    );
    await settled();
    expect(await personOf(ids.anon)).toMatchObject({
      is_identified: true,
      name: 'Ada L.',
      distinct_ids: expect.arrayContaining([ids.ada, ids.anon]),
      properties: { name: 'Ada L.', email: 'ada@x.org', plan: 'free' },
    });
  });

  it('of a browser become those who sign in there, whichever was known first', async () => {
    await addPerson(app, [ids.anon], { seen: 'anon' });
    await addPerson(app, [ids.ada], { seen: 'ada' });
    await capture(event('$identify', ids.ada, { $anon_distinct_id: ids.anon }));
    await settled();
    const one = await personOf(ids.ada);
    expect([one?.id, one?.properties]).toEqual([(await personOf(ids.anon))?.id, { seen: 'ada' }]);
  });

  it('that are identified never become one, by identify or by alias', async () => {
    await capture(event('$identify', ids.ada), event('$identify', ids.bob));
    await capture(
      event('$identify', ids.ada, { $anon_distinct_id: ids.bob }),
      event('$create_alias', ids.ada, { alias: ids.bob }),
    );
    await settled();
    expect((await personOf(ids.ada))?.id).not.toBe((await personOf(ids.bob))?.id);
  });

  it('get another id by alias', async () => {
    await capture(event('$create_alias', ids.ada, { alias: ids.anon }));
    await settled();
    expect((await personOf(ids.anon))?.distinct_ids?.toSorted()).toEqual([ids.ada, ids.anon].toSorted());
  });

  it('are not made for those whom nobody identified', async () => {
    await capture(
      event('$pageview', ids.anon, { $process_person_profile: false, $set: { a: 1 }, $session_id: 's' }),
    );
    await settled();
    expect(await personOf(ids.anon)).toBeUndefined();
  });

  it('keep the address that a program has set', async () => {
    const known = [ids.ada, ids.bob].entries();
    for (const [index, id] of known)
      await app.request('POST', '/api/projects/1/persons/', {
        body: { distinct_id: id, properties: { email: `${index}@known.example` } },
      });
    await capture(event('$set', ids.ada, { $set: { email: 'evil@x.org', plan: 'x' } }));
    await capture(
      event('$identify', 'mallory', { $anon_distinct_id: ids.bob, $set: { email: 'evil@x.org' } }),
    );
    await settled();
    expect((await personOf(ids.ada))?.properties).toEqual({ email: '0@known.example', plan: 'x' });
    expect((await personOf(ids.bob))?.properties?.email).toBe('1@known.example');
  });

  it('do not grow without end', async () => {
    await capture(event('$set', ids.ada, { $set: { big: 'x'.repeat(30_000), small: 1 } }));
    for (let index = 0; index < 4; index += 1)
      await capture(event('$set', ids.ada, { $set: { [`part${index}`]: 'x'.repeat(15_000) } }));
    await settled();
    expect(JSON.stringify((await personOf(ids.ada))?.properties ?? {}).length).toBeLessThan(50_000);
  });
});

describe('what the database cannot hold', () => {
  it('is replaced, and nothing else is', async () => {
    const set = { bio: String.raw`a\u0000b`, half: 'x\ud800y', nul: 'x\0y', deep: { 'k\0': ['\udc00'] } };
    const proto = '{"__proto__":{"admin":true},"kept":1}';
    const body = JSON.stringify(event('$identify', ids.ada, {}, { $set: set, $set_once: { proto: 0 } }));
    await report(body.replace('"proto":0', `"proto":${proto}`));
    await settled();
    expect((await personOf(ids.ada))?.properties).toEqual({
      bio: String.raw`a\u0000b`,
      half: 'x\ufffdy',
      nul: 'x\ufffdy',
      deep: { 'k\ufffd': ['\ufffd'] },
      proto: { kept: 1 },
    });
  });
});

describe('what a page says opens nothing of another', () => {
  const listed = async (visitor: Fields) => (await page.tickets(visitor)).body.results.map(({ id }) => id);

  it.each([
    ['identify', (id: string, other: string) => event('$identify', id, { $anon_distinct_id: other })],
    ['alias', (id: string, other: string) => event('$create_alias', id, { alias: other })],
    [
      'an alias the other way round',
      (id: string, other: string) => event('$create_alias', other, { alias: id }),
    ],
  ])('by %s with the id of somebody else', async (_, said) => {
    for (const isKnown of [true, false]) {
      const [victim, mallory] = [`${ids.ada}-${isKnown}`, `${ids.bob}-${isKnown}`];
      if (isKnown) await addPerson(app, [victim, `${victim}-too`]);
      const ticket = await written(page, person(secret, victim));
      await capture(
        said(mallory, victim),
        event('$identify', mallory, { $anon_distinct_id: `${victim}-too` }),
      );
      await settled();
      expect(await listed(person(secret, mallory))).toEqual([]);
      expect((await page.messages(person(secret, mallory), ticket.ticket_id)).status).toBe(403);
      expect(await listed(person(secret, victim))).toEqual([ticket.ticket_id]);
    }
  });

  it('until a program with a key says the same', async () => {
    const ticket = await written(page, person(secret, ids.ada));
    await capture(event('$identify', ids.bob, { $anon_distinct_id: ids.ada }));
    await settled();
    expect(await listed(person(secret, ids.bob))).toEqual([]);
    await app.request('POST', '/api/projects/1/persons/', {
      body: { distinct_id: ids.bob, distinct_ids: [ids.ada] },
    });
    expect(await listed(person(secret, ids.bob))).toEqual([ticket.ticket_id]);
  });

  it('by naming an address: it gets no link to tickets', async () => {
    const visitor = browser();
    await written(page, visitor);
    const email = `evil-${ids.ada}@x.org`;
    await capture(event('$identify', visitor.distinct_id, {}, { $set: { email } }));
    await settled();
    expect((await personOf(visitor.distinct_id))?.properties).toEqual({ email });
    expect(await findRestorable({ tx: app.database.kysely }, 1, email)).toEqual([]);
    await addPerson(app, [ids.ada], { email });
    await createTicket(app, { distinct_id: ids.ada });
    expect(await findRestorable({ tx: app.database.kysely }, 1, email)).toHaveLength(1);
  });

  it('by naming an address of an id that a program then joins to another', async () => {
    const visitor = browser();
    await written(page, visitor);
    const email = `evil-${ids.ada}@x.org`;
    await capture(event('$identify', visitor.distinct_id, {}, { $set: { email } }));
    await settled();
    const upsert = (body: Fields) => app.request('POST', '/api/projects/1/persons/', { body });
    await upsert({ distinct_id: ids.ada, distinct_ids: [visitor.distinct_id] });
    expect((await personOf(ids.ada))?.properties).toEqual({ email });
    expect(await findRestorable({ tx: app.database.kysely }, 1, email)).toEqual([]);
    // An address of the program's own is not touched by the one that was said of another.
    const own = `own-${ids.bob}@x.org`;
    await addPerson(app, [ids.bob], { email: own });
    await createTicket(app, { distinct_id: ids.bob });
    await upsert({ distinct_id: ids.bob, distinct_ids: [ids.ada] });
    expect((await personOf(ids.ada))?.properties).toEqual({ email: own });
    expect(await findRestorable({ tx: app.database.kysely }, 1, own)).not.toEqual([]);
    // The program says the same address: it counts from then on.
    await upsert({ distinct_id: ids.ada, properties: { email } });
    expect(await findRestorable({ tx: app.database.kysely }, 1, email)).not.toEqual([]);
  });

  it('in another project', async () => {
    const other = await addTenant(app, `other-${turn}`);
    await addPerson(app, [ids.ada], { name: 'Theirs' }, other.projectId);
    await capture(event('$identify', ids.ada, {}, { $set: { name: 'Ours' } }));
    await settled();
    const path = `/api/projects/${other.projectId}/persons/?distinct_id=${ids.ada}`;
    const { body } = await app.request<{ results: Person[] }>('GET', path, { key: other.key });
    expect(body.results[0]?.name).toBe('Theirs');
  });
});

describe('page_events.list', () => {
  const list = async (ticket: string, query = '') =>
    (
      await app.request<{ count: number; results: PageEvent[] }>(
        'GET',
        `/api/projects/1/conversations/tickets/${ticket}/page_events/${query}`,
      )
    ).body;

  async function ticketOf(session_id: string): Promise<string> {
    return (await seedTicket(app, { session_id })).id;
  }

  it('shows pages and exceptions of the session, newest first, and of no other', async () => {
    const session = `session-${turn}`;
    const id = await ticketOf(session);
    const at = (seconds: number) => new Date(app.clock.now().getTime() - seconds * 1000).toISOString();
    const seen = (url: string, title: string, seconds: number, more: Fields = {}) =>
      event(
        '$pageview',
        ids.ada,
        { $session_id: session, $current_url: url, title, ...more },
        { timestamp: at(seconds) },
      );
    await capture(
      seen('https://shop.example/', 'Shop', 30),
      seen('https://shop.example/cart', 'Cart', 20),
      event(
        '$exception',
        ids.ada,
        { $session_id: session, $exception_list: [{ type: 'TypeError', value: 'x is not a function' }] },
        { timestamp: at(10) },
      ),
      seen('https://shop.example/other', 'Other', 5, { $session_id: 'another' }),
    );
    await settled();
    expect(await list(id)).toMatchObject({
      count: 3,
      results: [
        { kind: 'exception', title: 'TypeError: x is not a function', url: null, created_at: at(10) },
        { kind: 'page_view', title: 'Cart', url: 'https://shop.example/cart', created_at: at(20) },
        { kind: 'page_view', title: 'Shop', distinct_id: ids.ada },
      ],
    });
    expect((await list(id, '?limit=1&offset=1')).results).toMatchObject([{ title: 'Cart' }]);
    expect(await list((await createTicket(app)).id)).toMatchObject({ count: 0, results: [] });
  });

  it('keeps the last hundred of each kind, for thirty days', async () => {
    const session = `session-${turn}`;
    const id = await ticketOf(session);
    const views = Array.from({ length: 130 }, (_, index) =>
      event('$pageview', ids.ada, { $session_id: session, title: `page ${index}` }),
    );
    await capture(
      ...views,
      event('$exception', ids.ada, { $session_id: session, $exception_message: 'boom' }),
    );
    await settled();
    const { count, results } = await list(id, '?limit=200');
    expect(count).toBe(101);
    const titles = results.filter(({ kind }) => kind === 'page_view').map(({ title }) => title);
    expect([titles[0], titles.at(-1)]).toEqual(['page 129', 'page 30']);
    app.clock.advance(31 * 24 * 3_600_000);
    const signal = new AbortController().signal;
    await prune({
      signal,
      run: (work: Parameters<typeof app.parley.unitOfWork.run>[1]) => app.parley.unitOfWork.run(SYSTEM, work),
    } as unknown as Parameters<typeof prune>[0]);
    expect((await list(id)).count).toBe(0);
  });
});
