import type { TicketLink } from '@parley/contract/ticket-links';
import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createTicket,
  customerWrites,
  eventNames,
  getTicket,
  listMessages,
  setProject,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const DAY = 24 * 3_600_000;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());
beforeEach(() => setProject(app, { conversations_settings: { status_rules: { follow_up_after_days: 7 } } }));

let customers = 0;
async function resolved(): Promise<Ticket> {
  customers += 1;
  const distinct_id = `customer-${customers}`;
  const more = { email_subject: 'Broken', tags: ['a'], priority: 'high' as const };
  const { id } = await createTicket(app, { distinct_id, message: 'hello', ...more });
  return updateTicket(app, id, { status: 'resolved' });
}
const ofCustomer = async ({ distinct_id }: Ticket) => {
  const path = `${TICKETS}?distinct_ids=${distinct_id}&order_by=ticket_number`;
  return (await app.request<{ results: Ticket[] }>('GET', path)).body.results;
};

describe('a customer’s message on a ticket resolved long ago', () => {
  it('opens a linked new one', async () => {
    const old = await resolved();
    app.clock.advance(7 * DAY + 1);
    const messageId = await customerWrites(app, old.id, 'broken again');
    const [, opened] = await ofCustomer(old);
    expect(opened).toMatchObject({
      status: 'new',
      email_subject: 'Broken',
      priority: 'high',
      assignee: null,
      tags: [],
      message_count: 1,
      unread_team_count: 1,
      last_message_text: 'broken again',
    });
    expect((await listMessages(app, opened?.id ?? '')).map(({ id }) => id)).toEqual([messageId]);
    expect(await getTicket(app, old.id)).toMatchObject({ status: 'resolved', message_count: 1 });
    const { body } = await app.request<{ results: TicketLink[] }>('GET', ticketPath(old.id, 'links/'));
    expect(body.results).toMatchObject([
      { kind: 'follow_up', direction: 'incoming', ticket: { id: opened?.id } },
    ]);
    expect(await eventNames(app, opened?.id ?? '')).toEqual([
      'tickets.create',
      'ticket_links.create',
      'messages.receive',
    ]);
  });

  it('the next ones go to that one, as long as it is there and not resolved long ago itself', async () => {
    const old = await resolved();
    app.clock.advance(8 * DAY);
    await customerWrites(app, old.id, 'one');
    await customerWrites(app, old.id, 'two');
    const [, second, ...none] = await ofCustomer(old);
    expect([second?.message_count, none]).toEqual([2, []]);
    await updateTicket(app, second?.id ?? '', { status: 'resolved' });
    await customerWrites(app, old.id, 'three');
    expect((await getTicket(app, second?.id ?? '')).status).toBe('open');
    await updateTicket(app, second?.id ?? '', { status: 'resolved' });
    app.clock.advance(8 * DAY);
    await customerWrites(app, old.id, 'four');
    const third = (await ofCustomer(old)).at(-1);
    expect([third?.message_count, third?.last_message_text]).toEqual([1, 'four']);
    await app.request('DELETE', ticketPath(third?.id ?? ''));
    await app.request('DELETE', ticketPath(second?.id ?? ''));
    await customerWrites(app, old.id, 'five');
    expect((await ofCustomer(old)).at(-1)?.last_message_text).toBe('five');
  });

  it('within the days, or by default, it reopens', async () => {
    const old = await resolved();
    app.clock.advance(7 * DAY);
    await customerWrites(app, old.id, 'soon enough');
    expect((await getTicket(app, old.id)).status).toBe('open');
    await setProject(app, { conversations_settings: {} });
    const other = await resolved();
    app.clock.advance(400 * DAY);
    await customerWrites(app, other.id, 'late');
    expect((await getTicket(app, other.id)).status).toBe('open');
    expect(await ofCustomer(other)).toHaveLength(1);
  });

  it('a link made by hand to another customer’s ticket leads nobody there', async () => {
    const [old, theirs] = [await resolved(), await createTicket(app)];
    const body = { ticket: old.id, kind: 'follow_up' };
    await app.request('POST', ticketPath(theirs.id, 'links/'), { body });
    app.clock.advance(8 * DAY);
    await customerWrites(app, old.id, 'private');
    expect((await getTicket(app, theirs.id)).message_count).toBe(0);
    expect(await ofCustomer(old)).toHaveLength(2);
  });

  it('of a merged ticket it is the customer who wrote that it opens one for', async () => {
    const [source, target] = [await resolved(), await resolved()];
    const body = { target: target.id, allow_different_customers: true };
    await app.request('POST', ticketPath(source.id, 'merge/'), { body });
    app.clock.advance(8 * DAY);
    await customerWrites(app, source.id, 'again');
    expect((await ofCustomer(source)).at(-1)).toMatchObject({ status: 'new', last_message_text: 'again' });
    expect(await ofCustomer(target)).toHaveLength(1);
  });

  it('a follow-up that was merged back into what it followed leads round in no circle', async () => {
    const old = await resolved();
    app.clock.advance(8 * DAY);
    await customerWrites(app, old.id, 'one');
    const second = (await ofCustomer(old)).at(-1);
    await app.request('POST', ticketPath(second?.id ?? '', 'merge/'), { body: { target: old.id } });
    await customerWrites(app, old.id, 'two');
    const third = (await ofCustomer(old)).at(-1);
    expect(third).toMatchObject({ message_count: 1, last_message_text: 'two' });
    await customerWrites(app, second?.id ?? '', 'three');
    expect(await getTicket(app, third?.id ?? '')).toMatchObject({ message_count: 2, merged_into_id: null });
    expect(await ofCustomer(old)).toHaveLength(3);
  });

  it('nor do merges and follow-ups over several tickets', async () => {
    const old = await resolved();
    const other = await createTicket(app, { distinct_id: old.distinct_id });
    await updateTicket(app, other.id, { status: 'resolved' });
    app.clock.advance(8 * DAY);
    const intoAnother = async (words: string, from: string, target: string) => {
      await customerWrites(app, from, words);
      const newest = (await ofCustomer(old)).at(-1);
      await app.request('POST', ticketPath(newest?.id ?? '', 'merge/'), { body: { target } });
    };
    // What follows up on the first is in the second, and what follows up on that is in the first.
    await intoAnother('one', old.id, other.id);
    await intoAnother('two', other.id, old.id);
    const before = (await ofCustomer(old)).length;
    await customerWrites(app, old.id, 'three');
    await customerWrites(app, other.id, 'four');
    await customerWrites(app, old.id, 'five');
    const after = (await ofCustomer(old)).slice(before);
    expect(after.reduce((sum, { message_count }) => sum + message_count, 0)).toBe(3);
    expect(after.length).toBeLessThanOrEqual(2);
  });

  it('the setting takes whole days and null', async () => {
    const send = (days: unknown) =>
      app.request('PATCH', '/api/projects/1/', {
        body: { conversations_settings: { status_rules: { follow_up_after_days: days } } },
      });
    for (const days of [0, -1, 1.5, '7', 4000]) {
      expect(await send(days)).toMatchObject({
        status: 400,
        body: { attr: 'conversations_settings__status_rules__follow_up_after_days' },
      });
    }
    for (const days of [1, 3650, null]) {
      const { body } = await send(days);
      expect(body).toMatchObject({
        conversations_settings: { status_rules: { follow_up_after_days: days } },
      });
    }
  });
});
