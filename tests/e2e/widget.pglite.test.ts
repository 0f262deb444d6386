import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PDF, PNG } from '../../apps/server/src/features/files/testing.ts';
import { newIdentitySecret, sign } from '../../apps/server/src/features/widget/testing.ts';
import {
  customerWrites,
  getTicket,
  listMessages,
  reply,
  setProject,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../apps/server/src/testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../apps/server/src/testing/test-app.ts';
import { type Customer, visitShop } from './customer.ts';
import { openShop, type Shop, type ShopPage } from './shop.ts';

const CHROMIUM = '/usr/bin/chromium';
const isMissing = !existsSync(CHROMIUM);
const TOKEN = 'prt_test_project';
const PATIENCE = 40_000;
const WAIT = { timeout: PATIENCE, interval: 50 };
const SLOW = 180_000;

it('has the browser that it needs, where nothing may be skipped', () => {
  expect(isMissing && process.env.CI !== undefined).toBe(false);
});

describe.skipIf(isMissing)('Parley’s own widget', { timeout: SLOW }, () => {
  let app: TestApp;
  let api: string;
  let shop: Shop;
  let browser: Browser;
  let secret: string;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    app = await createTestApp();
    api = await app.listen();
    shop = await openShop({ api, token: TOKEN });
    secret = await newIdentitySecret(app);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  }, SLOW);
  afterAll(async () => {
    await browser?.close();
    await shop?.close();
    await app?.close();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    await setWidget({});
  });

  const soon = (check: () => unknown) => vi.waitFor(check, WAIT);
  const setWidget = (settings: object) =>
    setProject(app, {
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
  const contents = async (id: string) => (await listMessages(app, id)).map(({ content }) => content);

  it('shows its button under the strictest policy, and asks for nothing for a new visitor', async () => {
    const customer = await visit();
    await customer.launcher.waitFor();
    expect(await customer.launcher.getAttribute('aria-label')).toBe('Open chat');
    expect(await customer.page.locator('#parley-widget iframe').count()).toBe(0);
    await customer.open();
    await customer.bubble('Hey, how can I help you today?').waitFor();
    expect(customer.calls).toEqual([]);
    expect(await customer.parley('isAvailable()')).toBe(true);
    expect(await customer.parley('getUnavailableReason()')).toBeNull();
    expect(customer.errors).toEqual([]);
  });

  it('sends a message that stays one, and shows the team’s reply within a second', async () => {
    const customer = await visit();
    const id = await begin(customer, 'Where is **my** order? https://example.com/7');
    expect(await contents(id)).toEqual(['Where is **my** order? https://example.com/7']);
    expect(await customer.bubble('Where is my order?').count()).toBe(1);
    const startedAt = performance.now();
    await reply(app, id, 'On its way.');
    await customer.bubble('On its way.').waitFor({ timeout: PATIENCE });
    expect(performance.now() - startedAt).toBeLessThan(PATIENCE);
    await soon(async () => expect((await getTicket(app, id)).unread_customer_count).toBe(0));
  });

  it('F1, case 71: shows a reply that came just before the customer sent, in order, and counts it right', async () => {
    const customer = await visit();
    const id = await begin(customer, 'First');
    // Nothing is heard of what comes next.
    await customer.page.route('**/widget/{stream,tickets}**', (route) => route.abort());
    await customer.page.evaluate('dispatchEvent(new Event("online"))');
    await reply(app, id, 'Between');
    await customer.page.unroute('**/widget/{stream,tickets}**');
    await customer.write('Second');
    await customer.bubble('Second').waitFor();
    await customer.bubble('Between').waitFor({ timeout: PATIENCE });
    const texts = await customer.frame.locator('.bubble .text').allInnerTexts();
    expect(texts.map((text) => text.trim())).toEqual([
      'Hey, how can I help you today?',
      'First',
      'Between',
      'Second',
    ]);
    await soon(async () => expect((await getTicket(app, id)).unread_customer_count).toBe(0));
  });

  it('F2, F3, case 72: keeps what failed, says why, and sends it once when tried again', async () => {
    const customer = await visit();
    await customer.open();
    await customer.page.route('**/widget/message', (route) =>
      route.fulfill({
        status: 400,
        json: { error: 'Invalid request data', details: { message: ['Too long for us.'] } },
      }),
    );
    await customer.write('Do not lose me');
    await customer.frame.getByText('Not sent. Too long for us.').waitFor();
    await customer.page.unroute('**/widget/message');
    // It arrives, but the answer does not: the same key sends it once.
    await customer.page.route('**/widget/message', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await customer.frame.getByRole('button', { name: 'Try again' }).click();
    await customer.frame.getByText(/cannot be reached/).waitFor();
    await customer.page.unroute('**/widget/message');
    await customer.frame.getByRole('button', { name: 'Try again' }).click();
    await customer.frame.getByText('Sent', { exact: true }).waitFor();
    expect(await contents(await customer.parley<string>('getCurrentTicketId()'))).toEqual(['Do not lose me']);
  });

  it('keeps drafts over reloads, and gives back what failed to be edited', async () => {
    const customer = await visit();
    await customer.open();
    await customer.field.fill('Half a thou');
    await soon(async () =>
      expect(await customer.page.evaluate('JSON.stringify({...localStorage})')).toContain('Half a'),
    );
    await customer.page.reload();
    await soon(async () => expect(await customer.field.inputValue()).toBe('Half a thou'));
    await customer.page.route('**/widget/message', (route) => route.abort());
    await customer.field.press('Enter');
    await customer.frame.getByRole('button', { name: 'Edit' }).click();
    await soon(async () => expect(await customer.field.inputValue()).toBe('Half a thou'));
  });

  it('opens one conversation however quickly somebody writes, and keeps the order', async () => {
    const customer = await visit();
    await customer.open();
    const held: (() => void)[] = [];
    await customer.page.route('**/widget/message', async (route) => {
      await new Promise<void>((resolve) => void held.push(resolve));
      await route.continue();
    });
    for (const text of ['One', 'Two', 'Three']) await customer.write(text);
    await customer.bubble('Three').waitFor();
    for (let turn = 0; turn < 3; turn += 1) {
      await soon(() => expect(held).toHaveLength(turn + 1));
      held[turn]?.();
    }
    await customer.frame.getByText('Sent', { exact: true }).waitFor({ timeout: PATIENCE });
    expect((await customer.parley<{ count: number }>('getTickets()')).count).toBe(1);
    expect(await contents(await customer.parley<string>('getCurrentTicketId()'))).toEqual([
      'One',
      'Two',
      'Three',
    ]);
    expect(await customer.bubble('One').count()).toBe(1);
  });

  it('sends what was on its way when the page was left, once', async () => {
    const customer = await visit();
    const id = await begin(customer, 'Hello');
    // The message arrives, and the page is gone before the answer.
    await customer.page.route('**/widget/message', async (route) => {
      await route.fetch();
      await route.abort().catch(() => {});
    });
    await customer.write('On its way');
    await soon(async () => expect(await contents(id)).toEqual(['Hello', 'On its way']));
    await customer.page.unroute('**/widget/message');
    await customer.page.reload();
    await customer.bubble('On its way').waitFor({ timeout: PATIENCE });
    await customer.frame.getByText('Sent', { exact: true }).waitFor({ timeout: PATIENCE });
    expect(await customer.bubble('On its way').count()).toBe(1);
    expect(await contents(id)).toEqual(['Hello', 'On its way']);
    await soon(async () => {
      const kept = JSON.parse(await customer.page.evaluate(`localStorage.getItem('ph_conv_${TOKEN}')`));
      expect(kept.pending).toEqual([]);
    });
  });

  it('spends little of its budget: a message of either side costs a request or two', async () => {
    const customer = await visit();
    const id = await begin(customer, 'Hello');
    await soon(async () => expect(await customer.frame.locator('.connection.live').count()).toBe(1));
    const reads = () =>
      customer.calls.filter((call) => call.method() === 'GET' && !call.url().includes('/stream')).length;
    const before = reads();
    for (let turn = 1; turn <= 5; turn += 1) {
      await send(customer, `Question ${turn}`);
      await reply(app, id, `Answer ${turn}`);
      await customer.bubble(`Answer ${turn}`).waitFor({ timeout: PATIENCE });
    }
    expect(reads() - before).toBeLessThanOrEqual(22);
  });

  it('F4, case 74: leads to the list and to another conversation after the first message', async () => {
    const customer = await visit();
    const first = await begin(customer, 'About the bill');
    await customer.frame.getByRole('button', { name: 'Back to conversations' }).click();
    await customer.frame.getByText('About the bill').waitFor();
    await customer.frame.getByRole('button', { name: 'New conversation' }).click();
    const second = await send(customer, 'About the parcel');
    expect(second).not.toBe(first);
  });

  it('F5, case 74: counts replies to any conversation, also while the panel is closed', async () => {
    const customer = await visit();
    const first = await begin(customer, 'About the bill');
    await customer.frame.getByRole('button', { name: 'Back to conversations' }).click();
    await customer.frame.getByRole('button', { name: 'New conversation' }).click();
    await send(customer, 'About the parcel');
    await customer.frame.getByRole('button', { name: 'Close' }).click();
    await reply(app, first, 'It is paid.');
    await soon(async () =>
      expect(await customer.launcher.getAttribute('aria-label')).toBe('Open chat (1 unread)'),
    );
    await customer.open();
    await customer.frame.getByRole('button', { name: 'Back to conversations' }).click();
    await customer.frame.getByRole('button', { name: /It is paid/ }).click();
    await customer.bubble('It is paid.').waitFor();
    await soon(async () => expect((await getTicket(app, first)).unread_customer_count).toBe(0));
  });

  it('F6, case 73: comes back by itself when the server does', async () => {
    const customer = await visit();
    const id = await begin(customer, 'Hello');
    await customer.page.route('**/widget/**', (route) => route.abort());
    await customer.page.evaluate('dispatchEvent(new Event("online"))');
    await customer.page.frames()[1]?.evaluate('dispatchEvent(new Event("online"))');
    await customer.frame.locator('.connection.reconnecting').waitFor({ timeout: PATIENCE });
    await reply(app, id, 'While you were away');
    await customer.page.unroute('**/widget/**');
    await customer.bubble('While you were away').waitFor({ timeout: 60_000 });
    await customer.frame.locator('.connection.live').waitFor({ state: 'attached', timeout: 60_000 });
  });

  it('F7, F16: shows what a mailed link brings back without a reload, and tells the browser that had it', async () => {
    await setWidget({ widget_domains: ['127.0.0.1'] });
    const email = 'lost@example.com';
    const old = await visit({ settings: {} });
    await old.page.evaluate(`parley.identify({ email: '${email}' })`);
    await begin(old, 'From my old browser');
    await setProject(app, { conversations_settings: { widget_domains: ['127.0.0.1'] } });
    const customer = await visit();
    await customer.open();
    await customer.parley(`requestRestoreLink('${email}')`);
    const link = await soon(async () => {
      const rows = await app.database.kysely
        .selectFrom('outbox')
        .select('payload')
        .where('channel', '=', 'email')
        .execute();
      const texts = rows.map(({ payload }) => String('content' in payload ? payload.content : ''));
      const found = texts.map((text) => /https?:\/\/\S*ph_conv_restore=[\w-]+/.exec(text)?.[0]).find(Boolean);
      expect(found).toBeDefined();
      return found;
    });
    await old.field.fill('Typed and not sent');
    await customer.page.goto(String(link));
    await customer.bubble('From my old browser').waitFor({ timeout: PATIENCE });
    expect(customer.page.url()).not.toContain('ph_conv_restore');
    // F16: the old browser is told at once, and nothing that was typed there is lost.
    await old.bubble('From my old browser').waitFor({ state: 'detached', timeout: PATIENCE });
    await soon(async () => expect(await old.field.inputValue()).toBe('Typed and not sent'));
  });

  it('F8: asks who is there first where the project wants it, and greets after it', async () => {
    await setWidget({ widget_require_email: true, widget_collect_name: true });
    const customer = await visit();
    await customer.open();
    await customer.frame.getByRole('heading', { name: 'Before we start...' }).waitFor();
    await customer.frame.getByLabel('E-mail').fill('ada');
    await customer.frame.getByRole('button', { name: 'Start' }).click();
    await customer.frame.getByText('Write an address such as').waitFor();
    await customer.frame.getByLabel('Name').fill('Ada');
    await customer.frame.getByLabel('E-mail').fill('ada@example.com');
    await customer.frame.getByRole('button', { name: 'Start' }).click();
    await customer.bubble('Hey, how can I help you today?').waitFor();
    const id = await send(customer, 'It is me');
    expect((await getTicket(app, id)).anonymous_traits).toEqual({ name: 'Ada', email: 'ada@example.com' });
    await customer.frame.getByText('We will e-mail you at ada@example.com').waitFor();
  });

  it('F9, case 76: is used by keyboard alone, says what comes, and gives the focus back', async () => {
    const customer = await visit();
    await customer.launcher.waitFor();
    await customer.launcher.focus();
    await customer.page.keyboard.press('Enter');
    await customer.field.waitFor();
    await soon(async () =>
      expect(await customer.field.evaluate((field) => field === document.activeElement)).toBe(true),
    );
    await customer.page.keyboard.type('One');
    await customer.page.keyboard.press('Enter');
    await customer.frame.getByText('Sent', { exact: true }).waitFor();
    await customer.page.keyboard.type('Two');
    await customer.page.keyboard.press('Shift+Enter');
    await customer.page.keyboard.type('lines');
    await customer.page.keyboard.press('Enter');
    await customer.bubble('Two').waitFor();
    const id = await customer.parley<string>('getCurrentTicketId()');
    await soon(async () => expect(await contents(id)).toEqual(['One', 'Two\nlines']));
    await reply(app, id, 'Three');
    await soon(async () =>
      expect(await customer.frame.locator('[aria-live=polite]').last().textContent()).toContain('Three'),
    );
    const panel = customer.page.locator('#parley-widget [role=dialog]');
    expect(await panel.isVisible()).toBe(true);
    await customer.page.keyboard.press('Escape');
    await soon(async () => expect(await panel.isVisible()).toBe(false));
    expect(await customer.page.evaluate('document.activeElement.id')).toBe('parley-widget');
  });

  it('F10: reports nothing anywhere, so that no quota can stop it', async () => {
    const customer = await visit();
    const others: string[] = [];
    customer.page.on('request', (request) => others.push(new URL(request.url()).pathname));
    await begin(customer, 'Hello');
    expect(others.filter((path) => /^\/(e|i|batch|capture|flags)\//.test(path))).toEqual([]);
  });

  it('F11, case 75: keeps the tickets of this browser when somebody signs in, and finds theirs elsewhere', async () => {
    const customer = await visit();
    await begin(customer, 'As a guest');
    await customer.parley(`setIdentity('ada', '${sign(secret, 'ada')}')`);
    await customer.frame.getByText('As a guest').first().waitFor();
    const list = await customer.parley<{ count: number }>('getTickets()');
    expect(list.count).toBe(1);
    const sent = await customer.parley<{ ticket_id: string }>(`sendMessage('As Ada', undefined, true)`);
    expect((await getTicket(app, sent.ticket_id)).identity_verified).toBe(true);
    const elsewhere = await visit({
      attributes: { 'identity-id': 'ada', 'identity-hash': sign(secret, 'ada') },
    });
    await elsewhere.open();
    await elsewhere.frame.getByText('As Ada').first().waitFor();
    await customer.parley('clearIdentity()');
    await soon(async () => expect((await customer.parley<{ count: number }>('getTickets()')).count).toBe(1));
  });

  it('F12: lists all conversations, and shows messages as they are now', async () => {
    const customer = await visit();
    const id = await begin(customer, 'Number 1');
    for (let number = 2; number <= 25; number += 1)
      await customer.parley(`sendMessage('Number ${number}', undefined, true)`);
    await customer.frame.getByRole('button', { name: 'Back to conversations' }).click();
    await soon(async () => expect(await customer.frame.locator('.row').count()).toBe(25));
    await customer.frame
      .locator('.row')
      .filter({ hasText: /^Number 1(?!\d)/ })
      .click();
    const written = await reply(app, id, 'Wrong price');
    await customer.bubble('Wrong price').waitFor();
    await app.request('PATCH', `/api/projects/1/comments/${written.id}/`, {
      body: { content: 'Right price' },
    });
    await customer.bubble('Right price').waitFor({ timeout: PATIENCE });
    expect(await customer.bubble('Wrong price').count()).toBe(0);
    await app.request('PATCH', `/api/projects/1/comments/${written.id}/`, { body: { deleted: true } });
    await soon(async () => expect(await customer.bubble('Right price').count()).toBe(0));
  });

  it('F13: takes files by picker, paste and drop, and shows pictures', async () => {
    const customer = await visit();
    await customer.open();
    await customer.frame
      .locator('input[type=file]')
      .setInputFiles({ name: 'plan.pdf', mimeType: 'application/pdf', buffer: PDF });
    await customer.frame.getByText('plan.pdf').waitFor();
    await customer.field.evaluate((field, png) => {
      const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'shot.png', { type: 'image/png' }));
      field.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    }, PNG.toString('base64'));
    await customer.frame.getByText('shot.png').waitFor();
    await customer.frame.locator('main').evaluate((main) => {
      const data = new DataTransfer();
      data.items.add(new File(['MZ\x90\x00\x03\x00\x00\x00\xff\xff'], 'bad.exe'));
      main.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await customer.frame.getByText(/images, PDF, text and zip/).waitFor();
    await customer.frame.getByRole('button', { name: 'Remove bad.exe' }).click();
    await soon(async () =>
      expect(await customer.frame.locator('.send').getAttribute('aria-disabled')).toBe('false'),
    );
    const id = await send(customer, 'See these');
    await customer.frame.locator('.bubble img').waitFor();
    await customer.frame.getByRole('link', { name: 'plan.pdf' }).waitFor();
    expect((await contents(id))[0]).toMatch(/^See these\n\n!\[shot\.png\]\(.*\n\n\[plan\.pdf\]\(/);
  });

  it.each([
    ['de-DE', 'de', 'ltr', 'Ihre Nachricht'],
    ['fr', 'fr', 'ltr', 'Votre message'],
    ['es-MX', 'es', 'ltr', 'Su mensaje'],
    ['pt-BR', 'pt-BR', 'ltr', 'Sua mensagem'],
    ['ja', 'ja', 'ltr', 'メッセージを入力'],
    ['ar', 'ar', 'rtl', 'رسالتك'],
    ['nl', 'en', 'ltr', 'Your message'],
  ])('F13: speaks the language of a browser set to %s', async (locale, lang, dir, label) => {
    const customer = await visit({}, await newBrowser({ locale }));
    await customer.open();
    await soon(async () => expect(await customer.field.getAttribute('aria-label')).toBe(label));
    const root = customer.frame.locator('html');
    expect([await root.getAttribute('lang'), await root.getAttribute('dir')]).toEqual([lang, dir]);
  });

  it('F13: takes another language and other texts of the page', async () => {
    const customer = await visit({
      attributes: { locale: 'de' },
      settings: { texts: { write: 'Schreib was' } },
    });
    await customer.open();
    await soon(async () => expect(await customer.field.getAttribute('aria-label')).toBe('Schreib was'));
    await customer.frame.getByRole('heading', { name: 'Nachrichten' }).waitFor();
  });

  it('F13: says when nobody is there, and when somebody is again', async () => {
    const closed = Object.fromEntries(
      ['monday', 'tuesday', 'wednesday', 'thursday', 'saturday', 'sunday'].map((day) => [day, []]),
    );
    await app.request('PUT', '/api/projects/1/conversations/working_hours/', {
      body: { weekly: { ...closed, friday: [{ start: '09:00', end: '17:00' }] }, holidays: [] },
    });
    const customer = await visit();
    await customer.open();
    await customer.frame.getByText(/We are back Friday/).waitFor();
    const week = Object.fromEntries(
      ['friday', ...Object.keys(closed)].map((day) => [day, [{ start: '00:00', end: '24:00' }]]),
    );
    await app.request('PUT', '/api/projects/1/conversations/working_hours/', {
      body: { weekly: week, holidays: [] },
    });
  });

  it('F13: fills a phone, and keeps whether it makes a sound', async () => {
    const customer = await visit(
      {},
      await newBrowser({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true }),
    );
    await customer.open();
    const panel = customer.page.locator('#parley-widget [role=dialog]');
    // Once it has come in.
    await soon(async () =>
      expect(await panel.boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 640 }),
    );
    // Below 16 px phones zoom into a field.
    expect(await customer.field.evaluate((field) => getComputedStyle(field).fontSize)).toBe('16px');
    await customer.frame.getByRole('button', { name: 'Sound on' }).click();
    await soon(async () =>
      expect(await customer.page.evaluate('JSON.stringify({...localStorage})')).toContain('isSilent'),
    );
    await customer.page.reload();
    await customer.frame.getByRole('button', { name: 'Sound off' }).waitFor();
  });

  it('F14: looks the same on a page whose styles would break it', async () => {
    const hostile =
      '<style>*{color:red!important;font-size:40px!important;display:block!important;border:9px solid red!important}</style>';
    const customer = await visit({ body: hostile });
    await customer.launcher.waitFor();
    const box = await customer.launcher.boundingBox();
    expect([box?.width, box?.height]).toEqual([52, 52]);
    await customer.open();
    expect(await customer.field.evaluate((field) => getComputedStyle(field).color)).not.toBe(
      'rgb(255, 0, 0)',
    );
    expect(customer.errors).toEqual([]);
  });

  it('F15: shares one connection between tabs, rests where nobody looks, and asks without preflights', async () => {
    const context = await newBrowser();
    const [one, two] = [await visit({}, context), await visit({}, context)];
    const id = await begin(one, 'Hello');
    await two.page.reload();
    await two.bubble('Hello').waitFor({ timeout: PATIENCE });
    const streams = () =>
      [...one.calls, ...two.calls].filter((call) => call.url().includes('/widget/stream'));
    await soon(() => expect(streams().length).toBeGreaterThan(0));
    await reply(app, id, 'To both');
    for (const customer of [one, two]) await customer.bubble('To both').waitFor({ timeout: PATIENCE });
    expect(streams()).toHaveLength(1);
    expect([...one.calls, ...two.calls].filter((call) => call.method() === 'OPTIONS')).toEqual([]);
  });

  it('F15: rests while nobody looks at the page, and goes on when somebody does', async () => {
    const customer = await visit();
    const id = await begin(customer, 'Hello');
    const streams = () => customer.calls.filter((call) => call.url().includes('/widget/stream'));
    await soon(() => expect(streams()).toHaveLength(1));
    const [stream] = streams();
    const look = (hidden: boolean) =>
      customer.page
        .frames()
        .find((frame) => frame.url().endsWith('/frame'))
        ?.evaluate((isHidden) => {
          Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden });
          document.dispatchEvent(new Event('visibilitychange'));
        }, hidden);
    await look(true);
    await soon(() => expect(stream?.failure()).not.toBeNull());
    await reply(app, id, 'Unseen');
    expect(streams()).toHaveLength(1);
    expect((await getTicket(app, id)).unread_customer_count).toBe(1);
    await look(false);
    await customer.bubble('Unseen').waitFor({ timeout: PATIENCE });
    await soon(async () => expect((await getTicket(app, id)).unread_customer_count).toBe(0));
  });

  it('stays where the page replaces its body, and does not start twice', async () => {
    const customer = await visit();
    await begin(customer, 'Hello');
    await customer.page.evaluate(() => {
      const body = document.createElement('body');
      body.innerHTML = '<h1>Another page</h1>';
      document.body.replaceWith(body);
      history.pushState({}, '', '/another');
    });
    await customer.bubble('Hello').waitFor({ timeout: PATIENCE });
    await customer.write('Still here');
    await customer.bubble('Still here').waitFor();
    expect(await customer.page.locator('#parley-widget').count()).toBe(1);
  });

  it('asks how it was once a ticket is resolved', async () => {
    const customer = await visit();
    const id = await begin(customer, 'Hello');
    await updateTicket(app, id, { status: 'resolved' });
    await customer.frame.getByText('This conversation was resolved.').waitFor({ timeout: PATIENCE });
    await customer.frame.getByRole('button', { name: 'Good', exact: true }).click();
    await customer.frame.getByText('Thank you.').waitFor();
    const rows = await app.database.kysely
      .selectFrom('satisfaction_ratings')
      .select('rating')
      .where('ticket_id', '=', id)
      .execute();
    expect(rows).toEqual([{ rating: 'good' }]);
  });

  it('asks where to answer somebody who leaves, and says that it will', async () => {
    const customer = await visit();
    const id = await begin(customer, 'Hello');
    await customer.frame.getByText('Leave your e-mail').waitFor();
    await customer.frame.getByLabel('E-mail').fill('ada@example.com');
    await customer.frame.locator('.ask button').click();
    await customer.frame.getByText('We will e-mail you at ada@example.com').waitFor({ timeout: PATIENCE });
    expect((await getTicket(app, id)).anonymous_traits).toEqual({ name: null, email: 'ada@example.com' });
    expect(await customer.frame.locator('.ask').count()).toBe(0);
  });

  it('wears the theme of the page, and nothing that could be more than a value', async () => {
    const customer = await visit({ settings: { theme: { primary: '#0a7d5a', colorScheme: 'light' } } });
    await customer.open();
    const variable = (name: string) =>
      customer.frame
        .locator('html')
        .evaluate((html, property) => html.style.getPropertyValue(property), name);
    await soon(async () => expect(await variable('--primary')).toBe('#0a7d5a'));
    await customer.parley(
      `setTheme({ background: '#fafafa', text: 'red;} body{display:none', borderRadius: '3px' })`,
    );
    await soon(async () => expect(await variable('--bg')).toBe('#fafafa'));
    expect(await variable('--text')).toBe('#1d1b18');
    await customer.parley(`setTheme({ colorScheme: 'dark', dark: { background: '#101010' } })`);
    await soon(async () => expect(await variable('--bg')).toBe('#101010'));
    expect(await variable('--primary')).toBe('#0a7d5a');
  });

  it('is tried on a page of its own', async () => {
    const page = await (await newBrowser()).newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${api}/widget-demo/?token=${TOKEN}`);
    await page.getByRole('button', { name: 'sendMessage(text)' }).click();
    await page.locator('#log').getByText('ticket_id').first().waitFor({ timeout: PATIENCE });
    await page.getByRole('button', { name: 'open()', exact: true }).click();
    await page
      .frameLocator('#parley-widget iframe')
      .locator('.bubble')
      .filter({ hasText: 'Hello from the demo' })
      .waitFor();
    expect(errors).toEqual([]);
  });

  it('shows that the team writes, and that it has read', async () => {
    const customer = await visit();
    const id = await begin(customer, 'Hello');
    const state = (name: string) =>
      app.request('PUT', ticketPath(id, 'presence/'), { body: { state: name } });
    expect((await state('typing')).status).toBeLessThan(300);
    await customer.frame.getByText('The team is writing').waitFor({ timeout: PATIENCE });
    await state('viewing');
    await customer.frame.getByText('The team is writing').waitFor({ state: 'detached', timeout: PATIENCE });
    await app.request('GET', ticketPath(id));
    await customer.frame.getByText('Seen', { exact: true }).waitFor({ timeout: PATIENCE });
  });

  it('has the methods of the published client, with the same answers', async () => {
    const customer = await visit();
    await customer.launcher.waitFor();
    expect(await customer.parley('getCurrentTicketId()')).toBeNull();
    const sent = await customer.parley<Record<string, unknown>>(`sendMessage('By script', { name: 'Bob' })`);
    expect(sent).toMatchObject({
      ticket_id: expect.any(String),
      message_id: expect.any(String),
      ticket_status: 'new',
      unread_count: 0,
    });
    expect(await customer.parley('getCurrentTicketId()')).toBe(sent.ticket_id);
    expect(await customer.parley('getMessages()')).toMatchObject({
      ticket_id: sent.ticket_id,
      messages: [{ content: 'By script' }],
    });
    await reply(app, String(sent.ticket_id), 'Answer');
    expect(await customer.parley('markAsRead()')).toEqual({ success: true, unread_count: 0 });
    expect(await customer.parley('getTickets({ limit: 1 })')).toMatchObject({ count: 1 });
    expect(await customer.parley('getWidgetSessionId()')).toMatch(/^[0-9a-f-]{36}$/);
    await customer.parley('hide()');
    expect(await customer.parley('isVisible()')).toBe(false);
    await customer.parley('show()');
    expect(await customer.parley('isVisible()')).toBe(true);
    await customer.parley('reset()');
    expect(await customer.parley('getCurrentTicketId()')).toBeNull();
    expect((await customer.parley<{ count: number }>('getTickets()')).count).toBe(0);
    await expect(customer.parley(`sendMessage('')`)).rejects.toThrow();
    expect(customer.errors).toEqual([]);
  });

  it('tells the page what happens', async () => {
    const customer = await visit();
    await customer.launcher.waitFor();
    await customer.page.evaluate(() => {
      const { parley } = window as never as {
        parley: { on(name: string, listener: (detail: object) => void): void };
      };
      const told: unknown[] = [];
      Object.assign(window, { told });
      for (const name of ['open', 'message_sent', 'message_received', 'unread', 'close'])
        parley.on(name, () => told.push(name));
    });
    const id = await begin(customer, 'Hello');
    await reply(app, id, 'Hi');
    await customer.bubble('Hi').waitFor({ timeout: PATIENCE });
    await customer.frame.getByRole('button', { name: 'Close' }).click();
    await soon(async () =>
      expect(await customer.page.evaluate('window.told')).toEqual(
        expect.arrayContaining(['open', 'message_sent', 'message_received', 'close']),
      ),
    );
  });

  it('is not held by a page that is not on the project’s list', async () => {
    await setWidget({ widget_domains: ['shop.example'] });
    const customer = await visit();
    await soon(async () =>
      expect(await customer.parley('getUnavailableReason()')).toBe('disabled_by_config'),
    );
    const frame = await app.request('GET', `/widget/${TOKEN}/frame`, { key: null });
    expect(frame.headers['content-security-policy']).toContain(
      "frame-ancestors 'self' https://shop.example:* http://shop.example:*",
    );
  });

  it('lets nothing of a message run or lead astray', async () => {
    const customer = await visit();
    const id = await begin(customer, '[x](javascript:alert(1)) <img src=x onerror=alert(1)>');
    await customerWrites(app, id, 'plain https://ok.example/a and [b](https://ok.example/b)');
    await reply(app, id, 'rich', {
      rich_content: {
        type: 'doc',
        content: [
          {
            type: 'paragraph',
            content: [
              {
                type: 'text',
                text: 'bad',
                marks: [{ type: 'link', attrs: { href: 'java\tscript:alert(1)' } }],
              },
            ],
          },
          { type: 'image', attrs: { src: 'data:text/html,<script>1</script>' } },
        ],
      },
    });
    await customer.bubble('bad').waitFor({ timeout: PATIENCE });
    const links = await customer.frame
      .locator('.bubble a')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    expect(links).toEqual(['https://ok.example/a', 'https://ok.example/b']);
    expect(await customer.frame.locator('.bubble img').count()).toBe(0);
    expect((await app.request('GET', TICKETS)).status).toBe(200);
  });
});
