import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { newIdentitySecret, person, sign } from '../../apps/server/src/features/widget/testing.ts';
import {
  addTenant,
  getTicket,
  reply,
  setProject,
  ticketPath,
  updateTicket,
} from '../../apps/server/src/testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../apps/server/src/testing/test-app.ts';
import { openSite, type Site } from './site.ts';
import { type Visitor, visit } from './visitor.ts';

const CHROMIUM = '/usr/bin/chromium';
const isMissing = !existsSync(CHROMIUM);
const TOKEN = 'prt_test_project';
/** A loaded machine, a poll of five seconds, and one more. */
const PATIENCE = 40_000;
const WAIT = { timeout: PATIENCE, interval: 100 };
const SLOW = 180_000;

it('has the browser that it needs, where nothing may be skipped', () => {
  expect(isMissing && process.env.CI !== undefined).toBe(false);
});

describe.skipIf(isMissing)('the unmodified posthog-js', { timeout: SLOW }, () => {
  let app: TestApp;
  let api: string;
  let site: Site;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    app = await createTestApp({ roles: ['http', 'worker'] });
    api = await app.listen();
    site = await openSite({ api, token: TOKEN });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  }, SLOW);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await app?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext();
  }, SLOW);
  afterEach(() => context.close());

  const soon = (check: () => unknown) => vi.waitFor(check, WAIT);
  const open = (options: Parameters<Site['page']>[0] = {}) => visit(context, site.page(options));
  const sent = (visitor: Visitor) =>
    visitor.calls.filter(({ method, path }) => method === 'POST' && path === 'message');
  const polls = (visitor: Visitor) => visitor.calls.filter(({ path }) => /^messages\/[^/]+$/.test(path));

  /** Opens the panel, writes, and waits for the ticket. */
  async function begin(visitor: Visitor, text: string): Promise<string> {
    await visitor.launcher.click();
    return send(visitor, text);
  }
  async function send(visitor: Visitor, text: string): Promise<string> {
    const before = sent(visitor).length;
    await visitor.write(text);
    await soon(() =>
      expect(
        sent(visitor)
          .slice(before)
          .map(({ status }) => status),
      ).toEqual([200]),
    );
    await soon(async () => expect(await visitor.posthog('conversations.getCurrentTicketId()')).toBeTruthy());
    return visitor.posthog<string>('conversations.getCurrentTicketId()');
  }

  for (const form of ['array', 'snippet', 'module'] as const) {
    it(`case 60: as ${form}, is available and shows its launcher; a new visitor asks for nothing`, async () => {
      const visitor = await open({ form });
      await visitor.launcher.waitFor();
      expect(await visitor.posthog('conversations.isAvailable()')).toBe(true);
      expect(await visitor.posthog('conversations.getUnavailableReason()')).toBeNull();
      await visitor.launcher.click();
      await visitor.panel.getByText('Hey, how can I help you today?').waitFor();
      expect(visitor.calls).toEqual([]);
      // Its signs come through although the page is in another encoding.
      expect(await visitor.panel.innerText()).not.toContain('\u00e2');
    });
  }

  it('case 61: shows a message once, and it stays one', async () => {
    const visitor = await open();
    await begin(visitor, 'Where is my order?');
    const before = polls(visitor).length;
    await soon(() => expect(polls(visitor).length).toBeGreaterThan(before + 2));
    expect(await visitor.panel.getByText('Where is my order?').count()).toBe(1);
    expect(polls(visitor).every(({ status }) => status === 200)).toBe(true);
  });

  it('case 62: shows the team’s reply in the open panel, and marks it as read', async () => {
    const visitor = await open();
    const id = await begin(visitor, 'Hello');
    await reply(app, id, 'It is on its way.');
    await visitor.panel.getByText('It is on its way.').waitFor({ timeout: PATIENCE });
    await soon(async () => expect((await getTicket(app, id)).unread_customer_count).toBe(0));
  });

  it('case 63: counts a reply on the launcher while the panel is closed, until it is opened', async () => {
    const visitor = await open();
    const id = await begin(visitor, 'Hello');
    await visitor.panel.getByLabel('Close').click();
    await reply(app, id, 'Still there?');
    await visitor.panel.getByLabel('Open chat (1 unread)').waitFor({ timeout: PATIENCE });
    await visitor.launcher.click();
    await visitor.panel.getByText('Still there?').waitFor();
    await soon(async () => expect((await getTicket(app, id)).unread_customer_count).toBe(0));
    await visitor.panel.getByLabel('Close').click();
    await visitor.panel.getByLabel('Open chat', { exact: true }).waitFor({ timeout: PATIENCE });
  });

  it('case 64: lists two tickets after a reload, the newest activity first, each with its own history', async () => {
    const visitor = await open();
    const older = await begin(visitor, 'About the bill');
    await visitor.page.reload();
    await visitor.panel.getByText('About the bill').waitFor();
    await visitor.panel.getByLabel(/^Back/).click();
    await visitor.panel.getByText('New conversation').first().click();
    app.clock.advance(60_000);
    const newer = await send(visitor, 'About the parcel');
    expect(newer).not.toBe(older);
    app.clock.advance(60_000);
    await reply(app, older, 'The bill is paid.');
    await visitor.page.reload();
    await visitor.panel.getByText('The bill is paid.').waitFor();
    const text = await visitor.panel.innerText();
    expect(text.indexOf('The bill is paid.')).toBeLessThan(text.indexOf('About the parcel'));
    await visitor.panel.getByText('The bill is paid.').click();
    await visitor.panel.getByText('About the bill').waitFor();
    expect(await visitor.panel.getByText('About the parcel').count()).toBe(0);
    await soon(async () => expect((await getTicket(app, older)).unread_customer_count).toBe(0));
  });

  it('case 65: replaces the composer once the ticket is resolved', async () => {
    const visitor = await open();
    const id = await begin(visitor, 'Hello');
    await updateTicket(app, id, { status: 'resolved' });
    await visitor.page.reload();
    await visitor.panel.getByText('Hello').first().click();
    await visitor.panel.getByText('This conversation was resolved.').waitFor({ timeout: PATIENCE });
    expect(await visitor.composer.count()).toBe(0);
  });

  it('case 66: carries the new id and traits after identify, and keeps its tickets', async () => {
    const visitor = await open();
    const id = await begin(visitor, 'Before');
    await visitor.posthog(`identify('user-66', { email: 'ada@example.com', name: 'Ada' })`);
    await send(visitor, 'After');
    expect(sent(visitor).at(-1)?.body).toMatchObject({
      ticket_id: id,
      distinct_id: 'user-66',
      traits: { name: 'Ada', email: 'ada@example.com' },
    });
    expect(await getTicket(app, id)).toMatchObject({
      message_count: 2,
      anonymous_traits: { name: 'Ada', email: 'ada@example.com' },
      identity_verified: false,
    });
    expect((await getTicket(app, id)).distinct_id).not.toBe('user-66');
  });

  it('case 67: switches its tickets with setIdentity and back with clearIdentity', async () => {
    const secret = await newIdentitySecret(app);
    const visitor = await open();
    const anonymous = await begin(visitor, 'Nobody knows me');
    const list = () => visitor.posthog<{ results: { id: string }[] }>('conversations.getTickets()');
    expect((await list()).results.map(({ id }) => id)).toEqual([anonymous]);
    await visitor.posthog(`setIdentity('user-67', '${sign(secret, 'user-67')}')`);
    await soon(async () => expect((await list()).results).toEqual([]));
    const { ticket_id: own } = await visitor.posthog<{ ticket_id: string }>(
      `conversations.sendMessage('It is me', undefined, true)`,
    );
    expect(await getTicket(app, own)).toMatchObject({ distinct_id: 'user-67', identity_verified: true });
    expect((await list()).results.map(({ id }) => id)).toEqual([own]);
    await visitor.posthog('clearIdentity()');
    await soon(async () => expect((await list()).results.map(({ id }) => id)).toEqual([anonymous]));
    // In another browser, from the start.
    const identity = person(secret, 'user-67');
    const other = await visit(await browser.newContext(), site.page({ init: identity }));
    await other.launcher.click();
    await other.panel.getByText('It is me').waitFor();
    await other.page.context().close();
  });

  it('case 67: shows nothing for a signature that somebody made up', async () => {
    const init = { identity_distinct_id: 'user-67', identity_hash: '0'.repeat(64) };
    const visitor = await open({ init });
    await visitor.launcher.click();
    await visitor.write('Let me in');
    await visitor.panel.getByText('Failed to send message').waitFor();
    expect(visitor.calls.map(({ status }) => status)).not.toContain(200);
  });

  it('case 68: takes its tickets back by a mailed link, out of an address that is cleaned', async () => {
    await setProject(app, { conversations_settings: { widget_domains: [site.origin] } });
    const lost = await open();
    const id = await begin(lost, 'Remember me');
    await lost.posthog(
      `conversations.sendMessage('By the way', { email: 'ada68@example.com', name: 'Ada' })`,
    );
    const fresh = await browser.newContext();
    const visitor = await visit(fresh, site.page({ path: '/help?a=1' }));
    await visitor.launcher.click();
    await visitor.posthog(`conversations.requestRestoreLink('ADA68@example.com')`);
    const link = await vi.waitFor(async () => {
      const rows = await app.database.kysely.selectFrom('outbox').select('payload').execute();
      const found = /http\S+ph_conv_restore=\S+/.exec(JSON.stringify(rows))?.[0];
      expect(found).toBeDefined();
      return found?.replaceAll('\\n', '\n').split('\n')[0] ?? '';
    }, WAIT);
    await visitor.page.goto(link);
    await soon(() =>
      expect(visitor.calls.some(({ path, status }) => path === 'restore' && status === 200)).toBe(true),
    );
    await soon(() => expect(visitor.page.url()).not.toContain('ph_conv_restore'));
    await visitor.page.reload();
    if (await visitor.launcher.isVisible()) await visitor.launcher.click();
    await visitor.panel.getByText('Remember me').waitFor({ timeout: PATIENCE });
    expect(await visitor.posthog('conversations.getCurrentTicketId()')).toBe(id);
    // The browser that had them before has them no longer.
    await lost.page.reload();
    await soon(() => expect(lost.calls.filter(({ path }) => path === 'tickets').at(-1)?.status).toBe(200));
    expect(await lost.panel.getByText('Remember me').count()).toBe(0);
    await fresh.close();
    await setProject(app, { conversations_settings: {} });
  });

  it('case 69: shows an error text when a message is refused, and stays usable', async () => {
    const visitor = await open();
    await begin(visitor, 'Hello');
    const refusal = async (text: string) => {
      const before = sent(visitor).length;
      await visitor.write(text);
      await visitor.panel.getByText('Failed to send message').waitFor();
      expect(await visitor.panel.getByText(text, { exact: true }).count()).toBe(0);
      return sent(visitor)[before]?.status;
    };
    expect(await refusal('x'.repeat(10_001))).toBe(400);
    await send(visitor, 'That works');
    await setProject(app, { conversations_settings: { widget_domains: ['elsewhere.example'] } });
    expect(await refusal('From nowhere')).toBe(403);
    await setProject(app, { conversations_settings: {} });
    await send(visitor, 'That works too');
    await visitor.page.route('**/widget/message', (route) =>
      route.fulfill({ status: 500, headers: { 'access-control-allow-origin': '*' }, body: '{}' }),
    );
    expect(await refusal('Broken')).toBe(500);
    await visitor.page.unroute('**/widget/message');
    await send(visitor, 'And again');
  });

  it('tells who is there and what they looked at: a person, and pages beside the ticket', async () => {
    const visitor = await open({ init: { opt_out_useragent_filter: true } });
    const anonymous = await visitor.posthog<string>('get_distinct_id()');
    const id = await begin(visitor, 'Hello');
    await visitor.posthog(
      "identify('grace', { email: 'grace@shop.example', name: 'Grace' }, { plan: 'free' })",
    );
    await visitor.posthog("alias('grace-phone')");
    await soon(async () => {
      const path = '/api/projects/1/persons/?distinct_id=grace';
      const { body } = await app.request<{ results: { distinct_ids: string[] }[] }>('GET', path);
      expect(body.results[0]).toMatchObject({
        name: 'Grace',
        is_identified: true,
        properties: { email: 'grace@shop.example', plan: 'free' },
      });
      expect(body.results[0]?.distinct_ids.toSorted()).toEqual(
        [anonymous, 'grace', 'grace-phone'].toSorted(),
      );
      const events = await app.request<{ results: object[] }>('GET', ticketPath(id, 'page_events/'));
      expect(events.body.results).toEqual([
        expect.objectContaining({
          kind: 'page_view',
          title: 'Shop',
          url: expect.stringContaining(site.origin),
        }),
      ]);
    });
  });

  it('gets nothing of another visitor, whatever its page asks for', async () => {
    const owner = await open();
    const id = await begin(owner, 'Between us');
    const stranger = await visit(await browser.newContext(), site.page());
    await stranger.launcher.waitFor();
    const ask = (call: string) =>
      stranger.posthog<string>(`conversations.${call}.then(() => 'answered', (error) => String(error))`);
    expect(await ask(`getMessages('${id}')`)).toContain('Failed');
    expect(await ask(`markAsRead('${id}')`)).toContain('Failed');
    expect(await ask(`sendMessage('Mine now')`)).toContain('Failed');
    await vi.waitFor(() => expect(stranger.calls.map(({ status }) => status)).toEqual([403, 403, 403]), {
      timeout: PATIENCE,
    });
    expect((await getTicket(app, id)).message_count).toBe(1);
    await stranger.page.context().close();
  });

  it('gets nothing of another project, whose token it may well know', async () => {
    const owner = await open();
    const id = await begin(owner, 'In project 1');
    const other = await addTenant(app, 'elsewhere');
    const { token } = await app.database.kysely
      .selectFrom('projects')
      .select('token')
      .where('id', '=', other.projectId)
      .executeTakeFirstOrThrow();
    const theirs = await openSite({ api, token });
    const stranger = await visit(await browser.newContext(), theirs.page());
    await stranger.launcher.waitFor();
    const answer = await stranger.posthog<string>(
      `conversations.getMessages('${id}').catch((error) => String(error))`,
    );
    expect(answer).toContain('Failed');
    // The browser tells of an answer on a road of its own, which may be the slower one.
    await vi.waitFor(() => expect(stranger.calls[0]?.status).toBe(404), { timeout: PATIENCE });
    await stranger.page.context().close();
    await theirs.close();
  });
});

describe.skipIf(isMissing)('the unmodified posthog-js over its limits', { timeout: SLOW }, () => {
  it('cases 69 and 70: says that it is too much, and asks less and less often', async () => {
    const limits = { widget_read: 1, widget_write: 1 };
    const app = await createTestApp({
      roles: ['http'],
      environment: { PARLEY_RATE_LIMITS: JSON.stringify(limits) },
    });
    const site = await openSite({ api: await app.listen(), token: TOKEN });
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    const context = await browser.newContext();
    await context.clock.install();
    const visitor = await visit(context, site.page());
    const { page, calls } = visitor;
    /** Lets a second pass in the page, and all that it asks for be answered. */
    const second = async () => {
      await page.clock.runFor(1000);
      await vi.waitFor(() => expect(calls.every(({ status }) => status !== undefined)).toBe(true), WAIT);
    };
    await vi.waitFor(async () => {
      await second();
      expect(await visitor.launcher.isVisible()).toBe(true);
    }, WAIT);
    await visitor.launcher.click();
    await visitor.write('Hello');
    const refused = () => calls.filter(({ method, status }) => method === 'GET' && status === 429).length;
    const times: number[] = [];
    for (let time = 0; time < 200 && times.length < 6; time += 1) {
      const before = refused();
      await second();
      if (refused() > before) times.push(time);
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // The first answer comes somewhere within its second.
    expect([4, 5]).toContain(gaps[0]);
    expect(gaps.slice(1)).toEqual([10, 20, 40, 60]);
    await visitor.write('Again');
    await vi.waitFor(async () => {
      await second();
      expect(
        await visitor.panel.getByText('Too many requests. Please wait before trying again.').count(),
      ).toBe(1);
    }, WAIT);
    await browser.close();
    await site.close();
    await app.close();
  });
});
