import { describe, expect, it } from 'vitest';
import { PDF, PNG } from '../../apps/server/src/features/files/testing.ts';
import {
  customerWrites,
  getTicket,
  reply,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../apps/server/src/testing/fixtures.ts';
import { isBrowserMissing, PATIENCE, SLOW, setStage, TOKEN } from './stage.ts';

it('has the browser that it needs, where nothing may be skipped', () => {
  expect(isBrowserMissing && process.env.CI !== undefined).toBe(false);
});

describe.skipIf(isBrowserMissing)('Parley’s own widget and the page that it is on', { timeout: SLOW }, () => {
  const stage = setStage();
  const { soon, setWidget, newBrowser, visit, begin, send, contents } = stage;

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
    await stage.app.request('PUT', '/api/projects/1/conversations/working_hours/', {
      body: { weekly: { ...closed, friday: [{ start: '09:00', end: '17:00' }] }, holidays: [] },
    });
    const customer = await visit();
    await customer.open();
    await customer.frame.getByText(/We are back Friday/).waitFor();
    const week = Object.fromEntries(
      ['friday', ...Object.keys(closed)].map((day) => [day, [{ start: '00:00', end: '24:00' }]]),
    );
    await stage.app.request('PUT', '/api/projects/1/conversations/working_hours/', {
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
    await reply(stage.app, id, 'To both');
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
    await reply(stage.app, id, 'Unseen');
    expect(streams()).toHaveLength(1);
    expect((await getTicket(stage.app, id)).unread_customer_count).toBe(1);
    await look(false);
    await customer.bubble('Unseen').waitFor({ timeout: PATIENCE });
    await soon(async () => expect((await getTicket(stage.app, id)).unread_customer_count).toBe(0));
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
    await updateTicket(stage.app, id, { status: 'resolved' });
    await customer.frame.getByText('This conversation was resolved.').waitFor({ timeout: PATIENCE });
    await customer.frame.getByRole('button', { name: 'Good', exact: true }).click();
    await customer.frame.getByText('Thank you.').waitFor();
    const rows = await stage.app.database.kysely
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
    expect((await getTicket(stage.app, id)).anonymous_traits).toEqual({
      name: null,
      email: 'ada@example.com',
    });
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
    await page.goto(`${stage.api}/widget-demo/?token=${TOKEN}`);
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
      stage.app.request('PUT', ticketPath(id, 'presence/'), { body: { state: name } });
    expect((await state('typing')).status).toBeLessThan(300);
    await customer.frame.getByText('The team is writing').waitFor({ timeout: PATIENCE });
    await state('viewing');
    await customer.frame.getByText('The team is writing').waitFor({ state: 'detached', timeout: PATIENCE });
    await stage.app.request('GET', ticketPath(id));
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
    await reply(stage.app, String(sent.ticket_id), 'Answer');
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
    await reply(stage.app, id, 'Hi');
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
    const frame = await stage.app.request('GET', `/widget/${TOKEN}/frame`, { key: null });
    expect(frame.headers['content-security-policy']).toContain(
      "frame-ancestors 'self' https://shop.example:* http://shop.example:*",
    );
  });

  it('lets nothing of a message run or lead astray', async () => {
    const customer = await visit();
    const id = await begin(customer, '[x](javascript:alert(1)) <img src=x onerror=alert(1)>');
    await customerWrites(stage.app, id, 'plain https://ok.example/a and [b](https://ok.example/b)');
    await reply(stage.app, id, 'rich', {
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
    expect((await stage.app.request('GET', TICKETS)).status).toBe(200);
  });
});
