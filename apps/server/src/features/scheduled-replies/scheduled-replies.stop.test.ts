import type { ErrorBody } from '@parley/contract/errors';
import type { ScheduledReply } from '@parley/contract/scheduled-reply';
import type { Ticket } from '@parley/contract/tickets';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { merge } from '#features/ticket-merge/testing.ts';
import {
  addKey,
  addUser,
  createTicket,
  customerWrites,
  eventsOf,
  listMessages,
  setProject,
  type TestUser,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { SCHEDULED, schedule, sweep, watch } from './testing.ts';

let app: TestApp;
let ticket: Ticket;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
beforeEach(async () => {
  ticket = await createTicket(app, { message: 'Help' });
});
afterAll(() => app.close());

let agents = 0;
async function addAgent(): Promise<TestUser & { key: string }> {
  agents += 1;
  const user = await addUser(app, `agent${agents}@example.com`);
  return { ...user, key: await addKey(app, user.id) };
}

const path = (id: string, below = '') => `${SCHEDULED}${id}/${below}`;
const retrieve = async (id: string) => (await app.request<ScheduledReply>('GET', path(id))).body;
/** The team's messages: the first one of each ticket is the customer's. */
const sent = async () => (await listMessages(app, ticket.id)).filter((one) => one.author_type === 'support');
const db = () => app.database.kysely;
const mergeInto = async (target: { id: string }) => {
  const merged = await merge(app, ticket.id, { target: target.id, allow_different_customers: true });
  expect(merged.status, merged.text).toBe(200);
};
const lastEvent = async () => (await eventsOf(app, ticket.id)).at(-1);
async function whenDue(): Promise<void> {
  app.clock.advance(10_000);
  await sweep(app);
}

describe('a scheduled reply', () => {
  it('I73: is held when the customer writes before, and its author is told', async () => {
    const { body } = await schedule(app, ticket, { cancel_if_customer_replies: true });
    expect(await watch(app)).toBe(0);
    await customerWrites(app, ticket.id, 'Never mind');
    expect(await watch(app)).toBe(1);
    expect(await retrieve(body.id)).toMatchObject({ state: 'held', reason: 'customer_replied', version: 2 });
    expect(await lastEvent()).toMatchObject({ name: 'scheduled_replies.hold', payload: { id: body.id } });
    await whenDue();
    expect(await sent()).toEqual([]);
  });

  it('is held at its time at the latest', async () => {
    const { body } = await schedule(app, ticket, { cancel_if_customer_replies: true });
    await customerWrites(app, ticket.id, 'Never mind');
    await whenDue();
    expect(await retrieve(body.id)).toMatchObject({ state: 'held', reason: 'customer_replied' });
    const again = await app.request<{ id: string }>('POST', path(body.id, 'send_now/'));
    expect([again.status, again.body.id]).toEqual([201, body.id]);
  });

  it('goes out once it has another time, in spite of what the customer wrote before that', async () => {
    const { body } = await schedule(app, ticket, { cancel_if_customer_replies: true });
    await customerWrites(app, ticket.id, 'Never mind');
    await whenDue();
    const send_at = new Date(app.clock.now().getTime() + 10_000).toISOString();
    const updated = await app.request<ScheduledReply>('PATCH', path(body.id), { body: { send_at } });
    expect(updated.body).toMatchObject({ state: 'scheduled', reason: null, send_at });
    await whenDue();
    expect(await sent()).toHaveLength(1);
  });

  it('is sent in spite of the customer unless that was asked for', async () => {
    await schedule(app, ticket);
    await customerWrites(app, ticket.id, 'Never mind');
    expect(await watch(app)).toBe(0);
    await whenDue();
    expect(await sent()).toHaveLength(1);
  });

  it('fails at once when the ticket is deleted, and can be scheduled again when it is back', async () => {
    const { body } = await schedule(app, ticket);
    await app.request('DELETE', ticketPath(ticket.id));
    expect(await watch(app)).toBe(1);
    expect(await retrieve(body.id)).toMatchObject({ state: 'failed', reason: 'ticket_deleted' });
    expect(await lastEvent()).toMatchObject({ name: 'scheduled_replies.fail' });
    expect((await app.request('POST', path(body.id, 'send_now/'))).status).toBe(404);
    await whenDue();
    await app.request('POST', ticketPath(ticket.id, 'restore/'));
    expect(await sent()).toEqual([]);
    expect((await app.request('POST', path(body.id, 'send_now/'))).status).toBe(201);
  });

  it.each([
    ['left the organization', (id: number) => sql`delete from memberships where user_id = ${id}`],
    [
      'may only read',
      (id: number) => sql`
      insert into project_access (project_id, user_id, level) values (1, ${id}, 'viewer')`,
    ],
    ['is gone altogether', (id: number) => sql`delete from users where id = ${id}`],
  ])('fails visibly when its author %s', async (_what, change) => {
    const agent = await addAgent();
    const { body } = await schedule(app, ticket, {}, agent.key);
    await change(agent.id).execute(app.database.kysely);
    await whenDue();
    expect(await retrieve(body.id)).toMatchObject({ state: 'failed', reason: 'no_access', message: 'Later' });
    expect(await lastEvent()).toMatchObject({
      name: 'scheduled_replies.fail',
      payload: { reason: 'no_access' },
    });
    expect(await sent()).toEqual([]);
    expect((await app.request('DELETE', path(body.id))).status).toBe(204);
  });

  it('fails when Support is switched off', async () => {
    const { body } = await schedule(app, ticket);
    await setProject(app, { conversations_enabled: false });
    await whenDue();
    expect(await retrieve(body.id)).toMatchObject({ state: 'failed', reason: 'support_disabled' });
    const now = await app.request<ErrorBody>('POST', path(body.id, 'send_now/'));
    expect(now.body.code).toBe('support_disabled');
    await setProject(app, { conversations_enabled: true });
  });

  it('fails when the ticket its own was merged into is deleted', async () => {
    const target = await createTicket(app);
    const { body } = await schedule(app, ticket);
    await mergeInto(target);
    await app.request('DELETE', ticketPath(target.id));
    await whenDue();
    expect(await retrieve(body.id)).toMatchObject({ state: 'failed', reason: 'ticket_deleted' });
  });

  it('is tried again where its ticket cannot be locked for the moment', async () => {
    const { body } = await schedule(app, ticket);
    const target = await createTicket(app);
    await mergeInto(target);
    await sql`update tickets set distinct_id = ${ticket.distinct_id} where id = ${target.id}`.execute(db());
    // What a locker finds while somebody merges: the two tickets do not say the same.
    await sql`update tickets set merged_ticket_ids = '{}' where id = ${target.id}`.execute(db());
    app.clock.advance(10_000);
    await expect(sweep(app)).rejects.toThrow('could not be sent');
    expect(await retrieve(body.id)).toMatchObject({ state: 'scheduled', reason: null });
    await sql`update tickets set merged_ticket_ids = array[${ticket.id}::uuid] where id = ${target.id}`.execute(
      db(),
    );
    await whenDue();
    const texts = (await listMessages(app, target.id)).map(({ content }) => content);
    expect(texts).toEqual(['Help', 'Later']);
  });

  it('that breaks is put off, holds up nobody, and fails in the end', async () => {
    const { body: broken } = await schedule(app, ticket);
    const other = await createTicket(app);
    const { body: fine } = await schedule(app, other);
    // A message with its id already there is what can't be.
    await sql`
      insert into messages (project_id, id, ticket_id, content, item_context, created_at)
      values (1, ${broken.id}, ${ticket.id}, 'x', '{"is_private": true}', '2020-01-01')`.execute(
      app.database.kysely,
    );
    app.clock.advance(10_000);
    await expect(sweep(app)).rejects.toThrow('1 scheduled replies could not be sent');
    expect((await listMessages(app, other.id)).map(({ id }) => id)).toEqual([fine.id]);
    expect(await sweep(app)).toBe(false);
    for (let tries = 2; tries <= 5; tries += 1) {
      app.clock.advance(600_000);
      await expect(sweep(app)).rejects.toThrow();
    }
    expect(await retrieve(broken.id)).toMatchObject({ state: 'failed', reason: 'error' });
    expect(await sweep(app)).toBe(false);
  });
});
