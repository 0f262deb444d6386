import type { ErrorBody } from '@parley/contract/errors';
import type { ScheduledReply } from '@parley/contract/scheduled-reply';
import type { Ticket } from '@parley/contract/tickets';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { merge, unmerge } from '#features/ticket-merge/testing.ts';
import {
  createTicket,
  customerWrites,
  listMessages,
  setProject,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { SCHEDULED, schedule, sweep, watch } from './testing.ts';

let app: TestApp;
let ticket: Ticket;
let target: Ticket;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
beforeEach(async () => {
  ticket = await createTicket(app, { message: 'Help' });
  app.clock.advance(1000);
  target = await createTicket(app, { message: 'Other' });
  app.clock.advance(1000);
});
afterAll(() => app.close());

const path = (id: string, below = '') => `${SCHEDULED}${id}/${below}`;
const call = (method: string, address: string, body?: object) =>
  app.request<ScheduledReply & ErrorBody>(method, address, body ? { body } : {});
const retrieve = async (id: string) => (await call('GET', path(id))).body;
const texts = async (id: string) => (await listMessages(app, id)).map(({ content }) => content);
async function whenDue(): Promise<void> {
  app.clock.advance(10_000);
  await sweep(app);
}
async function mergeAll(): Promise<void> {
  const merged = await merge(app, ticket.id, { target: target.id, allow_different_customers: true });
  expect(merged.status, merged.text).toBe(200);
}
/** Both tickets are of one customer then. */
const ofOne = () =>
  sql`update tickets set distinct_id = ${ticket.distinct_id} where id = ${target.id}`.execute(
    app.database.kysely,
  );

describe('a scheduled reply whose ticket was merged', () => {
  it('goes to where the thread goes on, to the same customer', async () => {
    await ofOne();
    await schedule(app, ticket);
    await mergeAll();
    await whenDue();
    expect(await texts(target.id)).toEqual(['Help', 'Other', 'Later']);
  });

  it('is held before it reaches another customer', async () => {
    const { body } = await schedule(app, ticket);
    await mergeAll();
    await whenDue();
    expect(await retrieve(body.id)).toMatchObject({ state: 'held', reason: 'merged' });
    expect(await texts(target.id)).toEqual(['Help', 'Other']);
    const refused = await call('POST', path(body.id, 'send_now/'));
    expect([refused.status, refused.body.code, refused.body.attr]).toEqual([
      400,
      'different_customers',
      'allow_different_customers',
    ]);
    const sent = await call('POST', path(body.id, 'send_now/'), { allow_different_customers: true });
    expect([sent.status, sent.body.id]).toEqual([201, body.id]);
  });

  it('is held before another customer gets a copy of it, whose ticket was merged into its own', async () => {
    const { body } = await schedule(app, target);
    await mergeAll();
    await whenDue();
    expect(await retrieve(body.id)).toMatchObject({ state: 'held', reason: 'merged' });
    expect((await call('POST', path(body.id, 'send_now/'))).body.code).toBe('different_customers');
    await unmerge(app, ticket.id);
    expect((await call('POST', path(body.id, 'send_now/'))).status).toBe(201);
    expect(await texts(target.id)).toEqual(['Other', 'Later']);
  });

  it('that was scheduled after the merge goes to all of them', async () => {
    await mergeAll();
    app.clock.advance(1000);
    for (const on of [ticket, target]) await schedule(app, on, { message: `On ${on.ticket_number}` });
    await whenDue();
    expect((await texts(target.id)).slice(2)).toEqual([
      `On ${ticket.ticket_number}`,
      `On ${target.ticket_number}`,
    ]);
  });

  it('gets another time only for a customer that is confirmed', async () => {
    const { body } = await schedule(app, ticket);
    await mergeAll();
    await whenDue();
    const send_at = new Date(app.clock.now().getTime() + 10_000).toISOString();
    expect((await call('PATCH', path(body.id), { send_at })).body.code).toBe('different_customers');
    const confirmed = await call('PATCH', path(body.id), { send_at, allow_different_customers: true });
    expect(confirmed.body).toMatchObject({ state: 'scheduled', ticket_id: target.id });
    await whenDue();
    expect(await texts(target.id)).toEqual(['Help', 'Other', 'Later']);
  });

  it('goes to its own customer once the merge is taken back', async () => {
    const { body } = await schedule(app, ticket);
    await mergeAll();
    await whenDue();
    await unmerge(app, ticket.id);
    expect((await call('POST', path(body.id, 'send_now/'))).status).toBe(201);
    expect(await texts(ticket.id)).toEqual(['Help', 'Later']);
  });

  it('is a note for the team in any case', async () => {
    await schedule(app, ticket, { is_private: true });
    await mergeAll();
    await whenDue();
    expect(await texts(target.id)).toContain('Later');
  });
});

describe('cancel_if_customer_replies', () => {
  const hold = async (on: Ticket) => (await schedule(app, on, { cancel_if_customer_replies: true })).body.id;

  it('holds when the customer wrote to the merged ticket, or to the one it went on in', async () => {
    await ofOne();
    const id = await hold(ticket);
    await mergeAll();
    app.clock.advance(1000);
    await customerWrites(app, target.id, 'Never mind');
    expect(await watch(app)).toBe(1);
    expect(await retrieve(id)).toMatchObject({ state: 'held', reason: 'customer_replied' });
  });

  it.each(['in time', 'only when it is due'])(
    'holds when a new ticket took the message, %s',
    async (when) => {
      await setProject(app, { conversations_settings: { status_rules: { follow_up_after_days: 1 } } });
      await updateTicket(app, ticket.id, { status: 'resolved' });
      app.clock.advance(2 * 24 * 3_600_000);
      const id = await hold(ticket);
      app.clock.advance(1000);
      await customerWrites(app, ticket.id, 'Never mind');
      expect(await texts(ticket.id)).toEqual(['Help']);
      if (when === 'in time') expect(await watch(app)).toBe(1);
      else await whenDue();
      expect(await retrieve(id)).toMatchObject({ state: 'held', reason: 'customer_replied' });
      await setProject(app, { conversations_settings: {} });
    },
  );

  it('is not about older messages that a merge brought', async () => {
    await ofOne();
    const id = await hold(target);
    await mergeAll();
    expect(await watch(app)).toBe(0);
    await whenDue();
    expect(await texts(target.id)).toEqual(['Help', 'Other', 'Later']);
    expect((await call('GET', path(id))).status).toBe(404);
  });

  it('is not about messages that a split took away', async () => {
    app.clock.advance(1000);
    const moved = await customerWrites(app, ticket.id, 'Another matter');
    app.clock.advance(1000);
    await hold(ticket);
    const split = await call('POST', ticketPath(ticket.id, 'split/'), { message_ids: [moved] });
    expect(split.status, split.text).toBe(201);
    expect(await watch(app)).toBe(0);
    await whenDue();
    expect(await texts(ticket.id)).toEqual(['Help', 'Later']);
  });
});
