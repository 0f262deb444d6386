import { describe, expect, it } from 'vitest';
import { sign } from '../../apps/server/src/features/widget/testing.ts';
import { getTicket, reply, setProject } from '../../apps/server/src/testing/fixtures.ts';
import { isBrowserMissing, PATIENCE, SLOW, setStage, TOKEN } from './stage.ts';

it('has the browser that it needs, where nothing may be skipped', () => {
  expect(isBrowserMissing && process.env.CI !== undefined).toBe(false);
});

describe.skipIf(isBrowserMissing)('a conversation in Parley’s own widget', { timeout: SLOW }, () => {
  const stage = setStage();
  const { soon, setWidget, visit, begin, send, contents } = stage;

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
    await reply(stage.app, id, 'On its way.');
    await customer.bubble('On its way.').waitFor({ timeout: PATIENCE });
    expect(performance.now() - startedAt).toBeLessThan(PATIENCE);
    await soon(async () => expect((await getTicket(stage.app, id)).unread_customer_count).toBe(0));
  });

  it('F1, case 71: shows a reply that came just before the customer sent, in order, and counts it right', async () => {
    const customer = await visit();
    const id = await begin(customer, 'First');
    // Nothing is heard of what comes next.
    await customer.page.route('**/widget/{stream,tickets}**', (route) => route.abort());
    await customer.page.evaluate('dispatchEvent(new Event("online"))');
    await reply(stage.app, id, 'Between');
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
    await soon(async () => expect((await getTicket(stage.app, id)).unread_customer_count).toBe(0));
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
      await reply(stage.app, id, `Answer ${turn}`);
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
    await reply(stage.app, first, 'It is paid.');
    await soon(async () =>
      expect(await customer.launcher.getAttribute('aria-label')).toBe('Open chat (1 unread)'),
    );
    await customer.open();
    await customer.frame.getByRole('button', { name: 'Back to conversations' }).click();
    await customer.frame.getByRole('button', { name: /It is paid/ }).click();
    await customer.bubble('It is paid.').waitFor();
    await soon(async () => expect((await getTicket(stage.app, first)).unread_customer_count).toBe(0));
  });

  it('F6, case 73: comes back by itself when the server does', async () => {
    const customer = await visit();
    const id = await begin(customer, 'Hello');
    await customer.page.route('**/widget/**', (route) => route.abort());
    await customer.page.evaluate('dispatchEvent(new Event("online"))');
    await customer.page.frames()[1]?.evaluate('dispatchEvent(new Event("online"))');
    await customer.frame.locator('.connection.reconnecting').waitFor({ timeout: PATIENCE });
    await reply(stage.app, id, 'While you were away');
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
    await setProject(stage.app, { conversations_settings: { widget_domains: ['127.0.0.1'] } });
    const customer = await visit();
    await customer.open();
    await customer.parley(`requestRestoreLink('${email}')`);
    const link = await soon(async () => {
      const rows = await stage.app.database.kysely
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
    expect((await getTicket(stage.app, id)).anonymous_traits).toEqual({
      name: 'Ada',
      email: 'ada@example.com',
    });
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
    await reply(stage.app, id, 'Three');
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
    await customer.parley(`setIdentity('ada', '${sign(stage.secret, 'ada')}')`);
    await customer.frame.getByText('As a guest').first().waitFor();
    const list = await customer.parley<{ count: number }>('getTickets()');
    expect(list.count).toBe(1);
    const sent = await customer.parley<{ ticket_id: string }>(`sendMessage('As Ada', undefined, true)`);
    expect((await getTicket(stage.app, sent.ticket_id)).identity_verified).toBe(true);
    const elsewhere = await visit({
      attributes: { 'identity-id': 'ada', 'identity-hash': sign(stage.secret, 'ada') },
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
    const written = await reply(stage.app, id, 'Wrong price');
    await customer.bubble('Wrong price').waitFor();
    await stage.app.request('PATCH', `/api/projects/1/comments/${written.id}/`, {
      body: { content: 'Right price' },
    });
    await customer.bubble('Right price').waitFor({ timeout: PATIENCE });
    expect(await customer.bubble('Wrong price').count()).toBe(0);
    await stage.app.request('PATCH', `/api/projects/1/comments/${written.id}/`, { body: { deleted: true } });
    await soon(async () => expect(await customer.bubble('Right price').count()).toBe(0));
  });
});
