import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { hashToken } from '#platform/ids.ts';
import { addPerson, addTenant, createTicket, setProject, type Tenant } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import {
  browser,
  newIdentitySecret,
  openPage,
  type Page,
  person,
  type WidgetError,
  widgetToken,
  written,
} from './testing.ts';

const SITE = 'https://shop.example';
const LISTED = { widget_domains: ['shop.example', '*.wild.example'] };

let app: TestApp;
let page: Page;
let tenant: Tenant;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http', 'worker'] });
  page = openPage(app, await widgetToken(app), { origin: SITE });
  tenant = await addTenant(app, 'other');
  await setProject(app, { conversations_settings: LISTED });
});
afterEach(() => setProject(app, { conversations_settings: LISTED }));
afterAll(() => app.close());

interface Mail {
  to: string;
  subject: string;
  content: string;
}

async function mails(): Promise<Mail[]> {
  const rows = await app.database.kysely.selectFrom('outbox').selectAll().orderBy('id').execute();
  return rows.map(({ destination, payload }) => ({ ...Object(destination), ...Object(payload) }));
}

const ask = (email: string, url = `${SITE}/help`, from = page) =>
  from.post<{ ok: true } & WidgetError>('restore/request', { email, request_url: url });

let addresses = 0;
/** An address with a ticket of a browser that is lost, whose customer asks for a link. */
async function lost() {
  addresses += 1;
  const email = `ada${addresses}@example.com`;
  const visitor = browser();
  const { ticket_id: id } = await written(page, visitor, { traits: { email } });
  return { email, visitor, id };
}

/** The token of the newest mail to an address, once there are so many. */
async function mailed(email: string, count = 1): Promise<string> {
  const found = await vi.waitFor(
    async () => {
      const own = (await mails()).filter(({ to }) => to === email);
      expect(own).toHaveLength(count);
      return own;
    },
    { timeout: 20_000 },
  );
  return /ph_conv_restore=([\w-]{43})$/m.exec(found.at(-1)?.content ?? '')?.[1] ?? '';
}

interface Restored {
  status: string;
  code?: string;
  widget_session_id?: string;
  migrated_ticket_ids?: string[];
}
const redeem = (token: string, session: unknown = randomUUID(), from = page) =>
  from.post<Restored>('restore', { restore_token: token, widget_session_id: session });

describe('asking for a link', () => {
  it('cases 47 and 56: mails one to an address with tickets, back to the page without its fragment', async () => {
    const { email } = await lost();
    const url = `${SITE}/help?a=1&b=%20x&ph_conv_restore=old#chat`;
    const answer = await ask(` ${email.toUpperCase()} `, url);
    expect([answer.status, answer.body]).toEqual([200, { ok: true }]);
    const token = await mailed(email);
    const [mail] = (await mails()).filter(({ to }) => to === email);
    expect(mail?.content).toContain(`${SITE}/help?a=1&b=%20x&ph_conv_restore=${token}\n`);
    const { kysely } = app.database;
    const rows = await kysely
      .selectFrom('widget_restore_tokens')
      .selectAll()
      .where('email', '=', email)
      .execute();
    expect(rows).toHaveLength(1);
    expect(Buffer.from(rows[0]?.token_hash ?? '').equals(hashToken(token))).toBe(true);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('case 48: says the same to an address without any, and mails nothing', async () => {
    const before = (await mails()).length;
    const answer = await ask('nobody@example.com');
    expect([answer.status, answer.body]).toEqual([200, { ok: true }]);
    // Jobs of one kind run one after the other: once this one's mail is there, the other one is done.
    const { email } = await lost();
    await ask(email);
    await mailed(email);
    expect((await mails()).length).toBe(before + 1);
  });

  it('does the same work for the one as for the other before it answers', async () => {
    const quiet = await createTestApp({ roles: ['http'] });
    await setProject(quiet, { conversations_settings: LISTED });
    const from = openPage(quiet, await widgetToken(quiet), { origin: SITE });
    await written(from, browser(), { traits: { email: 'ada@example.com' } });
    const run = async (address: string) => {
      const before = quiet.statements.length;
      await ask(address, `${SITE}/`, from);
      return quiet.statements.slice(before);
    };
    const known = await run('ada@example.com');
    expect(known).toEqual(await run('nobody@example.com'));
    expect(known.filter((text) => /outbox|tickets|persons/.test(text))).toEqual([]);
    await quiet.close();
  });

  it('case 49: refuses what is no address or names no page', async () => {
    const bodies = [
      {},
      { email: 'a@example.com' },
      { request_url: SITE },
      { email: 'nobody', request_url: SITE },
      { email: '', request_url: SITE },
      { email: `${'x'.repeat(250)}@example.com`, request_url: SITE },
      { email: 5, request_url: SITE },
      { email: ['a@example.com'], request_url: SITE },
      { email: 'a@example.com', request_url: '' },
      { email: 'a@example.com', request_url: null },
      { email: 'a@example.com', request_url: `${SITE}/${'x'.repeat(2048)}` },
    ];
    for (const body of bodies)
      expect([body, (await page.post('restore/request', body)).status]).toEqual([body, 400]);
  });

  it('case 50: refuses pages that are not the site’s, or of no site on the list', async () => {
    const { email } = await lost();
    const token = await widgetToken(app);
    const before = (await mails()).length;
    const refused = async (url: string, headers: Record<string, string>, error: string) => {
      const answer = await ask(email, url, openPage(app, token, headers));
      expect([url, answer.status, answer.body]).toEqual([url, 403, { error }]);
    };
    await refused('https://other.example/', { origin: SITE }, 'URL must match request origin');
    await refused(`${SITE}:8443/`, { origin: SITE }, 'URL must match request origin');
    await refused('ftp://shop.example/', { origin: SITE }, 'URL must match request origin');
    await refused('javascript:alert(1)', { origin: SITE }, 'URL must match request origin');
    await refused('/help', { origin: SITE }, 'URL must match request origin');
    await refused(`${SITE}/`, {}, 'Origin not allowed');
    await refused('https://evil.example/', { origin: 'https://evil.example' }, 'Origin not allowed');
    await setProject(app, { conversations_settings: { widget_domains: [] } });
    await refused(`${SITE}/`, { origin: SITE }, 'URL domain not allowed');
    await refused(`${SITE}/`, {}, 'URL must match request origin');
    await setProject(app, { conversations_settings: LISTED });
    for (const host of ['wild.example', 'a.wild.example'])
      expect(
        (await ask('x@example.com', `https://${host}/`, openPage(app, token, { origin: `https://${host}` })))
          .status,
      ).toBe(200);
    expect(
      (await ask('x@example.com', `${SITE}/`, openPage(app, token, { referer: `${SITE}/a?b` }))).status,
    ).toBe(200);
    expect((await mails()).length).toBe(before);
  });

  it('case 51: refuses addresses that could be read in two ways', async () => {
    const before = (await mails()).length;
    const tricks = ['\\', '%5C', '%5c', '/', '%2F', '?', '%3F', '#', '%23', '@', '%40', ':', ':x', ''];
    for (const trick of tricks)
      for (const url of [
        `https://evil.example${trick}@shop.example/`,
        `https://shop.example${trick}@evil.example/`,
      ]) {
        const answer = await ask('x@example.com', url);
        // What comes after a slash, query or hash is no part of the host, however it looks.
        const isPath = url.startsWith('https://shop.example') && ['/', '?', '#'].includes(trick);
        expect([url, answer.status]).toEqual([url, isPath ? 200 : 403]);
      }
    for (const url of [
      'https://shop.example\\@evil.example',
      'https:\\\\shop.example',
      `${SITE}/\u0000`,
      ` ${SITE}`,
      `${SITE}/ x`,
      'https:shop.example',
      'https:///shop.example',
    ])
      expect([url, [400, 403].includes((await ask('x@example.com', url)).status)]).toEqual([url, true]);
    expect((await mails()).length).toBe(before);
  });

  it('case 52: is refused where restoring is off, and so is redeeming', async () => {
    await setProject(app, { conversations_settings: { ...LISTED, widget_restore_enabled: false } });
    for (const answer of [await ask('a@example.com'), await redeem('x'.repeat(43))])
      expect([answer.status, answer.body]).toEqual([403, { error: 'Restore is not enabled' }]);
  });

  it('finds what is known of the person only where the ticket says nothing else and nobody proved it theirs', async () => {
    const email = 'known@example.com';
    const secret = await newIdentitySecret(app);
    await addPerson(app, ['known-1', 'known-2'], { email: 'Known@Example.com' });
    const plain = await written(page, browser({ distinct_id: 'known-1' }));
    await written(page, browser({ distinct_id: 'known-2' }), { traits: { email: 'other@example.com' } });
    await written(page, person(secret, 'known-1'));
    await createTicket(app, { distinct_id: 'unknown' });
    await ask(email);
    expect((await redeem(await mailed(email))).body.migrated_ticket_ids).toEqual([plain.ticket_id]);
  });
});

describe('redeeming a link', () => {
  it('case 53: gives all tickets of the address to this browser, once', async () => {
    const { email, visitor, id } = await lost();
    const second = await written(page, browser(), { traits: { email: email.toUpperCase() } });
    await written(page, browser(), { traits: { email: `x${email}` } });
    await ask(email);
    const token = await mailed(email);
    const session = randomUUID();
    const answer = await redeem(token, session);
    expect([answer.status, answer.body]).toEqual([
      200,
      { status: 'success', widget_session_id: session, migrated_ticket_ids: expect.any(Array) },
    ]);
    expect(answer.body.migrated_ticket_ids?.toSorted()).toEqual([id, second.ticket_id].sort());
    const now = { widget_session_id: session, distinct_id: 'new' };
    expect((await page.messages(now, id)).status).toBe(200);
    expect((await page.tickets(now)).body.count).toBe(2);
    expect((await page.messages(visitor, id)).status).toBe(403);
    expect((await redeem(token, randomUUID())).body).toEqual({ status: 'used', code: 'token_already_used' });
    expect((await page.messages(now, id)).status).toBe(200);
  });

  it('case 54: uses up the other links of the address; asking for another one does not', async () => {
    const { email } = await lost();
    await ask(email);
    const first = await mailed(email);
    await ask(email);
    const second = await mailed(email, 2);
    expect((await redeem(first)).body.status).toBe('success');
    expect((await redeem(second)).body).toEqual({ status: 'used', code: 'token_already_used' });
  });

  it('happens once, however many try at once', async () => {
    const { email } = await lost();
    await ask(email);
    const token = await mailed(email);
    const answers = await Promise.all(Array.from({ length: 6 }, () => redeem(token)));
    expect(answers.map(({ body }) => body.status).sort()).toEqual(['success', ...Array(5).fill('used')]);
  });

  it('case 55: tells an expired link from an unknown one, and refuses what is none', async () => {
    const { email } = await lost();
    await ask(email);
    const token = await mailed(email);
    const theirs = openPage(app, await widgetToken(app, tenant.projectId, tenant.key), { origin: SITE });
    expect((await redeem(token, randomUUID(), theirs)).body).toEqual({
      status: 'invalid',
      code: 'token_invalid',
    });
    expect((await redeem('x'.repeat(43))).body).toEqual({ status: 'invalid', code: 'token_invalid' });
    app.clock.advance(3_600_000);
    expect((await redeem(token)).body).toEqual({ status: 'expired', code: 'token_expired' });
    for (const wrong of ['x'.repeat(39), 'x'.repeat(51), '', 5, null, [token]])
      expect([wrong, (await redeem(wrong as string)).status]).toEqual([wrong, 400]);
    for (const wrong of ['x', '', 5, null]) expect((await redeem(token, wrong)).status).toBe(400);
  });
});

describe('limits of restoring', () => {
  it('case 59: three mails an hour to one address, and ten tries a minute from one address', async () => {
    const limited = await createTestApp({ roles: ['http'], environment: { PARLEY_RATE_LIMITS: 'default' } });
    await setProject(limited, { conversations_settings: LISTED });
    const from = openPage(limited, await widgetToken(limited), { origin: SITE });
    const statuses = [];
    for (const email of ['a@example.com', 'A@example.com', 'a@example.com', 'a@example.com', 'b@example.com'])
      statuses.push((await ask(email, `${SITE}/`, from)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 200]);
    const tries = [];
    for (let n = 0; n < 11; n += 1) tries.push((await redeem('x'.repeat(43), randomUUID(), from)).status);
    expect(tries).toEqual([...Array(10).fill(200), 429]);
    await limited.close();
  });
});
