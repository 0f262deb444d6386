import type { PageOf } from '@parley/contract/schemas';
import type {
  Webhook as ShownWebhook,
  WebhookDelivery,
  WebhookDeliveryDetail,
  WebhookWithSecret,
} from '@parley/contract/webhooks';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  addTenant,
  createTicket,
  reply,
  setProject,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { answer, type Received, type Receiver, startReceiver } from './testing.ts';
import { WAKE_CHANNEL } from './webhooks.wake.ts';

const WEBHOOKS = '/api/projects/1/webhooks/';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let app: TestApp;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  app = await createTestApp({ webhookTimeoutMs: 2000 });
});
afterAll(async () => {
  await app.close();
  await receiver.close();
});

type Hook = WebhookWithSecret & { at: string };
const made: Hook[] = [];
// Who still listens would get the events of the next test too.
afterEach(async () => {
  for (const each of made.splice(0)) await app.request('DELETE', `${WEBHOOKS}${each.id}/`);
});

let hooks = 0;
/** A webhook with an endpoint of its own at the receiver. */
async function hook(events: string[]): Promise<Hook> {
  hooks += 1;
  const at = `/hook-${hooks}`;
  const body = { url: `${receiver.origin}${at}`, events };
  const response = await app.request<WebhookWithSecret>('POST', WEBHOOKS, { body });
  if (response.status !== 201) throw new Error(response.text);
  const created = { ...response.body, at };
  made.push(created);
  return created;
}

async function call<T>(method: string, { id }: { id: string }, below = '', body?: object): Promise<T> {
  const response = await app.request<T>(method, `${WEBHOOKS}${id}/${below}`, body ? { body } : {});
  if (response.status >= 400) throw new Error(response.text);
  return response.body;
}
const show = (of: Hook) => call<ShownWebhook>('GET', of);
const log = async (of: Hook, query = '') =>
  (await call<PageOf<WebhookDelivery>>('GET', of, `deliveries/${query}`)).results.toReversed();
const remove = (of: Hook) => call('DELETE', of);
const got = ({ at }: Hook) => receiver.received(at);
const types = (of: Hook) => got(of).map(({ message }) => message.type);

/** Some time later, when whoever waits for that time has been told to look. */
async function later(ms: number): Promise<void> {
  app.clock.advance(ms);
  await app.parley.shared.publish(WAKE_CHANNEL, '');
}

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 20 });
/** Once this is so, everything that could be sent has been. */
const settled = (of: Hook, expected: Record<string, number>) =>
  until(async () => {
    const states = (await log(of, '?limit=200')).map(({ state }) => state);
    expect(
      Object.fromEntries([...new Set(states)].map((one) => [one, states.filter((s) => s === one).length])),
    ).toEqual(expected);
  });

/** The library knows no clock but its own. */
function verify(secret: string, { headers, body }: Received): unknown {
  vi.setSystemTime(app.clock.now());
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>);
  } finally {
    vi.useRealTimers();
  }
}

describe('a delivery', () => {
  it('is the event that was asked for, signed so that the official library accepts it', async () => {
    const mine = await hook(['$conversation_message_sent']);
    const ticket = await createTicket(app);
    await reply(app, ticket.id, 'Hello there');
    await settled(mine, { delivered: 1 });
    const [received, ...more] = got(mine);
    expect(more).toEqual([]);
    if (!received) throw new Error('Nothing was received.');
    const { headers, message } = received;
    expect(verify(mine.secret, received)).toEqual(message);
    expect(() => verify(`whsec_${Buffer.alloc(32).toString('base64')}`, received)).toThrow();
    const [delivery] = await log(mine);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': message.id,
      'webhook-timestamp': String(Math.floor(app.clock.now().getTime() / 1000)),
    });
    expect(headers['user-agent']).toMatch(/^Parley-Webhooks\//);
    expect(message).toMatchObject({
      id: delivery?.id,
      type: 'tickets.reply',
      alias: '$conversation_message_sent',
      project_id: 1,
      ticket_id: ticket.id,
      data: { ticket_number: ticket.ticket_number, message_content: 'Hello there', actor_type: 'user' },
    });
    const detail = await call<WebhookDeliveryDetail>('GET', mine, `deliveries/${delivery?.id}/`);
    expect(detail).toMatchObject({
      state: 'delivered',
      attempts: 1,
      response_status: 204,
      request_body: message,
    });
    expect(detail.log).toMatchObject([{ url: mine.url, response_status: 204, error: null }]);
  });

  it('never holds the text of a note', async () => {
    const mine = await hook(['*']);
    const ticket = await createTicket(app);
    await reply(app, ticket.id, 'Between us only', { is_private: true });
    await until(() => expect(types(mine)).toContain('notes.create'));
    expect(
      got(mine)
        .map(({ body }) => body)
        .join(),
    ).not.toContain('Between us');
  });

  it('comes in order for a ticket, while other tickets go on', async () => {
    const mine = await hook(['tickets.create', 'tickets.reply']);
    const stuck = await createTicket(app);
    await settled(mine, { delivered: 1 });
    receiver.behave(
      mine.at,
      (response, { message }) => void response.writeHead(message.ticket_id === stuck.id ? 500 : 200).end(),
    );
    await reply(app, stuck.id, 'First');
    await settled(mine, { delivered: 1, pending: 1 });
    await reply(app, stuck.id, 'Second');
    const other = await createTicket(app);
    await reply(app, other.id, 'Elsewhere');
    await settled(mine, { delivered: 3, pending: 2 });
    const texts = () => got(mine).map(({ message }) => message.data.message_content);
    expect(texts().filter((text) => text === 'Second')).toEqual([]);
    receiver.behave(mine.at, answer(200));
    await later(10 * SECOND);
    await settled(mine, { delivered: 5 });
    expect(texts().filter((text) => text === 'First' || text === 'Second')).toEqual([
      'First',
      'First',
      'Second',
    ]);
  });

  it('is tried thirteen times over a day under one id, then given up, and the next one goes', async () => {
    const mine = await hook(['tickets.reply']);
    const ticket = await createTicket(app);
    receiver.behave(
      mine.at,
      (response, { message }) =>
        void response.writeHead(message.data.message_content === 'Lost' ? 500 : 200).end('no'),
    );
    const start = app.clock.now().getTime();
    await reply(app, ticket.id, 'Lost');
    await reply(app, ticket.id, 'Kept');
    for (let tries = 1; tries <= 13; tries += 1) {
      await until(() => expect(got(mine)).toHaveLength(tries));
      await until(async () => expect((await log(mine)).some(({ state }) => state === 'sending')).toBe(false));
      const [first] = await log(mine);
      const next = first?.next_attempt_at;
      if (next) await later(new Date(next).getTime() - app.clock.now().getTime());
    }
    expect(app.clock.now().getTime() - start).toBeGreaterThanOrEqual(DAY);
    expect((await log(mine))[0]).toMatchObject({ state: 'failed', attempts: 13, error: 'Answered 500.' });
    expect((await show(mine)).breaker).toBe('open');
    await later(HOUR);
    await settled(mine, { failed: 1, delivered: 1 });
    const lost = got(mine).slice(0, 13);
    expect(new Set(lost.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(lost.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(13);
    expect(new Set(lost.map(({ body }) => body)).size).toBe(1);
    expect((await show(mine)).breaker).toBe('closed');
  });

  it('waits as long as the receiver asks, in seconds or until a date', async () => {
    const mine = await hook(['tickets.create']);
    for (const inWords of [() => '120', () => new Date(app.clock.now().getTime() + 120_000).toUTCString()]) {
      const wait = inWords();
      const before = got(mine).length;
      receiver.behave(mine.at, answer(429, { 'retry-after': wait }));
      await createTicket(app);
      await until(() => expect(got(mine)).toHaveLength(before + 1));
      await until(async () => expect((await show(mine)).paused_until).not.toBeNull());
      receiver.behave(mine.at, answer(200));
      // All of its deliveries wait, not only the one that was refused.
      await createTicket(app);
      await later(118 * SECOND);
      await until(async () => expect(await log(mine, '?state=pending')).toHaveLength(2));
      expect(got(mine)).toHaveLength(before + 1);
      await later(3 * SECOND);
      await until(() => expect(got(mine)).toHaveLength(before + 3));
      await until(async () => expect(await log(mine, '?state=pending,sending')).toEqual([]));
    }
  });
});

describe('an endpoint', () => {
  it('that keeps failing is left alone, tried with one delivery, and gets all the rest when it is back', async () => {
    const mine = await hook(['tickets.create']);
    receiver.behave(mine.at, answer(500));
    for (let n = 0; n < 20; n += 1) await createTicket(app);
    // One attempt at a time after the first failures, until the breaker is open.
    await until(async () => expect((await show(mine)).breaker).toBe('open'));
    await until(async () => expect(await log(mine, '?state=sending')).toEqual([]));
    const tried = got(mine).length;
    expect(tried).toBeGreaterThanOrEqual(10);
    expect(tried).toBeLessThanOrEqual(13);
    await later(SECOND);
    await createTicket(app);
    await settled(mine, { pending: 21 });
    expect(got(mine)).toHaveLength(tried);
    await later(5 * MINUTE);
    await until(() => expect(got(mine)).toHaveLength(tried + 1));
    await until(async () => expect(await show(mine)).toMatchObject({ breaker: 'open' }));
    receiver.behave(mine.at, answer(200));
    await later(20 * MINUTE);
    await settled(mine, { delivered: 21 });
    expect(await show(mine)).toMatchObject({
      breaker: 'closed',
      consecutive_failures: 0,
      failing_since: null,
    });
    expect(new Set(got(mine).map(({ message }) => message.id)).size).toBe(21);
  });

  it('that hangs gets four requests at a time and delays nobody else', async () => {
    const [hanging, well] = [await hook(['tickets.create']), await hook(['tickets.create'])];
    receiver.behave(hanging.at, () => {});
    const hangingMeanwhile: number[] = [];
    receiver.behave(well.at, (response) => {
      hangingMeanwhile.push(receiver.open(hanging.at));
      response.writeHead(200).end();
    });
    for (let n = 0; n < 12; n += 1) await createTicket(app);
    await settled(well, { delivered: 12 });
    expect(Math.max(...hangingMeanwhile)).toBeGreaterThan(0);
    expect(Math.max(...hangingMeanwhile)).toBeLessThanOrEqual(4);
    await until(async () => {
      const errors = (await log(hanging)).map(({ error }) => error);
      expect(errors.filter((error) => error === 'No answer in time.').length).toBeGreaterThanOrEqual(4);
    });
  });

  it('that fails for a week is turned off with a reason, and goes on when it is turned on', async () => {
    const mine = await hook(['tickets.create', 'webhooks.disable']);
    const watcher = await hook(['webhooks.disable']);
    receiver.behave(mine.at, answer(500));
    await createTicket(app);
    await until(async () => expect((await show(mine)).failing_since).not.toBeNull());
    await later(7 * DAY);
    await until(async () =>
      expect(await show(mine)).toMatchObject({ enabled: false, disabled_reason: 'failing' }),
    );
    await until(() =>
      expect(got(watcher).at(-1)?.message.data).toMatchObject({ id: mine.id, reason: 'failing' }),
    );
    const tried = got(mine).length;
    await createTicket(app);
    await later(DAY);
    receiver.behave(mine.at, answer(200));
    expect(got(mine)).toHaveLength(tried);
    expect(await call<ShownWebhook>('POST', mine, 'enable/')).toMatchObject({
      enabled: true,
      failing_since: null,
    });
    await later(DAY);
    await until(() => {
      // The clock jumped over the leases of those on their way, so some come twice, under the same id.
      const messages = new Map(got(mine).map(({ message }) => [message.id, message.type]));
      expect([...messages.values()].sort()).toEqual(['tickets.create', 'tickets.create', 'webhooks.disable']);
    });
  });

  it('that is gone is turned off at once', async () => {
    const mine = await hook(['tickets.create']);
    receiver.behave(mine.at, answer(410));
    await createTicket(app);
    await until(async () =>
      expect(await show(mine)).toMatchObject({ enabled: false, disabled_reason: 'gone' }),
    );
  });

  it('that was turned off gets later what happened meanwhile', async () => {
    const mine = await hook(['tickets.create']);
    await call('PATCH', mine, '', { enabled: false });
    const [first, second] = [await createTicket(app), await createTicket(app)];
    await later(MINUTE);
    expect(await log(mine)).toEqual([]);
    await call('PATCH', mine, '', { enabled: true });
    await until(() =>
      expect(new Set(got(mine).map(({ message }) => message.ticket_id))).toEqual(
        new Set([first.id, second.id]),
      ),
    );
  });
});

describe('a secret', () => {
  it('signs beside the one that follows it, until its time is over', async () => {
    const mine = await hook(['tickets.create']);
    const body = { keep_previous_hours: 1 };
    const { secret } = await call<WebhookWithSecret>('POST', mine, 'rotate_secret/', body);
    await createTicket(app);
    await until(() => expect(got(mine)).toHaveLength(1));
    await later(2 * HOUR);
    await createTicket(app);
    await until(() => expect(got(mine)).toHaveLength(2));
    const [both, one] = got(mine);
    if (!both || !one) throw new Error('Two were received.');
    expect(String(both.headers['webhook-signature']).split(' ')).toHaveLength(2);
    expect(String(one.headers['webhook-signature']).split(' ')).toHaveLength(1);
    app.clock.advance(-2 * HOUR);
    for (const each of [mine.secret, secret]) expect(verify(each, both)).toEqual(both.message);
    app.clock.advance(2 * HOUR);
    expect(verify(secret, one)).toEqual(one.message);
    expect(() => verify(mine.secret, one)).toThrow();
  });
});

describe('a replay', () => {
  it('sends one again, or all that failed, under the same ids', async () => {
    const mine = await hook(['tickets.create', 'tickets.reply']);
    const ticket = await createTicket(app);
    await settled(mine, { delivered: 1 });
    const [delivered] = await log(mine);
    expect(await call('POST', mine, 'replay/', { delivery_id: delivered?.id })).toEqual({
      replayed: 1,
      has_more: false,
    });
    await until(() => expect(got(mine)).toHaveLength(2));
    expect(got(mine)[1]?.headers['webhook-id']).toBe(got(mine)[0]?.headers['webhook-id']);
    expect(got(mine)[1]?.body).toBe(got(mine)[0]?.body);

    const since = app.clock.now().toISOString();
    for (const text of ['One', 'Two', 'Three']) await reply(app, ticket.id, text);
    await settled(mine, { delivered: 4 });
    await app.database.kysely
      .updateTable('webhook_deliveries')
      .set({ state: 'failed' })
      .where('webhook_id', '=', mine.id)
      .where('event', '=', 'tickets.reply')
      .execute();
    const before = got(mine).length;
    const all = { failed_since: since };
    expect(await call('POST', mine, 'replay/', all)).toEqual({ replayed: 3, has_more: false });
    await settled(mine, { delivered: 4 });
    const texts = got(mine).map(({ message }) => message.data.message_content);
    expect(texts.slice(before)).toEqual(['One', 'Two', 'Three']);
    expect(await call('POST', mine, 'replay/', all)).toEqual({ replayed: 0, has_more: false });
  });
});

describe('a test', () => {
  it('is sent once whatever the state of the webhook, and counts only when it arrives', async () => {
    const mine = await hook(['tickets.create']);
    await call('PATCH', mine, '', { enabled: false });
    const test = () => call<WebhookDelivery>('POST', mine, 'test/');
    receiver.behave(mine.at, answer(500, {}, 'not yet'));
    const { id } = await test();
    await settled(mine, { failed: 1 });
    const detail = await call<WebhookDeliveryDetail>('GET', mine, `deliveries/${id}/`);
    expect(detail.log).toMatchObject([{ response_status: 500, response_body: 'not yet' }]);
    expect(await show(mine)).toMatchObject({ consecutive_failures: 0, enabled: false });
    receiver.behave(mine.at, answer(200));
    await test();
    await settled(mine, { failed: 1, delivered: 1 });
    expect(types(mine)).toEqual(['webhooks.test', 'webhooks.test']);
  });
});

describe('a project', () => {
  it('that is switched off sends nothing until it is on again, and others are none of its business', async () => {
    const mine = await hook(['tickets.create']);
    const other = await addTenant(app, 'other');
    await createTicket(app);
    await settled(mine, { delivered: 1 });
    const ticket = await createTicket(app);
    await settled(mine, { delivered: 2 });
    await setProject(app, { conversations_enabled: false });
    await app.request('DELETE', ticketPath(ticket.id));
    expect((await app.request('POST', other.tickets, { key: other.key, body: {} })).status).toBe(201);
    await call('PATCH', mine, '', { events: ['*'] });
    await later(MINUTE);
    expect(got(mine)).toHaveLength(2);
    await setProject(app, { conversations_enabled: true });
    await later(MINUTE);
    await until(() => expect(types(mine)).toContain('webhooks.update'));
    expect(got(mine).every(({ message }) => message.project_id === 1)).toBe(true);
  });
});

// Last but one: a month passes.
describe('the log', () => {
  it('keeps what is done for thirty days, and nothing of a webhook that was deleted', async () => {
    const [mine, gone] = [await hook(['tickets.create']), await hook(['tickets.create'])];
    await createTicket(app);
    await settled(mine, { delivered: 1 });
    await settled(gone, { delivered: 1 });
    await remove(gone);
    const ids = async () => {
      const rows = app.database.kysely.selectFrom('webhook_deliveries').select('webhook_id');
      return (await rows.execute()).map((row) => row.webhook_id);
    };
    await later(0);
    await until(async () => expect(await ids()).toEqual([mine.id]));
    await later(29 * DAY);
    await createTicket(app);
    await settled(mine, { delivered: 2 });
    await later(2 * DAY);
    await until(async () => expect(await ids()).toEqual([mine.id]));
    const rest = await app.database.kysely.selectFrom('webhooks').select('id').execute();
    expect(rest).toEqual([{ id: mine.id }]);
    const { text } = await app.request('GET', '/metrics');
    expect(text).toMatch(/parley_delivery_attempts_total\{channel="webhook",outcome="delivered"\} \d+/);
    expect(text).toMatch(/outcome="retried"\} \d+/);
  });
});

describe('a project without webhooks', () => {
  it('runs no statement more for it when something happens', async () => {
    // Without the roles that work in the background, what is heard belongs to the requests.
    const quiet = await createTestApp({ roles: ['http'] });
    try {
      const ticket = await createTicket(quiet);
      await reply(quiet, ticket.id, 'Hello');
      await updateTicket(quiet, ticket.id, { status: 'pending' });
      expect(quiet.statements.filter((text) => text.includes('webhook'))).toEqual([]);
      expect(quiet.statements.filter((text) => text.includes('messages')).length).toBeGreaterThan(0);
    } finally {
      await quiet.close();
    }
  });
});
