import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signServiceToken } from '#platform/service-token.ts';
import { addAdminKey, createTicket, TICKETS, ticketPath } from '../../testing/fixtures.ts';
import { createTestApp, SERVICE_SECRET, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
const start = async (limits: string) => {
  app = await createTestApp({ roles: ['http'], environment: { PARLEY_RATE_LIMITS: limits } });
};
afterEach(() => app.close());

type Send = (key?: string) => Promise<{ status: number; body: unknown; headers: Record<string, unknown> }>;
const list: Send = (key) => app.request('GET', `${TICKETS}unread_count/`, key ? { key } : {});

async function sendMany(send: Send, count: number): Promise<number[]> {
  const statuses = [];
  for (let n = 0; n < count; n += 1) statuses.push((await send()).status);
  return [...new Set(statuses)];
}

describe('the default limits', () => {
  beforeEach(() => start('default'));

  it('a key has 480 requests a minute, then 429 with Retry-After', async () => {
    expect(await sendMany(list, 480)).toEqual([200]);
    const refused = await list();
    expect(refused).toMatchObject({
      status: 429,
      body: {
        type: 'throttled_error',
        code: 'throttled',
        detail: expect.stringMatching(/throttled.* \d+ seconds/),
        attr: null,
      },
    });
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeGreaterThanOrEqual(1);
    // A moment more than the window: its end still counts whole.
    expect(seconds).toBeLessThanOrEqual(61);
    app.clock.advance((seconds - 2) * 1000);
    expect((await list()).status).toBe(429);
    expect((await list(await addAdminKey(app, ['*']))).status).toBe(200);
    app.clock.advance(2000);
    expect((await list()).status).toBe(200);
    app.clock.advance(120_000);
    expect(await sendMany(list, 480)).toEqual([200]);
  });

  it('reply and compose share 60 a minute; refused requests count, other routes do not', async () => {
    const { id } = await createTicket(app);
    const reply: Send = (key) =>
      app.request('POST', ticketPath(id, 'reply/'), { body: {}, ...(key ? { key } : {}) });
    const compose: Send = () => app.request('POST', `${TICKETS}compose/`, { body: {} });
    expect(await sendMany(reply, 30)).toEqual([400]);
    expect(await sendMany(compose, 30)).toEqual([400]);
    for (const send of [reply, compose]) {
      const refused = await send();
      expect(refused).toMatchObject({ status: 429, body: { code: 'throttled' } });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await list()).status).toBe(200);
    expect((await reply(await addAdminKey(app, ['ticket:reply']))).status).toBe(400);
    app.clock.advance(120_000);
    expect((await compose()).status).toBe(400);
  });
});

describe('limits by name', () => {
  it('each can be set alone', async () => {
    await start('{"key": 3}');
    expect(await sendMany(list, 3)).toEqual([200]);
    expect((await list()).status).toBe(429);
  });

  it('a refused key costs nothing: only the limits of keys that exist are counted', async () => {
    await start('{"key": 2}');
    for (let n = 0; n < 5; n += 1) expect((await list('prl_unknown')).status).toBe(401);
    expect(await sendMany(list, 2)).toEqual([200]);
  });

  it('requests sent at once do not get past', async () => {
    await start('{"key": 5}');
    const answers = await Promise.all(Array.from({ length: 12 }, () => list()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
  });

  it('off limits nothing', async () => {
    await start('off');
    expect(await sendMany(list, 500)).toEqual([200]);
  });

  it('merging is among the replies: it may write to two customers', async () => {
    await start('{"reply": 2}');
    const { id } = await createTicket(app);
    const merge: Send = () => app.request('POST', ticketPath(id, 'merge/'), { body: {} });
    expect(await sendMany(merge, 2)).toEqual([400]);
    expect((await merge()).status).toBe(429);
    const reply = { body: { message: 'Hello' } };
    expect((await app.request('POST', ticketPath(id, 'reply/'), reply)).status).toBe(429);
  });

  it('services have one for all their tokens', async () => {
    await start('{"service": 3}');
    const { id: ticketId } = await createTicket(app);
    const path = `/api/projects/1/internal/conversations/tickets/${ticketId}`;
    const get = async (name: string) => {
      const claims = { projectId: 1, ticketId, name };
      const key = await signServiceToken(SERVICE_SECRET, claims, { now: app.clock.now() });
      return (await app.request('GET', path, { key })).status;
    };
    expect([await get('a'), await get('b'), await get('c'), await get('d')]).toEqual([200, 200, 200, 429]);
    expect((await list()).status).toBe(200);
  });
});
