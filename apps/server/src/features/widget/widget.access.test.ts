import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTenant, createTicket, reply, setProject, type Tenant } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { browser, openPage, type Page, type WidgetError, widgetToken, written } from './testing.ts';

let app: TestApp;
let page: Page;
let tenant: Tenant;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  page = openPage(app, await widgetToken(app));
  tenant = await addTenant(app, 'other');
});
afterAll(() => app.close());

const countTickets = async () =>
  (await app.database.kysely.selectFrom('tickets').select('id').execute()).length;

/** Every route of the widget, as a visitor calls it. */
const everyRoute = (from: Page, visitor: object, ticketId: string) => [
  from.send<WidgetError>({ ...visitor }, { ticket_id: ticketId }),
  from.send<WidgetError>({ ...visitor }),
  from.messages<WidgetError>({ ...visitor }, ticketId),
  from.read<WidgetError>({ ...visitor }, ticketId),
  from.tickets<WidgetError>({ ...visitor }),
];

describe('the token', () => {
  it('cases 1 and 2: without one or with an unknown one nobody is let in, and nothing is stored', async () => {
    const owner = browser();
    const { ticket_id: id } = await written(page, owner);
    const before = await countTickets();
    for (const answer of await Promise.all(everyRoute(openPage(app, null), owner, id)))
      expect([answer.status, answer.body]).toEqual([403, { error: 'Authentication required' }]);
    const wrong = ['prw_unknown', `${await widgetToken(app)}x`, 'prt_test_project', "' or 1=1 --", '\u00e9'];
    for (const token of wrong) {
      for (const answer of await Promise.all(everyRoute(openPage(app, token), owner, id))) {
        expect([answer.status, answer.body]).toMatchObject([
          403,
          { detail: 'Invalid token or conversations not enabled' },
        ]);
        expect(answer.headers['access-control-allow-origin']).toBe('*');
      }
    }
    expect(await countTickets()).toBe(before);
  });

  it('case 3: of a project without Support it opens nothing', async () => {
    await setProject(app, { conversations_enabled: false });
    expect((await page.tickets(browser())).status).toBe(403);
    await setProject(app, { conversations_enabled: true });
    expect((await page.tickets(browser())).status).toBe(200);
  });

  it('case 4: an old one is refused once it was renewed', async () => {
    const theirs = await widgetToken(app, tenant.projectId, tenant.key);
    const path = `/api/projects/${tenant.projectId}/generate_conversations_public_token/`;
    const answer = await app.request<{ conversations_settings: { widget_public_token: string } }>(
      'POST',
      path,
      {
        key: tenant.key,
      },
    );
    const { widget_public_token: renewed } = answer.body.conversations_settings;
    expect(renewed.length).toBeGreaterThan(20);
    expect((await openPage(app, theirs).tickets(browser())).status).toBe(403);
    expect((await openPage(app, renewed).tickets(browser())).status).toBe(200);
  });
});

describe('another browser', () => {
  it('cases 5 and 6: neither reads, writes, marks nor lists the ticket', async () => {
    const [owner, stranger] = [browser(), browser()];
    const { ticket_id: id } = await written(page, owner);
    await reply(app, id, 'For you');
    const refused = { status: 403, body: { error: 'Forbidden' } };
    expect(await page.messages(stranger, id)).toMatchObject(refused);
    expect(await page.send(stranger, { ticket_id: id })).toMatchObject(refused);
    expect(await page.read(stranger, id)).toMatchObject(refused);
    expect((await page.tickets(stranger)).body).toEqual({ count: 0, results: [] });
    expect((await page.messages(owner, id)).body).toMatchObject({
      unread_count: 1,
      messages: [{ content: 'Hello' }, { content: 'For you' }],
    });
  });

  it('case 7: a distinct id opens nothing, and changes nothing of whose the ticket is', async () => {
    const [owner, victim] = [browser(), browser()];
    const { ticket_id: theirs } = await written(page, victim);
    const { ticket_id: id } = await written(page, owner);
    const posing = { ...owner, distinct_id: victim.distinct_id };
    const answer = await page.send(posing, { ticket_id: id });
    expect([answer.status, answer.body.ticket_id]).toEqual([200, id]);
    expect(await storedTicket(id)).toMatchObject({
      distinct_id: owner.distinct_id,
      identity_verified: false,
    });
    expect((await page.messages(posing, theirs)).status).toBe(403);
  });

  it('finds nothing by a session that is only like another', async () => {
    const owner = browser();
    await written(page, owner);
    const session = owner.widget_session_id;
    const near = `${session.slice(0, -1)}${session.endsWith('0') ? '1' : '0'}`;
    expect((await page.tickets({ widget_session_id: near })).body.count).toBe(0);
    expect((await page.tickets({ widget_session_id: session.toUpperCase() })).body.count).toBe(1);
  });

  it('learns no session from the database, which keeps hashes', async () => {
    const owner = browser();
    const { ticket_id: id } = await written(page, owner);
    const row = JSON.stringify(await storedTicket(id));
    expect(row).toContain('widget_session_hash');
    expect(row).not.toContain(owner.widget_session_id);
    expect((await app.request('GET', `/api/projects/1/conversations/tickets/${id}/`)).text).not.toContain(
      'session_hash',
    );
  });
});

describe('another project', () => {
  it('case 8: its tickets are not there, whoever asks', async () => {
    const theirs = openPage(app, await widgetToken(app, tenant.projectId, tenant.key));
    const visitor = browser();
    const { ticket_id: id } = await written(theirs, visitor);
    const gone = { status: 404, body: { error: 'Ticket not found' } };
    expect(await page.messages(visitor, id)).toMatchObject(gone);
    expect(await page.read(visitor, id)).toMatchObject(gone);
    expect(await page.send(visitor, { ticket_id: id })).toMatchObject(gone);
    expect((await page.tickets(visitor)).body.count).toBe(0);
    expect((await theirs.messages(visitor, id)).body.messages).toHaveLength(1);
  });
});

describe('tickets that agents made or deleted', () => {
  it('belong to no browser, whatever it claims to be', async () => {
    const { id } = await createTicket(app, { message: 'By phone', distinct_id: 'customer-1' });
    const visitor = browser({ distinct_id: 'customer-1' });
    expect((await page.messages(visitor, id)).status).toBe(403);
    for (const session of ['', 'null', 'undefined', '0', '00000000-0000-0000-0000-000000000000']) {
      const answer = await page.messages({ widget_session_id: session, distinct_id: 'customer-1' }, id);
      expect([session, answer.status]).toEqual([session, session.length === 36 ? 403 : 400]);
    }
  });

  it('are not there once they are deleted', async () => {
    const owner = browser();
    const { ticket_id: id } = await written(page, owner);
    await app.request('DELETE', `/api/projects/1/conversations/tickets/${id}/`);
    for (const answer of [await page.messages(owner, id), await page.send(owner, { ticket_id: id })])
      expect([answer.status, answer.body]).toEqual([404, { error: 'Ticket not found' }]);
    expect((await page.tickets(owner)).body.count).toBe(0);
  });
});

describe('pages of other origins', () => {
  const HEADERS = {
    origin: 'https://shop.example',
    'access-control-request-headers': 'x-conversations-token,x-own',
  };

  it('are answered with CORS, refusals too', async () => {
    const id = randomUUID();
    const paths = ['message', 'tickets', `messages/${id}`, `messages/${id}/read`].map(
      (path) => `v1/widget/${path}`,
    );
    for (const path of paths) {
      const url = `/api/conversations/${path}`;
      const preflight = await app.request('OPTIONS', url, { key: null, headers: HEADERS });
      expect([preflight.status, preflight.text]).toEqual([204, '']);
      expect(preflight.headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': expect.stringContaining('OPTIONS'),
        'access-control-allow-headers': 'x-conversations-token,x-own',
        'access-control-max-age': '7200',
      });
      expect(preflight.headers).not.toHaveProperty('access-control-allow-credentials');
    }
    const refused = [
      await app.request('GET', `/api/conversations/v1/widget/messages/${id}`, { key: null }),
      await app.request('DELETE', '/api/conversations/v1/widget/message', { key: null }),
      await app.request('GET', '/api/conversations/v1/widget/messages/%zz', { key: null }),
      await app.request('GET', `/api/conversations/v1/widget/messages/${'x'.repeat(600)}`, { key: null }),
      await app.request('POST', '/api/conversations/v1/widget/message', {
        key: null,
        headers: { 'content-type': 'application/json', 'x-conversations-token': await widgetToken(app) },
        body: '{"a":',
      }),
      await app.request('POST', '/api/conversations/v1/widget/message', {
        key: null,
        headers: { 'content-type': 'text/plain', 'x-conversations-token': await widgetToken(app) },
        body: 'x',
      }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 405, 404, 404, 400, 415]);
    for (const { headers } of refused) expect(headers['access-control-allow-origin']).toBe('*');
  });

  it('is not what agents’ routes answer', async () => {
    const path = '/api/projects/1/conversations/tickets/';
    const answer = await app.request('GET', path, { headers: { origin: 'https://shop.example' } });
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect((await app.request('OPTIONS', path, { key: null, headers: HEADERS })).status).toBe(405);
  });
});

async function storedTicket(id: string) {
  return app.database.kysely.selectFrom('tickets').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}
