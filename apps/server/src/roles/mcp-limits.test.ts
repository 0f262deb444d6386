import { connectHttp } from '@parley/mcp/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addAdminKey, createTicket, listMessages } from '../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../testing/test-app.ts';

let app: TestApp;
let url: string;
beforeAll(async () => {
  app = await createTestApp({
    roles: ['http'],
    environment: { PARLEY_RATE_LIMITS: JSON.stringify({ key: 12, reply: 1 }) },
  });
  url = `${await app.listen()}/mcp`;
});
afterAll(() => app.close());

it('counts against the limits of the key, its replies too', async () => {
  const ticket = await createTicket(app, { message: 'Hello?' });
  const key = await addAdminKey(app, ['ticket:read', 'ticket:reply']);
  // Its notices of having begun and of tools count as well: each asks whose key it is.
  const client = await connectHttp(url, key);
  const reply = (message: string) =>
    client.call('conversations-tickets-reply-create', { id: ticket.id, message });
  expect(await reply('One')).toMatchObject({ isError: false });
  const second = await reply('Two');
  expect(second).toMatchObject({ isError: true, data: { status: 429, code: 'throttled' } });
  expect(second.text).toMatch(/Try again in \d+ seconds/);
  expect(await listMessages(app, ticket.id)).toHaveLength(2);
  for (let calls = 0; calls < 3; calls += 1) await client.call('conversations-tickets-list');
  const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  const body = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const refused = await app.request('POST', '/mcp', { key, body, headers });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  await client.close();
});
