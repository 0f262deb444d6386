import { existsSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { reply, setProject, updateTicket } from '../../apps/server/src/testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../apps/server/src/testing/test-app.ts';
import { type Customer, visitShop } from './customer.ts';
import { openShop, type Shop } from './shop.ts';

const CHROMIUM = '/usr/bin/chromium';
const isMissing = !existsSync(CHROMIUM);
const SLOW = 180_000;
const WAIT = { timeout: 40_000, interval: 50 };
/** Where pictures of every view are put, to be looked at. */
const PICTURES = process.env.PARLEY_PICTURES;

const PLACES: Readonly<Record<string, BrowserContextOptions>> = {
  'a desktop': { viewport: { width: 1000, height: 760 } },
  'a dark desktop': { viewport: { width: 1000, height: 760 }, colorScheme: 'dark' },
  'a phone': { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true },
  'a phone in Arabic, by night': {
    viewport: { width: 360, height: 640 },
    isMobile: true,
    hasTouch: true,
    locale: 'ar',
    colorScheme: 'dark',
  },
  'a window at 400 %': { viewport: { width: 320, height: 256 } },
};

it('has the browser that it needs, where nothing may be skipped', () => {
  expect(isMissing && process.env.CI !== undefined).toBe(false);
});

describe.skipIf(isMissing)('every view of the widget can be used by everybody', { timeout: SLOW }, () => {
  let app: TestApp;
  let shop: Shop;
  let browser: Browser;
  let axe: string;
  let context: BrowserContext | undefined;

  beforeAll(async () => {
    app = await createTestApp();
    shop = await openShop({ api: await app.listen(), token: 'prt_test_project' });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    axe = await readFile(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
    if (PICTURES) mkdirSync(PICTURES, { recursive: true });
  }, SLOW);
  afterAll(async () => {
    await browser?.close();
    await shop?.close();
    await app?.close();
  });
  afterEach(async () => {
    await context?.close();
    await setProject(app, {
      conversations_settings: { widget_require_email: false, widget_domains: [], widget_color: '#1d4aff' },
    });
  });

  /** What axe finds, in the frame and around it, up to level AA of WCAG 2.2; nothing may be cut off sideways either. */
  async function check(customer: Customer, name: string): Promise<void> {
    await customer.page.evaluate('Promise.all(document.getAnimations().map((one) => one.finished))');
    if (PICTURES) await customer.page.screenshot({ path: `${PICTURES}/${name.replace(/\W+/g, '-')}.png` });
    const frame = customer.page.frames().find((one) => one.url().endsWith('/frame'));
    if (!frame) throw new Error('There is no frame.');
    await frame
      .evaluate('Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))')
      .catch(() => {});
    const found: string[] = [];
    for (const document of [frame, customer.page.mainFrame()]) {
      await document.evaluate(axe);
      const run =
        "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], iframes: false })";
      const { violations } = (await document.evaluate(run)) as AxeResults;
      found.push(
        ...violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
        ),
      );
    }
    expect(found, name).toEqual([]);
    expect(await frame.evaluate('document.documentElement.scrollWidth <= innerWidth'), name).toBe(true);
  }

  const soon = (wanted: () => unknown) => vi.waitFor(wanted, WAIT);

  it.each(Object.entries(PLACES))('on %s', async (place, options) => {
    await setProject(app, {
      conversations_settings: {
        widget_require_email: true,
        widget_collect_name: true,
        widget_domains: ['127.0.0.1'],
      },
    });
    context = await browser.newContext(options);
    const customer = await visitShop(context, shop.page());
    await customer.launcher.click();
    await customer.frame.locator('input[type=email]').fill('ada');
    await customer.frame.locator('button[type=submit]').click();
    await check(customer, `${place} identify`);
    await customer.frame.locator('input[type=email]').fill('ada@example.com');
    await customer.frame.locator('button[type=submit]').click();
    await customer.field.waitFor();
    await check(customer, `${place} new`);

    await customer.write('Where is **my** order? It is `A-7`, see https://example.com/orders/7');
    await customer.frame.locator('.receipt').waitFor();
    const id = await customer.parley<string>('getCurrentTicketId()');
    await reply(app, id, 'On its way', {
      rich_content: {
        type: 'doc',
        content: [
          {
            type: 'paragraph',
            content: [
              { type: 'text', text: 'It is on its way: ' },
              {
                type: 'text',
                text: 'follow it',
                marks: [{ type: 'link', attrs: { href: 'https://example.com/t' } }],
              },
            ],
          },
          {
            type: 'bulletList',
            content: [
              {
                type: 'listItem',
                content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Parcel 1' }] }],
              },
            ],
          },
          {
            type: 'codeBlock',
            content: [
              {
                type: 'text',
                text: 'a_rather_long_line_of_code = that_is_wider_than_the_panel(of_the_widget)',
              },
            ],
          },
        ],
      },
    });
    await customer.bubble('on its way').waitFor();
    await customer.page.route('**/widget/message', (route) => route.abort());
    await customer.write('This one fails');
    await customer.frame.locator('.failed .link').first().waitFor();
    await customer.frame.locator('input[type=file]').setInputFiles({
      name: 'a rather long name of a file that has to be cut.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('x'),
    });
    await soon(async () =>
      expect(await customer.frame.locator('.send').getAttribute('aria-disabled')).toBe('false'),
    );
    await check(customer, `${place} conversation`);

    await updateTicket(app, id, { status: 'resolved' });
    await customer.frame.locator('.ended').waitFor();
    await check(customer, `${place} resolved`);
    await customer.frame.locator('header .icon').first().click();
    await customer.frame.locator('.row').waitFor();
    await check(customer, `${place} list`);
    await customer.frame.locator('.actions .plain').click();
    await customer.frame.locator('button[type=submit]').click();
    await check(customer, `${place} restore`);
  });

  it.each(['#ffe066', '#7a7a7a', '#000000', '#ff5c5c'])(
    'in the colour %s of a site',
    async (widget_color) => {
      await setProject(app, { conversations_settings: { widget_color } });
      context = await browser.newContext({ viewport: { width: 1000, height: 760 } });
      const customer = await visitShop(context, shop.page());
      await customer.launcher.click();
      await customer.write('A [link](https://example.com) of mine');
      await customer.frame.locator('.receipt').waitFor();
      await reply(app, await customer.parley<string>('getCurrentTicketId()'), 'And https://example.com/ours');
      await customer.bubble('And').waitFor();
      await check(customer, `colour ${widget_color}`);
    },
  );

  it('moves nothing for those who asked for that', async () => {
    context = await browser.newContext({ reducedMotion: 'reduce' });
    const customer = await visitShop(context, shop.page());
    await customer.launcher.click();
    await customer.write('Hello');
    await customer.frame.locator('.receipt').waitFor();
    const frame = customer.page.frames().find((one) => one.url().endsWith('/frame'));
    expect(await frame?.evaluate('document.getAnimations().length')).toBe(0);
    expect(await customer.page.evaluate('document.getAnimations().length')).toBe(0);
  });
});
