import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { newIdentitySecret } from '../../apps/server/src/features/widget/testing.ts';
import { listMessages, setProject } from '../../apps/server/src/testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../apps/server/src/testing/test-app.ts';
import { type Customer, visitShop } from './customer.ts';
import { openShop, type Shop, type ShopPage } from './shop.ts';

const CHROMIUM = '/usr/bin/chromium';
export const isBrowserMissing = !existsSync(CHROMIUM);
export const TOKEN = 'prt_test_project';
/** A loaded machine takes several times as long as a quiet one. */
export const PATIENCE = 40_000;
export const SLOW = 180_000;
const WAIT = { timeout: PATIENCE, interval: 50 };

/** A server, a shop with the widget on it, and a browser, for the tests of one file. */
export function setStage() {
  const contexts: BrowserContext[] = [];
  const stage = { app: undefined as unknown as TestApp, api: '', secret: '' };
  let shop: Shop;
  let browser: Browser;

  beforeAll(async () => {
    stage.app = await createTestApp();
    stage.api = await stage.app.listen();
    shop = await openShop({ api: stage.api, token: TOKEN });
    stage.secret = await newIdentitySecret(stage.app);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  }, SLOW);
  afterAll(async () => {
    await browser?.close();
    await shop?.close();
    await stage.app?.close();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    await setWidget({});
  });

  const soon = <T>(check: () => T) => vi.waitFor(check, WAIT);
  const setWidget = (settings: object) =>
    setProject(stage.app, {
      conversations_settings: {
        widget_domains: [],
        widget_require_email: false,
        widget_greeting_text: 'Hey, how can I help you today?',
        ...settings,
      },
    });
  async function newBrowser(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    contexts.push(context);
    return context;
  }
  const visit = async (options: ShopPage = {}, context?: BrowserContext) =>
    visitShop(context ?? (await newBrowser()), shop.page(options));

  /** Opens the panel, writes, and waits until it arrived. */
  async function begin(customer: Customer, text: string): Promise<string> {
    await customer.open();
    return send(customer, text);
  }
  async function send(customer: Customer, text: string): Promise<string> {
    await customer.write(text);
    await customer.frame.getByText('Sent', { exact: true }).waitFor({ timeout: PATIENCE });
    return customer.parley<string>('getCurrentTicketId()');
  }
  const contents = async (id: string) => (await listMessages(stage.app, id)).map(({ content }) => content);
  return Object.assign(stage, { soon, setWidget, newBrowser, visit, begin, send, contents });
}
