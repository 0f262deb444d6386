import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ADMIN_EMAIL,
  ADMIN_PASSWORD,
  createTestApp,
  type TestApp,
} from '../../apps/server/src/testing/test-app.ts';
import { bundleSdk } from './build-sdk.ts';

const CHROMIUM = '/usr/bin/chromium';
const isMissing = !existsSync(CHROMIUM);

it('has the browser that it needs, where nothing may be skipped', () => {
  expect(isMissing && process.env.CI !== undefined).toBe(false);
});

describe.skipIf(isMissing)('in a browser', () => {
  let app: TestApp;
  let browser: Browser;
  let page: Page;
  let folder: string;
  const faults: string[] = [];

  beforeAll(async () => {
    app = await createTestApp();
    const baseUrl = await app.listen();
    folder = await mkdtemp(join(tmpdir(), 'parley-sdk-'));
    await bundleSdk(join(folder, 'sdk.js'));
    const code = await readFile(join(folder, 'sdk.js'), 'utf8');
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    // Delivered below the server's own address, as its own pages are.
    await page.route('**/test/**', (route) => {
      const isScript = route.request().url().endsWith('.js');
      const script = "<script type='module'>import * as sdk from './sdk.js'; window.sdk = sdk;</script>";
      return route.fulfill({
        contentType: isScript ? 'text/javascript' : 'text/html',
        body: isScript ? code : `<!doctype html><title>SDK</title>${script}`,
      });
    });
    await page.goto(`${baseUrl}/test/`);
    await page.waitForFunction(() => 'sdk' in window);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  it('signs in, writes, reads page after page, and hears of it', async () => {
    // Text, because the functions of a test file can't be sent to a page with what they import.
    const seen = await page.evaluate(`(async () => {
      const { createParleyClient, paginate } = window.sdk;
      const parley = createParleyClient({ baseUrl: '' });
      await parley.sessions.create({ body: ${JSON.stringify({ email: ADMIN_EMAIL, password: ADMIN_PASSWORD })} });
      const made = [];
      for (const message of ['one', 'two', 'three']) made.push((await parley.tickets.create({ body: { message } })).id);
      const listed = [];
      for await (const { id } of paginate(parley.tickets.list, { query: { limit: 2 } })) listed.push(id);
      const heard = [];
      for await (const event of parley.events({ lastEventId: 0 })) {
        if (event.name === 'tickets.create') heard.push(event.id);
        if (heard.length === made.length) break;
      }
      return { made, listed: listed.reverse(), heard };
    })()`);
    expect(seen).toMatchObject({ made: expect.any(Array) });
    const { made, listed, heard } = seen as Record<'made' | 'listed' | 'heard', string[]>;
    expect(made).toHaveLength(3);
    expect(listed).toEqual(made);
    expect(heard).toEqual(made);
  });

  it('throws what the server refuses', async () => {
    const error = await page.evaluate(`window.sdk.createParleyClient({ baseUrl: '' })
      .tickets.retrieve({ params: { id: 999 } })
      .catch((error) => [error instanceof window.sdk.NotFoundError, window.sdk.isParleyError(error, 'not_found')])`);
    expect(error).toEqual([true, true]);
  });

  it('breaks nothing of the page', () => {
    expect(faults).toEqual([]);
  });
});
