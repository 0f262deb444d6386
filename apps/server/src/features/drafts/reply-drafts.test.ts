import type { ReplyDraft } from '@parley/contract/drafts';
import type { ErrorBody } from '@parley/contract/errors';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { merge, unmerge } from '#features/ticket-merge/testing.ts';
import { lockTicket } from '#features/tickets/tickets.service.ts';
import type { Actor } from '#platform/actor.ts';
import {
  addKey,
  addUser,
  createTicket,
  eventsOf,
  listMessages,
  projectOf,
  setProject,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { storeReplyDraft } from './reply-drafts.service.ts';

let app: TestApp;
let ben: { id: number; key: string };
let viewer: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  const { id } = await addUser(app, 'ben@example.com');
  ben = { id, key: await addKey(app, id) };
  viewer = await addKey(app, (await addUser(app, 'vic@example.com', { access: 'viewer' })).id);
});
afterAll(() => app.close());

const path = (ticket: { id: string }, below = '') => ticketPath(ticket.id, `reply_drafts/${below}`);
const leave = async (ticket: { id: string }, body: object = { message: 'Try again' }, key = ben.key) =>
  app.request<ReplyDraft & ErrorBody>('POST', path(ticket), { key, body });
const list = async (ticket: { id: string }, key = ben.key) =>
  (await app.request<PageOf<ReplyDraft>>('GET', path(ticket), { key })).body.results;

describe('#reply_drafts.create', () => {
  it('is seen by every agent, viewers too, and sends nothing', async () => {
    const ticket = await createTicket(app);
    const { status, body } = await leave(ticket, { message: ' Try again ', rich_content: { type: 'doc' } });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ticket_id: ticket.id,
      origin: 'agent',
      message: 'Try again',
      rich_content: { type: 'doc' },
      created_by: { id: ben.id, email: 'ben@example.com' },
    });
    expect(await list(ticket, viewer)).toEqual([body]);
    expect(await listMessages(app, ticket.id)).toEqual([]);
  });

  it('stores what a program wrote without the right to send', async () => {
    const ticket = await createTicket(app);
    const project = await projectOf(app);
    const user = { id: ben.id, uuid: '', email: 'ben@example.com', firstName: '', lastName: '' };
    const actor: Actor = { kind: 'key', user, keyId: '', scopes: [], projectIds: null };
    const draft = await app.parley.unitOfWork.run(actor, async (uow) =>
      storeReplyDraft(uow, await lockTicket(uow, project, ticket.id), {
        message: 'By a program',
        origin: 'mcp',
      }),
    );
    expect(await list(ticket)).toEqual([draft]);
    expect(draft).toMatchObject({ origin: 'mcp', created_by: { id: ben.id } });
  });

  it.each([
    ['message', 'required', {}],
    ['message', 'blank', { message: ' ' }],
    ['message', 'max_length', { message: 'x'.repeat(5001) }],
    ['rich_content', 'max_length', { message: 'x', rich_content: 'x'.repeat(100_000) }],
  ])('refuses a wrong %s: %s', async (attr, code, body) => {
    const ticket = await createTicket(app);
    expect(await leave(ticket, body)).toMatchObject({ status: 400, body: { attr, code } });
    expect(await list(ticket)).toEqual([]);
  });

  it('is for editors, and ends at a hundred a ticket', async () => {
    const ticket = await createTicket(app);
    expect((await leave(ticket, undefined, viewer)).status).toBe(403);
    for (let n = 0; n < 100; n += 1) expect((await leave(ticket)).status).toBe(201);
    expect(await leave(ticket)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });
});

describe('#reply_drafts.send', () => {
  const send = (ticket: { id: string }, draft: { id: string }, body: object = {}, key?: string) =>
    app.request<{ id: string; content: string; author_email: string } & ErrorBody>(
      'POST',
      path(ticket, `${draft.id}/send/`),
      {
        body,
        ...(key ? { key } : {}),
      },
    );

  it('becomes a reply of who sends it, by the rules of every reply', async () => {
    const ticket = await createTicket(app);
    const { body: draft } = await leave(ticket);
    const sent = await send(ticket, draft);
    expect([sent.status, sent.body]).toMatchObject([
      201,
      { content: 'Try again', author_email: 'ada@example.com' },
    ]);
    expect(await list(ticket)).toEqual([]);
    expect(await listMessages(app, ticket.id)).toHaveLength(1);
    const events = await eventsOf(app, ticket.id);
    expect(events.map(({ name }) => name)).toEqual([
      'tickets.create',
      'reply_drafts.create',
      'reply_drafts.send',
      'tickets.update',
      'tickets.change_status',
      'tickets.reply',
    ]);
    expect(events[2]).toMatchObject({
      resource_id: draft.id,
      payload: { reply_draft_id: draft.id, origin: 'agent' },
    });
  });

  it('may send other words', async () => {
    const ticket = await createTicket(app);
    const { body: draft } = await leave(ticket, { message: 'Draft', rich_content: { type: 'doc' } });
    const sent = await send(ticket, draft, { message: 'Better' });
    expect(sent.body).toMatchObject({ content: 'Better', rich_content: null });
  });

  it('of several senders exactly one wins', async () => {
    const ticket = await createTicket(app);
    const { body: draft } = await leave(ticket);
    const answers = await Promise.all([
      send(ticket, draft),
      send(ticket, draft, {}, ben.key),
      send(ticket, draft),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 404, 404]);
    expect(await listMessages(app, ticket.id)).toHaveLength(1);
  });

  it('stays when it can’t be sent', async () => {
    const ticket = await createTicket(app);
    const { body: draft } = await leave(ticket);
    expect((await send(ticket, draft, {}, viewer)).status).toBe(403);
    expect((await send(ticket, draft, { message: 'x'.repeat(5001) })).status).toBe(400);
    await setProject(app, { conversations_enabled: false });
    expect((await send(ticket, draft)).body.code).toBe('support_disabled');
    await setProject(app, { conversations_enabled: true });
    expect(await list(ticket)).toEqual([draft]);
    const other = await createTicket(app);
    for (const id of [draft.id, 'nope', '@me']) expect((await send(other, { id })).status).toBe(404);
  });
});

describe('#reply_drafts.discard', () => {
  it('throws it away once', async () => {
    const ticket = await createTicket(app);
    const { body: draft } = await leave(ticket);
    const discard = (key: string) => app.request('DELETE', path(ticket, `${draft.id}/`), { key });
    expect((await discard(viewer)).status).toBe(403);
    expect((await discard(ben.key)).status).toBe(204);
    expect((await discard(ben.key)).status).toBe(404);
    expect((await eventsOf(app, ticket.id)).at(-1)).toMatchObject({ name: 'reply_drafts.discard' });
  });
});

describe('drafts of a merged ticket', () => {
  const send = (on: { id: string }, draft: { id: string }, body: object = {}) =>
    app.request<ErrorBody>('POST', path(on, `${draft.id}/send/`), { key: ben.key, body });
  const join = async (source: { id: string }, target: { id: string }) => {
    const { status } = await merge(app, source.id, { target: target.id, allow_different_customers: true });
    expect(status).toBe(200);
    app.clock.advance(1000);
  };
  /** Tickets of these customers. */
  const tickets = (...customers: string[]) =>
    Promise.all(customers.map((distinct_id) => createTicket(app, { distinct_id })));
  const texts = async ({ id }: { id: string }) => (await listMessages(app, id)).map(({ content }) => content);

  it('are listed, sent and discarded where its thread goes on, and on itself', async () => {
    const [ticket, target] = await tickets('ann', 'ann');
    if (!ticket || !target) throw new Error('No tickets.');
    const sent = (await leave(ticket, { message: 'One' })).body;
    const discarded = (await leave(ticket, { message: 'Two' })).body;
    const own = (await leave(target, { message: 'Three' })).body;
    await join(ticket, target);
    expect(await list(target)).toEqual([sent, discarded, own]);
    expect(await list(ticket)).toEqual([sent, discarded]);
    expect([(await send(target, sent)).status, await texts(target)]).toEqual([201, ['One']]);
    const remove = (one: { id: string }, id: string) =>
      app.request('DELETE', path(one, `${id}/`), { key: ben.key });
    expect((await remove(ticket, own.id)).status).toBe(404);
    expect((await remove(target, discarded.id)).status).toBe(204);
    expect(await list(target)).toEqual([own]);
  });

  it.each(['merged', 'target'] as const)(
    'are sent to other customers only where that is confirmed: one on the %s ticket',
    async (which) => {
      const [ticket, target] = await tickets('ann', 'ben');
      if (!ticket || !target) throw new Error('No tickets.');
      const on = which === 'merged' ? ticket : target;
      const { body: draft } = await leave(on);
      await join(ticket, target);
      const refused = await send(on, draft, { message: 'Other words' });
      expect([refused.status, refused.body]).toMatchObject([
        400,
        { code: 'different_customers', attr: 'allow_different_customers' },
      ]);
      expect([await list(on), await texts(target)]).toEqual([[draft], []]);
      expect((await send(on, draft, { allow_different_customers: true })).status).toBe(201);
      expect(await texts(target)).toEqual(['Try again']);
    },
  );

  it('need no word more when they were written after the merge, or it was taken back', async () => {
    const [ticket, target, third] = await tickets('ann', 'ben', 'ben');
    if (!ticket || !target || !third) throw new Error('No tickets.');
    const early = (await leave(ticket, { message: 'Early' })).body;
    await join(ticket, target);
    const late = (await leave(ticket, { message: 'Late' })).body;
    expect((await send(ticket, late)).status).toBe(201);
    const here = (await leave(target, { message: 'Here' })).body;
    await join(third, target);
    // Ann was there already, and the third ticket brought nobody else.
    expect((await send(target, here)).body.code).toBeUndefined();
    await unmerge(app, ticket.id);
    expect((await send(ticket, early)).status).toBe(201);
    expect(await texts(ticket)).toEqual(['Late', 'Early']);
  });
});
