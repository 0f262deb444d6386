import type { Draft } from '@parley/contract/drafts';
import type { ErrorBody } from '@parley/contract/errors';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addKey,
  addTenant,
  addUser,
  adminId,
  createTicket,
  eventNames,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const DRAFTS = '/api/projects/1/conversations/drafts/';
const COMPOSE = `${DRAFTS}compose/`;

interface Found {
  draft: Draft | null;
}

let app: TestApp;
let ben: string;
let viewer: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ben = await addKey(app, (await addUser(app, 'ben@example.com')).id);
  viewer = await addKey(app, (await addUser(app, 'vic@example.com', { access: 'viewer' })).id);
});
afterAll(() => app.close());

const save = (path: string, body: object, key?: string) =>
  app.request<Draft & ErrorBody & { current: Draft | null }>('PUT', path, { body, ...(key ? { key } : {}) });
const retrieve = async (path: string, key?: string) =>
  (await app.request<Found>('GET', path, key ? { key } : {})).body.draft;
const draftPath = (ticket: { id: string }) => ticketPath(ticket.id, 'draft/');

describe('#drafts.save', () => {
  it('I71: keeps everything, and the next place to sign in has it', async () => {
    const ticket = await createTicket(app);
    const body = {
      message: ' Dear Ann,\n',
      rich_content: { type: 'doc', content: [] },
      is_private: true,
      set_status: 'pending',
      cc: ['half typ'],
      bcc: ['x@example.com'],
    };
    const { status, body: draft } = await save(draftPath(ticket), body);
    expect(status).toBe(200);
    expect(draft).toMatchObject({
      ...body,
      ticket_id: ticket.id,
      ticket_number: ticket.ticket_number,
      version: 1,
    });
    const secondKey = await addKey(app, await adminId(app));
    expect(await retrieve(ticketPath(ticket.ticket_number, 'draft/'), secondKey)).toEqual(draft);
    expect(await eventNames(app, ticket.id)).toEqual(['tickets.create']);
  });

  it('is each agent’s own', async () => {
    const ticket = await createTicket(app);
    await save(draftPath(ticket), { message: 'Mine' });
    expect(await retrieve(draftPath(ticket), ben)).toBeNull();
    await save(draftPath(ticket), { message: 'Ben’s' }, ben);
    await app.request('DELETE', draftPath(ticket), { key: ben });
    expect(await retrieve(draftPath(ticket))).toMatchObject({ message: 'Mine', version: 1 });
  });

  it('lets the last save win, and replaces all of it', async () => {
    const ticket = await createTicket(app);
    await save(draftPath(ticket), { message: 'One', cc: ['a@example.com'], is_private: true });
    const second = await save(draftPath(ticket), { message: 'Two' });
    expect(second.body).toMatchObject({ message: 'Two', cc: [], is_private: false, version: 2 });
  });

  it('refuses to overwrite another version when asked to, and shows it', async () => {
    const ticket = await createTicket(app);
    const path = draftPath(ticket);
    expect((await save(path, { message: 'a', if_version: 1 })).body).toMatchObject({
      code: 'draft_conflict',
      current: null,
    });
    expect((await save(path, { message: 'a', if_version: 0 })).body.version).toBe(1);
    const refused = await save(path, { message: 'b', if_version: 0 });
    expect([refused.status, refused.body]).toMatchObject([
      409,
      { type: 'invalid_request', code: 'draft_conflict', attr: null, current: { message: 'a', version: 1 } },
    ]);
    expect((await save(path, { message: 'c', if_version: 1 })).body.version).toBe(2);
    await app.request('DELETE', path);
    const gone = await save(path, { message: 'd', if_version: 2 });
    expect([gone.status, gone.body.current]).toEqual([409, null]);
  });

  it('of many first saves at once exactly one is the first', async () => {
    const path = draftPath(await createTicket(app));
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((message) => save(path, { message, if_version: 0 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const [first] = answers.filter(({ status }) => status === 200);
    expect(await retrieve(path)).toEqual(first?.body);
  });

  it.each([
    ['message', 'max_length', { message: 'x'.repeat(50_001) }],
    ['message', 'null', { message: null }],
    ['message', 'null_characters_not_allowed', { message: 'a\0b' }],
    ['rich_content', 'max_length', { rich_content: 'x'.repeat(100_000) }],
    ['is_private', 'invalid_input', { is_private: 'yes' }],
    ['set_status', 'invalid_choice', { set_status: 'done' }],
    ['cc', 'invalid_input', { cc: 'a@example.com' }],
    ['cc', 'max_length', { cc: Array.from({ length: 51 }, () => 'a') }],
    ['bcc__0', 'max_length', { bcc: ['x'.repeat(321)] }],
    ['if_version', 'min_value', { if_version: -1 }],
    ['if_version', 'max_value', { if_version: 1e30 }],
  ])('refuses a wrong %s: %s', async (attr, code, body) => {
    const path = draftPath(await createTicket(app));
    expect(await save(path, body)).toMatchObject({ status: 400, body: { attr, code } });
    expect(await retrieve(path)).toBeNull();
  });

  it('takes 50,000 characters, a lone surrogate and fields of the other kind', async () => {
    const path = draftPath(await createTicket(app));
    const body = { message: 'ü'.repeat(50_000), recipient_email: { not: 'looked at' }, tags: 7 };
    expect((await save(path, body)).body).toMatchObject({ recipient_email: null, tags: [] });
    expect((await save(path, { message: 'a\ud800b' })).body.message).toBe('a\ufffdb');
  });

  it('is not for viewers, who may still read and throw away', async () => {
    const ticket = await createTicket(app);
    expect((await save(draftPath(ticket), { message: 'x' }, viewer)).status).toBe(403);
    expect(await retrieve(draftPath(ticket), viewer)).toBeNull();
    expect((await app.request('DELETE', draftPath(ticket), { key: viewer })).status).toBe(204);
  });

  it('does not find tickets of others, or deleted ones', async () => {
    const tenant = await addTenant(app, 'theirs');
    const theirs = await app.request<{ id: string }>('POST', tenant.tickets, { key: tenant.key, body: {} });
    expect((await save(draftPath(theirs.body), { message: 'x' })).status).toBe(404);
    const ticket = await createTicket(app);
    await save(draftPath(ticket), { message: 'x' });
    await app.request('DELETE', ticketPath(ticket.id));
    expect((await app.request('GET', draftPath(ticket))).status).toBe(404);
    await app.request('POST', ticketPath(ticket.id, 'restore/'));
    expect(await retrieve(draftPath(ticket))).toMatchObject({ message: 'x' });
  });
});

describe('a reply that discards the draft', () => {
  it('takes it along when it is sent or scheduled, and only then', async () => {
    for (const more of [{}, { undo_seconds: 10 }]) {
      const ticket = await createTicket(app);
      await save(draftPath(ticket), { message: 'Hello' });
      const send = (message: string) =>
        app.request('POST', ticketPath(ticket.id, 'reply/'), {
          body: { message, discard_draft: true, ...more },
        });
      expect((await send(' ')).status).toBe(400);
      expect(await retrieve(draftPath(ticket))).not.toBeNull();
      expect((await send('Hello')).status).toBeLessThan(300);
      expect(await retrieve(draftPath(ticket))).toBeNull();
    }
  });
});

describe('#drafts.save_compose', () => {
  it('keeps one for the ticket that is still to be composed', async () => {
    expect(await retrieve(COMPOSE)).toBeNull();
    const body = {
      message: 'Hello',
      recipient_email: 'ann@',
      recipient_distinct_id: 'ann',
      email_subject: 'Hi',
      email_config_id: '01900000-0000-7000-8000-000000000000',
      tags: ['vip'],
    };
    const saved = await save(COMPOSE, body);
    expect(saved.body).toMatchObject({ ...body, ticket_id: null, ticket_number: null, version: 1 });
    expect((await save(COMPOSE, { message: 'Again' })).body).toMatchObject({ version: 2, tags: [] });
    expect(await retrieve(COMPOSE, ben)).toBeNull();
    expect((await save(COMPOSE, { message: 'x', if_version: 1 })).status).toBe(409);
    expect((await app.request('DELETE', COMPOSE)).status).toBe(204);
    expect((await app.request('DELETE', COMPOSE)).status).toBe(204);
    expect(await retrieve(COMPOSE)).toBeNull();
  });

  it.each([
    ['email_config_id', { email_config_id: 'x' }],
    ['email_subject', { email_subject: 'x'.repeat(501) }],
    ['tags__0', { tags: ['x'.repeat(256)] }],
  ])('refuses a wrong %s', async (attr, body) => {
    expect(await save(COMPOSE, body)).toMatchObject({ status: 400, body: { attr } });
  });
});

describe('#drafts.list', () => {
  it('shows one’s own, newest first, by pages, without those of deleted tickets', async () => {
    const carl = await addKey(app, (await addUser(app, 'carl@example.com')).id);
    const tickets = [await createTicket(app), await createTicket(app), await createTicket(app)];
    for (const ticket of tickets) {
      app.clock.advance(1000);
      await save(draftPath(ticket), { message: ticket.id }, carl);
    }
    app.clock.advance(1000);
    await save(COMPOSE, { message: 'new' }, carl);
    const list = async (query = '') =>
      (await app.request<PageOf<Draft>>('GET', `${DRAFTS}${query}`, { key: carl })).body;
    const ids = tickets.map(({ id }) => id).reverse();
    expect((await list()).results.map(({ ticket_id }) => ticket_id)).toEqual([null, ...ids]);
    const page = await list('?limit=2');
    expect([page.count, page.results.length]).toEqual([4, 2]);
    expect(page.next).toContain('offset=2');
    await app.request('DELETE', ticketPath(String(ids[0])));
    expect((await list()).results.map(({ ticket_id }) => ticket_id)).toEqual([null, ...ids.slice(1)]);
  });
});
