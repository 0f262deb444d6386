import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getTicket, reply, setProject, updateTicket } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import {
  browser,
  type Fields,
  openPage,
  type Page,
  type WidgetError,
  widgetToken,
  written,
} from './testing.ts';

let app: TestApp;
let page: Page;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  page = openPage(app, await widgetToken(app));
});
afterAll(() => app.close());

const countMessages = async () =>
  (await app.database.kysely.selectFrom('messages').select('id').execute()).length;

async function refused(visitor: Fields, body: Fields): Promise<WidgetError> {
  const before = await countMessages();
  const answer = await page.send<WidgetError>(visitor, body);
  expect([answer.status, answer.text]).toEqual([400, expect.any(String)]);
  expect(await countMessages()).toBe(before);
  return answer.body;
}

describe('a message without a ticket', () => {
  it('case 9: opens one, which waits for the team', async () => {
    const visitor = browser();
    const answer = await page.send(visitor, { session_id: 'analytics-1' });
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        ticket_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        message_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        ticket_status: 'new',
        unread_count: 0,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    ]);
    expect(await getTicket(app, answer.body.ticket_id)).toMatchObject({
      status: 'new',
      channel_source: 'widget',
      distinct_id: visitor.distinct_id,
      session_id: 'analytics-1',
      unread_team_count: 1,
      unread_customer_count: 0,
      message_count: 1,
      identity_verified: false,
    });
  });

  it('case 11: opens another one each time', async () => {
    const visitor = browser();
    const [one, two] = [await written(page, visitor), await written(page, visitor, { ticket_id: null })];
    expect(one.ticket_id).not.toBe(two.ticket_id);
    expect((await page.tickets(visitor)).body.count).toBe(2);
  });

  it('case 12: says whether the launcher was on the page', async () => {
    const detail = async () => {
      const { ticket_id: id } = await written(page, browser());
      return (await getTicket(app, id)).channel_detail;
    };
    expect(await detail()).toBe('widget_embedded');
    await setProject(app, { conversations_settings: { widget_enabled: false } });
    expect(await detail()).toBe('widget_api');
    await setProject(app, { conversations_settings: { widget_enabled: true } });
  });

  it('is told to the team as any message of a customer is', async () => {
    const { ticket_id: id, message_id: messageId } = await written(page, browser(), {
      traits: { name: 'Ada', email: 'ada@example.com' },
    });
    const events = await app.database.kysely
      .selectFrom('events')
      .select(['name', 'actor', 'payload'])
      .where('ticket_id', '=', id)
      .orderBy('id')
      .execute();
    expect(events).toMatchObject([
      { name: 'tickets.create', actor: { actor_type: 'customer' } },
      {
        name: 'messages.receive',
        actor: { actor_type: 'customer' },
        payload: { message_id: messageId, customer_name: 'Ada', customer_email: 'ada@example.com' },
      },
    ]);
  });
});

describe('a message to a ticket', () => {
  it('case 10: goes there, and the team has one more to read', async () => {
    const visitor = browser();
    const first = await written(page, visitor);
    const second = await written(page, visitor, { ticket_id: first.ticket_id, message: 'More' });
    expect(second.ticket_id).toBe(first.ticket_id);
    expect(new Date(second.created_at) > new Date(first.created_at)).toBe(true);
    expect(await getTicket(app, first.ticket_id)).toMatchObject({ unread_team_count: 2, message_count: 2 });
  });

  it('says what the customer has not read, and reopens as the project’s rules say', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor);
    await reply(app, id, 'Answer');
    await updateTicket(app, id, { status: 'resolved' });
    expect(await written(page, visitor, { ticket_id: id })).toMatchObject({
      ticket_status: 'open',
      unread_count: 1,
    });
  });

  it('case 17: that is none is refused: no uuid 400, an unknown one 404', async () => {
    expect(await refused(browser(), { ticket_id: 'T1' })).toEqual({ error: 'Invalid ticket_id format' });
    const answer = await page.send<WidgetError>(browser(), { ticket_id: randomUUID() });
    expect([answer.status, answer.body]).toEqual([404, { error: 'Ticket not found' }]);
    for (const path of ['messages/T1', 'messages/1']) {
      const read = await page.get<WidgetError>(`${path}?widget_session_id=nonsense`);
      expect([read.status, read.body]).toEqual([400, { error: 'Invalid ticket_id format' }]);
    }
  });
});

describe('what is refused', () => {
  it('case 13: blank text', async () => {
    for (const message of ['', '   ', '\n\t ', undefined, null, 5, ['x'], { a: 1 }])
      expect(await refused(browser(), { message })).toMatchObject({
        error: 'Invalid request data',
        details: { message: [expect.any(String)] },
      });
  });

  it('case 14: more than 10,000 characters, blanks around them not counted', async () => {
    const visitor = browser();
    expect(await refused(visitor, { message: 'x'.repeat(10_001) })).toMatchObject({
      details: { message: [expect.stringContaining('10000')] },
    });
    expect((await page.send(visitor, { message: ` ${'\u{1f600}'.repeat(10_000)} ` })).status).toBe(200);
  });

  it('case 15: nobody, half an anybody, or a session that is no uuid', async () => {
    const { widget_session_id: session } = browser();
    expect(await refused({}, {})).toMatchObject({ details: { non_field_errors: [expect.any(String)] } });
    expect(await refused({ distinct_id: 'x' }, {})).toMatchObject({
      details: { non_field_errors: [expect.any(String)] },
    });
    expect(await refused({ widget_session_id: session }, {})).toMatchObject({
      details: { distinct_id: ['This field is required.'] },
    });
    for (const wrong of [
      'x',
      session.slice(1),
      `${session}0`,
      `urn:uuid:${session}`,
      7,
      [session],
      { $ne: '' },
    ])
      expect(await refused({ widget_session_id: wrong, distinct_id: 'x' }, {})).toMatchObject({
        details: { widget_session_id: [expect.any(String)] },
      });
    for (const wrong of ['', '  ', 'x'.repeat(401), 5, ['x']])
      expect(await refused({ widget_session_id: session, distinct_id: wrong }, {})).toMatchObject({
        details: { distinct_id: [expect.any(String)] },
      });
  });

  it('case 16: whoever fills in what people cannot see', async () => {
    for (const filled of ['x', true, 1, {}, []])
      expect(await refused(browser(), { _hp: filled })).toEqual({ error: 'Invalid request' });
    for (const empty of ['', null, false, 0])
      expect((await page.send(browser(), { _hp: empty })).status).toBe(200);
  });

  it('case 21: traits and context that are no objects', async () => {
    for (const field of ['traits', 'session_context'])
      for (const wrong of ['x', null, 1, [], true])
        expect(await refused(browser(), { [field]: wrong })).toMatchObject({
          details: { [field]: [expect.any(String)] },
        });
  });

  it('a body that is no object, and text that no column can hold', async () => {
    const json = openPage(app, await widgetToken(app), { 'content-type': 'application/json' });
    for (const body of ['[]', 'null', '"x"', '5', '[[]]', '{"a":']) {
      const answer = await json.post('message', body);
      expect([body, answer.status]).toEqual([body, 400]);
    }
    expect(await refused(browser(), { message: 'a\u0000b' })).toMatchObject({
      details: { message: ['Null characters are not allowed.'] },
    });
    expect(await refused(browser(), { session_id: 'x'.repeat(65) })).toMatchObject({
      details: { session_id: [expect.any(String)] },
    });
  });
});

describe('traits and context', () => {
  it('case 18: are kept, and merged by a later message', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor, {
      traits: { name: 'Ada', email: 'ada@example.com' },
    });
    expect((await getTicket(app, id)).anonymous_traits).toEqual({ name: 'Ada', email: 'ada@example.com' });
    await written(page, visitor, { ticket_id: id, traits: { email: 'new@example.com', plan: 'pro' } });
    expect((await getTicket(app, id)).anonymous_traits).toEqual({
      name: 'Ada',
      email: 'new@example.com',
      plan: 'pro',
    });
    // A browser that knows nothing of the customer says null: what is known stays.
    await written(page, visitor, { ticket_id: id, traits: { name: null, email: null, phone: null } });
    expect((await getTicket(app, id)).anonymous_traits).toEqual({
      name: 'Ada',
      email: 'new@example.com',
      plan: 'pro',
      phone: null,
    });
  });

  it('case 19: of traits what fits is kept, as text, and nothing is refused', async () => {
    const odd = {
      long: 'x'.repeat(1000),
      ['k'.repeat(201)]: 'dropped',
      number: 3,
      fraction: 2.5,
      yes: true,
      no: false,
      nothing: null,
      nested: { a: 1 },
      list: [1],
    };
    const { ticket_id: id } = await written(page, browser(), { traits: odd });
    expect((await getTicket(app, id)).anonymous_traits).toEqual({
      long: 'x'.repeat(500),
      number: '3',
      fraction: '2.5',
      yes: 'True',
      no: 'False',
      nothing: null,
    });
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`key${n}`, `${n}`]));
    const visitor = browser();
    const crowded = await written(page, visitor, { traits: many });
    const kept = async () => Object.keys(Object((await getTicket(app, crowded.ticket_id)).anonymous_traits));
    expect(await kept()).toEqual(Object.keys(many).slice(0, 50));
    await written(page, visitor, { ticket_id: crowded.ticket_id, traits: { more: 'x', key1: 'new' } });
    expect(await kept()).toHaveLength(50);
    // The most that may be said, each character as long as it can be written.
    const longest = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`${n}`.padEnd(200, '\u0001'), '\u0001'.repeat(500)]),
    );
    expect((await page.send(browser(), { traits: longest })).status).toBe(200);
  });

  it('case 20: of the context scalars are kept in their type, and cut', async () => {
    const context = {
      current_url: `https://shop.example/${'x'.repeat(5000)}`,
      count: 3,
      logged_in: true,
      nothing: null,
      nested: {},
      ['k'.repeat(101)]: 'dropped',
    };
    const { ticket_id: id } = await written(page, browser(), { session_context: context });
    expect((await getTicket(app, id)).session_context).toEqual({
      current_url: context.current_url.slice(0, 2000),
      count: 3,
      logged_in: true,
      nothing: null,
    });
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`key${n}`, n]));
    const crowded = await written(page, browser(), { session_context: many });
    expect(Object.keys((await getTicket(app, crowded.ticket_id)).session_context)).toHaveLength(20);
  });

  it('case 22: what a later message does not say stays', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor, {
      session_id: 's1',
      session_context: { current_url: 'https://shop.example/', session_replay_url: 'r1' },
    });
    await written(page, visitor, {
      ticket_id: id,
      session_id: 's2',
      session_context: { session_replay_url: 'r2' },
    });
    expect(await getTicket(app, id)).toMatchObject({
      session_id: 's2',
      session_context: { current_url: 'https://shop.example/', session_replay_url: 'r2' },
    });
    await written(page, visitor, { ticket_id: id, session_id: null });
    expect((await getTicket(app, id)).session_id).toBe('s2');
  });
});

describe('sent again', () => {
  it('with the same Idempotency-Key it is one message, and no other visitor gets its answer', async () => {
    const token = await widgetToken(app);
    const retrying = openPage(app, token, { 'idempotency-key': 'retry-1' });
    const visitor = browser();
    const [one, two] = [await retrying.send(visitor), await retrying.send(visitor)];
    expect([two.status, two.body]).toEqual([200, one.body]);
    expect((await page.tickets(visitor)).body.count).toBe(1);
    const other = await retrying.send(browser());
    expect([other.status, other.body.ticket_id === one.body.ticket_id]).toEqual([200, false]);
  });
});

describe('sites', () => {
  const from = async (headers: Record<string, string>) =>
    openPage(app, await widgetToken(app), headers).send<WidgetError>(browser());

  it('that are not on the list are refused, in whatever way the list names them', async () => {
    const domains = ['shop.example', 'https://app.example.org:8443/path', '*.wild.example'];
    await setProject(app, { conversations_settings: { widget_domains: domains } });
    const allowed = [
      'https://shop.example',
      'http://shop.example:3000',
      'https://SHOP.example',
      'http://app.example.org',
      'https://wild.example',
      'https://a.b.wild.example',
    ];
    for (const origin of allowed) expect([origin, (await from({ origin })).status]).toEqual([origin, 200]);
    expect((await from({ referer: 'https://shop.example/cart?x=1' })).status).toBe(200);
    expect((await from({ 'user-agent': 'posthog-ios/3.1.0' })).status).toBe(200);
    const others = [
      { origin: 'https://evil.example' },
      { origin: 'https://shop.example.evil.example' },
      { origin: 'https://notwild.example' },
      { origin: 'https://sub.shop.example' },
      { origin: 'null' },
      { origin: 'https://evil.example', referer: 'https://shop.example/' },
      { origin: 'https://evil.example', 'user-agent': 'posthog-ios/3.1.0' },
      {},
    ];
    for (const headers of others) {
      const answer = await from(headers);
      expect([headers, answer.status, answer.body]).toEqual([headers, 403, { error: 'Origin not allowed' }]);
    }
    const reading = openPage(app, await widgetToken(app), { origin: 'https://evil.example' });
    expect((await reading.tickets(browser())).status).toBe(200);
    await setProject(app, { conversations_settings: { widget_domains: [] } });
    expect((await from({ origin: 'https://evil.example' })).status).toBe(200);
  });
});
