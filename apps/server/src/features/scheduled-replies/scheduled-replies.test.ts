import type { ErrorBody } from '@parley/contract/errors';
import type { ScheduledReply } from '@parley/contract/scheduled-reply';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addKey,
  addUser,
  createTicket,
  eventNames,
  getTicket,
  listMessages,
  reply,
  setProject,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { SCHEDULED, schedule, sweep } from './testing.ts';

let app: TestApp;
let ben: string;
let viewer: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ben = await addKey(app, (await addUser(app, 'ben@example.com')).id);
  viewer = await addKey(app, (await addUser(app, 'vic@example.com', { access: 'viewer' })).id);
});
afterAll(() => app.close());

const path = (scheduled: { id: string }, below = '') => `${SCHEDULED}${scheduled.id}/${below}`;
const call = (method: string, address: string, body?: object, key?: string) =>
  app.request<ScheduledReply & ErrorBody>(method, address, {
    ...(body ? { body } : {}),
    ...(key ? { key } : {}),
  });
const inMs = (ms: number) => new Date(app.clock.now().getTime() + ms).toISOString();

describe('#tickets.reply that waits', () => {
  it('I72: is no message until its time, and then exactly one', async () => {
    const ticket = await createTicket(app);
    const { status, body: scheduled } = await schedule(app, ticket, { rich_content: { type: 'doc' } });
    expect(status).toBe(202);
    expect(scheduled).toMatchObject({
      scheduled: true,
      ticket_id: ticket.id,
      ticket_number: ticket.ticket_number,
      message: 'Later',
      rich_content: { type: 'doc' },
      is_private: false,
      set_status: null,
      send_at: inMs(10_000),
      state: 'scheduled',
      reason: null,
      author: { email: 'ada@example.com' },
      version: 1,
    });
    app.clock.advance(9_999);
    await sweep(app);
    expect(await listMessages(app, ticket.id)).toEqual([]);
    expect((await getTicket(app, ticket.id)).status).toBe('new');
    app.clock.advance(1);
    await sweep(app);
    await sweep(app);
    const [message, ...others] = await listMessages(app, ticket.id);
    expect(message).toMatchObject({ id: scheduled.id, content: 'Later', author_email: 'ada@example.com' });
    expect(others).toEqual([]);
    expect((await getTicket(app, ticket.id)).status).toBe('open');
    expect((await call('GET', path(scheduled))).status).toBe(404);
    expect(await eventNames(app, ticket.id)).toEqual([
      'tickets.create',
      'scheduled_replies.create',
      'tickets.update',
      'tickets.change_status',
      'tickets.reply',
      'scheduled_replies.send',
    ]);
  });

  it('is its author’s in the events, as if they had sent it now', async () => {
    const ticket = await createTicket(app);
    await schedule(app, ticket, {}, ben);
    app.clock.advance(10_000);
    await sweep(app);
    const event = await app.database.kysely
      .selectFrom('events')
      .select('actor')
      .where('ticket_id', '=', ticket.id)
      .where('name', '=', 'tickets.reply')
      .executeTakeFirstOrThrow();
    expect(event.actor).toMatchObject({ actor_type: 'user', actor_email: 'ben@example.com' });
  });

  it('I59: sets the status when it is sent, not before', async () => {
    const ticket = await createTicket(app);
    await schedule(app, ticket, { set_status: 'pending' });
    expect((await getTicket(app, ticket.id)).status).toBe('new');
    app.clock.advance(10_000);
    await sweep(app);
    expect((await getTicket(app, ticket.id)).status).toBe('pending');
    await reply(app, ticket.id, 'At once', { set_status: 'resolved' });
    expect((await getTicket(app, ticket.id)).status).toBe('resolved');
  });

  it('may be a private note', async () => {
    const ticket = await createTicket(app);
    await schedule(app, ticket, { is_private: true, set_status: 'on_hold' });
    app.clock.advance(10_000);
    await sweep(app);
    expect(await listMessages(app, ticket.id)).toMatchObject([{ is_private: true }]);
    expect((await getTicket(app, ticket.id)).status).toBe('on_hold');
  });

  it('I63: the same words again answer with what became of the first', async () => {
    const ticket = await createTicket(app);
    const first = await schedule(app, ticket);
    const again = await schedule(app, ticket);
    expect([again.status, again.body]).toEqual([202, first.body]);
    app.clock.advance(10_000);
    await sweep(app);
    const third = await schedule(app, ticket);
    expect([third.status, third.body.id]).toEqual([200, first.body.id]);
    expect(await listMessages(app, ticket.id)).toHaveLength(1);
  });

  it.each([
    ['send_at', 'invalid_input', { send_at: 'tomorrow' }],
    ['send_at', 'invalid_input', { send_at: '2026-03-02T09:59:59Z' }],
    ['send_at', 'invalid_input', { send_at: '2027-03-09T10:00:00Z' }],
    ['send_at', 'invalid_input', { send_at: 7 }],
    ['send_at', 'null', { send_at: null }],
    ['undo_seconds', 'max_value', { undo_seconds: 301 }],
    ['undo_seconds', 'min_value', { undo_seconds: -1 }],
    ['undo_seconds', 'invalid_input', { undo_seconds: 1.5 }],
    ['undo_seconds', 'invalid_input', { undo_seconds: 10, send_at: '2026-04-01T10:00:00Z' }],
    ['set_status', 'invalid_choice', { set_status: 'done' }],
    ['cancel_if_customer_replies', 'invalid_input', { cancel_if_customer_replies: 'x' }],
    ['message', 'max_length', { message: 'x'.repeat(5001), undo_seconds: 10 }],
    ['rich_content', 'max_length', { rich_content: 'x'.repeat(100_000), undo_seconds: 10 }],
  ])('refuses a wrong %s: %s', async (attr, code, body) => {
    const ticket = await createTicket(app);
    const answer = await app.request<ErrorBody>('POST', ticketPath(ticket.id, 'reply/'), {
      body: { message: 'Later', ...body },
    });
    expect(answer).toMatchObject({ status: 400, body: { attr, code } });
    const list = await app.request<PageOf<ScheduledReply>>('GET', `${SCHEDULED}?ticket=${ticket.id}`);
    expect(list.body.results).toEqual([]);
  });

  it('with undo_seconds 0 is sent at once', async () => {
    const ticket = await createTicket(app);
    expect((await schedule(app, ticket, { undo_seconds: 0 })).status).toBe(201);
  });

  it('takes a form', async () => {
    const ticket = await createTicket(app);
    const form = 'message=By+form&undo_seconds=10&cancel_if_customer_replies=true';
    const answer = await app.request<ScheduledReply>('POST', ticketPath(ticket.id, 'reply/'), { form });
    expect(answer).toMatchObject({ status: 202, body: { cancel_if_customer_replies: true } });
  });

  it('keeps the key of a repeated request', async () => {
    const ticket = await createTicket(app);
    const options = { body: { message: 'x', undo_seconds: 10 }, headers: { 'idempotency-key': ticket.id } };
    const first = await app.request('POST', ticketPath(ticket.id, 'reply/'), options);
    app.clock.advance(200_000);
    await sweep(app);
    const again = await app.request('POST', ticketPath(ticket.id, 'reply/'), options);
    expect([again.status, again.text]).toEqual([202, first.text]);
    expect(await listMessages(app, ticket.id)).toHaveLength(1);
  });

  it('is for those who may reply', async () => {
    const ticket = await createTicket(app);
    expect((await schedule(app, ticket, {}, viewer)).status).toBe(403);
    await setProject(app, { conversations_enabled: false });
    expect((await schedule(app, ticket)).body.code).toBe('support_disabled');
    await setProject(app, { conversations_enabled: true });
  });
});

describe('#scheduled_replies.list', () => {
  it('shows one’s own, the next one first, or everybody’s on a ticket', async () => {
    const carl = await addKey(app, (await addUser(app, 'carl@example.com')).id);
    const [one, two] = [await createTicket(app), await createTicket(app)];
    const { body: later } = await schedule(app, one, { undo_seconds: 0, send_at: inMs(3_600_000) }, carl);
    const { body: soon } = await schedule(app, two, {}, carl);
    const { body: bens } = await schedule(app, two, { message: 'By Ben' }, ben);
    const list = async (query: string, key: string) =>
      (await app.request<PageOf<ScheduledReply>>('GET', `${SCHEDULED}${query}`, { key })).body;
    expect((await list('', carl)).results).toEqual([soon, later]);
    const page = await list('?limit=1', carl);
    expect([page.count, page.results]).toEqual([2, [soon]]);
    expect((await list(`?ticket=${two.ticket_number}`, viewer)).results).toEqual([soon, bens]);
    expect((await list(`?ticket=${two.id}&state=held`, viewer)).results).toEqual([]);
    const nowhere = await call('GET', `${SCHEDULED}?ticket=nope`);
    expect([nowhere.status, nowhere.body]).toMatchObject([400, { code: 'does_not_exist', attr: 'ticket' }]);
    expect((await call('GET', path(bens), undefined, viewer)).body).toEqual(bens);
  });
});

describe('#scheduled_replies.update', () => {
  it('changes words and time', async () => {
    const ticket = await createTicket(app);
    const { body: scheduled } = await schedule(app, ticket, { rich_content: { type: 'doc' } });
    const send_at = inMs(60_000);
    const updated = await call('PATCH', path(scheduled), {
      message: ' Better ',
      send_at,
      set_status: 'pending',
    });
    expect(updated.body).toMatchObject({ message: 'Better', rich_content: null, send_at, version: 2 });
    app.clock.advance(59_999);
    await sweep(app);
    expect(await listMessages(app, ticket.id)).toEqual([]);
    app.clock.advance(1);
    await sweep(app);
    expect(await listMessages(app, ticket.id)).toMatchObject([{ content: 'Better' }]);
    expect((await call('PATCH', path(scheduled), { message: 'Too late' })).body.code).toBe('already_sent');
  });

  it('of nothing changes nothing', async () => {
    const { body: scheduled } = await schedule(app, await createTicket(app));
    expect((await call('PATCH', path(scheduled), {})).body).toEqual(scheduled);
  });

  it.each([
    ['message', 'blank', { message: ' ' }],
    ['message', 'max_length', { message: 'x'.repeat(5001) }],
    ['rich_content', 'max_length', { rich_content: 'x'.repeat(100_000) }],
    ['send_at', 'invalid_input', { send_at: '2020-01-01' }],
    ['set_status', 'invalid_choice', { set_status: 'x' }],
  ])('refuses a wrong %s: %s', async (attr, code, body) => {
    const { body: scheduled } = await schedule(app, await createTicket(app));
    expect(await call('PATCH', path(scheduled), body)).toMatchObject({ status: 400, body: { attr, code } });
    expect((await call('GET', path(scheduled))).body).toEqual(scheduled);
  });

  it('is for its author', async () => {
    const { body: scheduled } = await schedule(app, await createTicket(app));
    expect((await call('PATCH', path(scheduled), { message: 'Mine' }, ben)).status).toBe(403);
    expect((await call('POST', path(scheduled, 'send_now/'), {}, ben)).status).toBe(403);
    expect((await call('PATCH', path({ id: 'nope' }), { message: 'x' })).status).toBe(404);
  });
});

describe('#scheduled_replies.delete', () => {
  it('I72: takes it back, and nothing is delivered', async () => {
    const ticket = await createTicket(app);
    const { body: scheduled } = await schedule(app, ticket);
    expect((await call('DELETE', path(scheduled), undefined, viewer)).status).toBe(403);
    expect((await call('DELETE', path(scheduled), undefined, ben)).status).toBe(204);
    expect((await call('DELETE', path(scheduled))).status).toBe(404);
    app.clock.advance(10_000);
    await sweep(app);
    expect(await listMessages(app, ticket.id)).toEqual([]);
    expect((await eventNames(app, ticket.id)).at(-1)).toBe('scheduled_replies.delete');
  });

  it('comes too late once it is sent, and says so', async () => {
    const ticket = await createTicket(app);
    const { body: scheduled } = await schedule(app, ticket);
    app.clock.advance(10_000);
    await sweep(app);
    const answer = await call('DELETE', path(scheduled));
    expect([answer.status, answer.body.code]).toEqual([409, 'already_sent']);
    expect(await listMessages(app, ticket.id)).toHaveLength(1);
  });
});

describe('#scheduled_replies.send_now', () => {
  it('sends it once', async () => {
    const ticket = await createTicket(app);
    const { body: scheduled } = await schedule(app, ticket);
    const answer = await call('POST', path(scheduled, 'send_now/'));
    expect([answer.status, answer.body]).toMatchObject([201, { id: scheduled.id, content: 'Later' }]);
    expect((await call('POST', path(scheduled, 'send_now/'))).body.code).toBe('already_sent');
    app.clock.advance(10_000);
    await sweep(app);
    expect(await listMessages(app, ticket.id)).toHaveLength(1);
  });
});
