import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createTestDatabase, type TestDatabase } from '@parley/db/testing';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { API_KEY, type StartedServer, startParley } from '../bench/src/server-process.ts';
import { findNginx, startNginx } from '../setup/nginx.ts';
import type { ThrowawayServer } from '../setup/throwaway-server.ts';
import { visitShop } from './customer.ts';
import { openShop, type Shop } from './shop.ts';

const CHROMIUM = '/usr/bin/chromium';
const nginx = findNginx();
const isMissing = !existsSync(CHROMIUM) || nginx === undefined;
const SLOW = 180_000;
const PATIENCE = 40_000;

it('has the browser and the proxy that it needs, where nothing may be skipped', () => {
  expect(isMissing && process.env.CI !== undefined).toBe(false);
});

describe.skipIf(isMissing)('two processes behind a proxy', { timeout: SLOW }, () => {
  let test: TestDatabase;
  let servers: StartedServer[] = [];
  let proxy: ThrowawayServer;
  let shop: Shop;
  let browser: Browser;
  let token: string;

  beforeAll(async () => {
    test = await createTestDatabase();
    const databaseUrl = test.url ?? '';
    // One after the other: the first makes the tables.
    const first = await startParley({ databaseUrl });
    servers = [first, await startParley({ databaseUrl })];
    proxy = await startNginx(
      String(nginx),
      servers.map(({ url }) => url),
    );
    ({ token } = await call<{ token: string }>('GET', '/api/projects/1/'));
    await call('PATCH', '/api/projects/1/', { conversations_enabled: true });
    shop = await openShop({ api: proxy.url, token });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  }, SLOW);
  afterAll(async () => {
    await browser?.close();
    await shop?.close();
    await proxy?.stop();
    for (const server of servers) await server.stop();
    await test?.drop();
  });

  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${proxy.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${API_KEY}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  it('two browsers hear of the team and of each other, whichever process they talk to', async () => {
    const { secret } = await call<{ secret: string }>('POST', '/api/projects/1/identity_secrets/rotate/');
    const hash = createHmac('sha256', secret).update('ada').digest('hex');
    const page = shop.page({ attributes: { 'identity-id': 'ada', 'identity-hash': hash } });
    const [home, work] = await Promise.all(
      [0, 1].map(async () => visitShop(await browser.newContext({ locale: 'en' }), page)),
    );
    if (!home || !work) throw new Error('There are two browsers.');
    await home.open();
    await home.write('From home');
    await home.frame.getByText('Sent', { exact: true }).waitFor({ timeout: PATIENCE });
    const id = await home.parley<string>('getCurrentTicketId()');
    await work.open();
    await work.bubble('From home').waitFor({ timeout: PATIENCE });

    const asked = Date.now();
    await call('POST', `/api/projects/1/conversations/tickets/${id}/reply/`, { message: 'From the team' });
    for (const customer of [home, work])
      await customer.bubble('From the team').waitFor({ timeout: PATIENCE });
    expect(Date.now() - asked).toBeLessThan(PATIENCE);
    await work.write('From work');
    await home.bubble('From work').waitFor({ timeout: PATIENCE });

    // Of both processes, through the proxy's own buffers.
    const streams = [...home.calls, ...work.calls].filter((request) =>
      request.url().includes('/widget/stream'),
    );
    expect(streams.length).toBeGreaterThanOrEqual(2);

    // One process ends, as in an upgrade: its visitors go on with the other.
    await servers.shift()?.stop();
    await call('POST', `/api/projects/1/conversations/tickets/${id}/reply/`, { message: 'Still here' });
    for (const customer of [home, work]) await customer.bubble('Still here').waitFor({ timeout: PATIENCE });
    await vi.waitFor(
      async () => {
        const texts = await home.frame.locator('.bubble .text').allInnerTexts();
        expect(texts.slice(1).map((text) => text.trim())).toEqual([
          'From home',
          'From the team',
          'From work',
          'Still here',
        ]);
      },
      { timeout: PATIENCE },
    );
  });
});
