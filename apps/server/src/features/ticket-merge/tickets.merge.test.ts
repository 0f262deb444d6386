import type { TicketLink } from '@parley/contract/ticket-links';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run as purge } from '#features/tickets/tickets.job-purge.ts';
import { wakeSnoozedTickets } from '#features/tickets/tickets.wake.ts';
import { createLogger } from '#platform/log.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import {
  activitiesOf,
  addAdminKey,
  addKey,
  addMessage,
  addPerson,
  addTenant,
  addUser,
  adminId,
  createTicket,
  customerWrites,
  eventNames,
  eventsOf,
  getTicket,
  listMessages,
  reply,
  SYSTEM,
  type Tenant,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { merge, state, thread, unmerge, wrongFigures } from './testing.ts';

let app: TestApp;
let tenant: Tenant;
let viewer: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  tenant = await addTenant(app, 'elsewhere');
  viewer = await addKey(app, (await addUser(app, 'viewer@example.com', { access: 'viewer' })).id);
});
afterAll(async () => {
  expect(await wrongFigures(app)).toEqual([]);
  await app.close();
});

const ANY = { allow_different_customers: true };
/** Two tickets of one customer with a message each. */
async function pair(more: object = {}) {
  const customer = { distinct_id: `ann-${Math.random()}` };
  const target = await createTicket(app, { ...customer, message: 'first' });
  app.clock.advance(1000);
  const source = await createTicket(app, { ...customer, message: 'again', ...more });
  app.clock.advance(1000);
  return { source, target };
}
const links = async (id: string) =>
  (await app.request<{ results: TicketLink[] }>('GET', ticketPath(id, 'links/'))).body.results;
const unreadCount = async () =>
  (await app.request<{ count: number }>('GET', `${TICKETS}unread_count/`)).body.count;

describe('tickets.merge', () => {
  it('case I100: the source is resolved, assigned to the merger, and both link to each other', async () => {
    const { source, target } = await pair();
    const unread = await unreadCount();
    const { status, body } = await merge(app, source.id, { target: target.ticket_number });
    expect([status, body]).toMatchObject([
      200,
      {
        id: source.id,
        status: 'resolved',
        assignee: { type: 'user', id: await adminId(app) },
        merged_into_id: target.id,
        merged_into_ticket_number: target.ticket_number,
        unread_team_count: 0,
        message_count: 1,
      },
    ]);
    expect(await getTicket(app, target.id)).toMatchObject({
      status: 'new',
      message_count: 2,
      unread_team_count: 2,
      last_message_text: 'again',
      last_message_at: source.last_message_at,
      merged_into_id: null,
    });
    expect(await unreadCount()).toBe(unread);
    expect(await links(source.id)).toMatchObject([
      { kind: 'merged', direction: 'outgoing', ticket: { id: target.id } },
    ]);
    expect(await links(target.id)).toMatchObject([
      { kind: 'merged', direction: 'incoming', ticket: { id: source.id } },
    ]);
  });

  it('the target shows the messages of both in the order of time, each with its ticket', async () => {
    const { source, target } = await pair();
    await reply(app, target.id, 'to the first');
    app.clock.advance(1000);
    await reply(app, source.id, 'a note', { is_private: true });
    await merge(app, source.id, { target: target.id });
    const [one, two] = [target.ticket_number, source.ticket_number];
    expect(await thread(app, target.id)).toEqual([
      `${one}: first`,
      `${two}: again`,
      `${one}: to the first`,
      `${two}: a note`,
    ]);
    expect(await thread(app, source.id)).toEqual([`${two}: again`, `${two}: a note`]);
  });

  it('pages over both with limit and with cursors, though messages have the same instant', async () => {
    const distinct_id = 'same-instant';
    const target = await createTicket(app, { distinct_id, message: 'a1' });
    const source = await createTicket(app, { distinct_id, message: 'b1' });
    for (const n of [2, 3]) {
      await customerWrites(app, target.id, `a${n}`);
      await customerWrites(app, source.id, `b${n}`);
    }
    await merge(app, source.id, { target: target.id });
    const whole = (await listMessages(app, target.id)).map(({ id }) => id);
    expect(new Set(whole).size).toBe(6);
    type PageOfIds = { next: string | null; previous: string | null; results: { id: string }[] };
    for (const start of ['limit=2', 'limit=2&cursor=']) {
      const seen: string[] = [];
      let last: PageOfIds | undefined;
      for (let link: string | null = ticketPath(target.id, `messages/?${start}`); link; ) {
        const url: URL = new URL(link, 'http://localhost');
        last = (await app.request<PageOfIds>('GET', url.pathname + url.search)).body;
        seen.push(...last.results.map(({ id }) => id));
        link = last.next;
      }
      expect(seen).toEqual(whole);
      const back = new URL(last?.previous ?? '', 'http://localhost');
      const before = (await app.request<PageOfIds>('GET', back.pathname + back.search)).body;
      expect(before.results.map(({ id }) => id)).toEqual(whole.slice(2, 4));
    }
  });

  it('what is written to the source afterwards goes to the target, and opens that', async () => {
    const { source, target } = await pair();
    await updateTicket(app, target.id, { status: 'pending' });
    await merge(app, source.id, { target: target.id });
    await customerWrites(app, source.id, 'still there?');
    const answer = await reply(app, source.id, 'yes');
    expect(answer).toMatchObject({ ticket_id: source.id, content: 'yes' });
    expect(await getTicket(app, target.id)).toMatchObject({
      status: 'open',
      message_count: 4,
      unread_team_count: 3,
      unread_customer_count: 1,
    });
    expect(await getTicket(app, source.id)).toMatchObject({ status: 'resolved', message_count: 1 });
    expect((await thread(app, target.id)).slice(2)).toEqual([
      `${source.ticket_number}: still there?`,
      `${source.ticket_number}: yes`,
    ]);
  });

  it('whatever writes to the source by other ways leaves the figures right', async () => {
    const { source, target } = await pair();
    await merge(app, source.id, { target: target.id });
    await addMessage(app, source.id, 'below the head', { author_type: 'support', is_private: false });
    expect(await getTicket(app, target.id)).toMatchObject({
      message_count: 3,
      last_message_text: 'below the head',
    });
    const body = { item_id: source.id, content: 'a comment', scope: 'conversations_ticket' };
    const comment = await app.request('POST', '/api/projects/1/comments/', { body });
    expect([comment.status, comment.body]).toMatchObject([201, { item_id: target.id }]);
    expect((await getTicket(app, target.id)).message_count).toBe(4);
  });

  it('messages come later than everything in both threads', async () => {
    const { source, target } = await pair();
    for (let n = 0; n < 5; n += 1) await customerWrites(app, source.id, `more ${n}`);
    await merge(app, source.id, { target: target.id });
    await reply(app, target.id, 'last');
    const times = (await listMessages(app, target.id)).map(({ created_at }) => created_at);
    expect(times).toEqual([...new Set(times)].sort());
    expect((await thread(app, target.id)).at(-1)).toBe(`${target.ticket_number}: last`);
  });

  it('leaves a message on either ticket: a note, or a reply where that is said', async () => {
    const { source, target } = await pair();
    const body = {
      target: target.id,
      source_message: { message: ' goes on in the other ', is_private: false },
      target_message: { message: 'took one in' },
    };
    expect((await merge(app, source.id, body)).status).toBe(200);
    const shown = (await listMessages(app, target.id)).map((message) => [
      message.content,
      message.is_private,
      message.ticket_number,
    ]);
    expect(shown.slice(2)).toEqual([
      ['goes on in the other', false, source.ticket_number],
      ['took one in', true, target.ticket_number],
    ]);
    expect(await eventNames(app, source.id)).toContain('tickets.reply');
    expect(await eventNames(app, target.id)).toContain('notes.create');
  });

  it('is told on both tickets and as one event', async () => {
    const { source, target } = await pair();
    await merge(app, source.id, { target: target.id });
    const refer = ({ id, ticket_number }: typeof source) => ({ id, ticket_number });
    expect((await activitiesOf(app, source.id)).map(({ activity }) => activity)).toEqual([
      'created',
      'updated',
      'assigned',
      'merged',
    ]);
    expect((await activitiesOf(app, source.id)).at(-1)?.detail.changes).toEqual([
      { type: 'Ticket', field: 'merged_into', action: 'created', after: refer(target) },
    ]);
    expect((await activitiesOf(app, target.id)).at(-1)).toMatchObject({
      activity: 'merged',
      detail: { changes: [{ field: 'merged_ticket', after: refer(source) }] },
    });
    const events = [...(await eventsOf(app, source.id)), ...(await eventsOf(app, target.id))];
    expect(events.filter(({ name }) => name === 'tickets.merge')).toMatchObject([
      {
        resource_id: source.id,
        payload: { target_id: target.id, target_ticket_number: target.ticket_number },
      },
    ]);
    expect(await eventNames(app, target.id)).toContain('tickets.update');
  });

  it('case I101: different customers need the flag', async () => {
    const [source, target] = [await createTicket(app), await createTicket(app)];
    const refused = await merge(app, source.id, { target: target.id });
    expect([refused.status, refused.body]).toMatchObject([
      400,
      { type: 'validation_error', code: 'different_customers', attr: 'allow_different_customers' },
    ]);
    expect((await getTicket(app, source.id)).version).toBe(1);
    expect((await merge(app, source.id, { target: target.id, ...ANY })).status).toBe(200);
  });

  it('two ids of one person are one customer', async () => {
    await addPerson(app, ['phone', 'laptop'], { name: 'Ann' });
    const source = await createTicket(app, { distinct_id: 'phone' });
    const target = await createTicket(app, { distinct_id: 'laptop' });
    expect((await merge(app, source.id, { target: target.id })).status).toBe(200);
    // What somebody typed proves nothing.
    const traits = { anonymous_traits: { email: 'ann@example.com' } };
    const [one, other] = [await createTicket(app, traits), await createTicket(app, traits)];
    expect((await merge(app, one.id, { target: other.id })).body.code).toBe('different_customers');
  });

  it('refuses the same ticket, a merged one, one that is merged itself, and what it cannot find', async () => {
    const { source, target } = await pair();
    const third = await createTicket(app);
    const gone = await createTicket(app);
    await app.request('DELETE', ticketPath(gone.id));
    const theirs = await app.request<{ id: string }>('POST', tenant.tickets, { key: tenant.key, body: {} });
    await merge(app, source.id, { target: target.id });
    const refusals = [
      [third.id, third.ticket_number, 400, 'same_ticket', 'target'],
      [source.id, third.id, 409, 'already_merged', null],
      [third.id, source.id, 409, 'target_merged', 'target'],
      // Would close a circle.
      [target.id, source.id, 409, 'target_merged', 'target'],
      [third.id, gone.id, 400, 'does_not_exist', 'target'],
      [third.id, theirs.body.id, 400, 'does_not_exist', 'target'],
      [third.id, 'nonsense', 400, 'does_not_exist', 'target'],
      [third.id, 2 ** 53, 400, 'does_not_exist', 'target'],
      [gone.id, third.id, 404, 'not_found', null],
      [theirs.body.id, third.id, 404, 'not_found', null],
    ] as const;
    for (const [from, to, status, code, attr] of refusals) {
      const answer = await merge(app, from, { target: to, ...ANY });
      expect([code, answer.status, answer.body]).toMatchObject([code, status, { code, attr }]);
    }
    expect((await merge(app, third.id, { target: { id: 1 } })).body).toMatchObject({ attr: 'target' });
  });

  it('merged tickets are merged on with the one they are in', async () => {
    const { source, target } = await pair();
    const end = await createTicket(app, { distinct_id: source.distinct_id, message: 'end' });
    await merge(app, source.id, { target: target.id });
    await merge(app, target.id, { target: end.id });
    expect(await getTicket(app, end.id)).toMatchObject({ message_count: 3, unread_team_count: 3 });
    await customerWrites(app, source.id, 'to the first');
    expect(await getTicket(app, end.id)).toMatchObject({ message_count: 4, unread_team_count: 4 });
    expect(await getTicket(app, target.id)).toMatchObject({ message_count: 2, unread_team_count: 0 });
    // Out of the middle: the message goes along with the ticket it was written to.
    await unmerge(app, source.id);
    expect(await getTicket(app, source.id)).toMatchObject({ message_count: 2, unread_team_count: 2 });
    expect(await getTicket(app, end.id)).toMatchObject({ message_count: 2, unread_team_count: 2 });
    expect(await thread(app, source.id)).toEqual([
      `${source.ticket_number}: again`,
      `${source.ticket_number}: to the first`,
    ]);
    await unmerge(app, target.id);
    expect(await getTicket(app, target.id)).toMatchObject({ message_count: 1, unread_team_count: 1 });
  });

  it('a merged ticket is deleted only once it stands for itself again', async () => {
    const { source, target } = await pair();
    await merge(app, source.id, { target: target.id });
    const refused = await app.request('DELETE', ticketPath(source.id));
    expect([refused.status, refused.body]).toMatchObject([409, { code: 'already_merged' }]);
    await unmerge(app, source.id);
    expect((await app.request('DELETE', ticketPath(source.id))).status).toBe(204);
  });

  it('deleting the target deletes the whole thread, and restoring brings it back', async () => {
    const { source, target } = await pair();
    await merge(app, source.id, { target: target.id });
    const before = [await state(app, source.id), await state(app, target.id)];
    expect((await app.request('DELETE', ticketPath(target.id))).status).toBe(204);
    for (const { id } of [source, target])
      expect((await app.request('GET', ticketPath(id))).status).toBe(404);
    expect(await eventNames(app, source.id)).toContain('tickets.delete');
    const part = await app.request('POST', ticketPath(source.id, 'restore/'));
    expect([part.status, part.body]).toMatchObject([409, { code: 'already_merged' }]);
    expect((await app.request('POST', ticketPath(target.id, 'restore/'))).status).toBe(200);
    expect([await state(app, source.id), await state(app, target.id)]).toEqual(before);
    const done = (await activitiesOf(app, source.id)).map(({ activity }) => activity);
    expect(done.slice(-2)).toEqual(['deleted', 'restored']);
    await unmerge(app, source.id);
    expect(await getTicket(app, source.id)).toMatchObject({ status: 'new', unread_team_count: 1 });
  });

  it('many are deleted as whole threads, and their undo restores them', async () => {
    const [{ source, target }, other] = [await pair(), await pair()];
    await merge(app, source.id, { target: target.id });
    await merge(app, other.source.id, { target: other.target.id });
    const send = (path: string, body: object) =>
      app.request<{ ids: string[]; skipped: object[]; undo: { id: string } }>('POST', `${TICKETS}${path}`, {
        body,
      });
    const ids = [source.id, target.id, other.source.id];
    const { body } = await send('bulk_update/', { ids, delete: true });
    expect(body).toMatchObject({
      ids: [source.id, target.id],
      skipped: [{ id: other.source.id, code: 'already_merged' }],
    });
    expect((await app.request('GET', ticketPath(source.id))).status).toBe(404);
    const undone = await send('bulk_update/undo/', { undo_id: body.undo.id });
    expect(undone.body).toMatchObject({ ids: [source.id, target.id], skipped: [] });
    expect((await getTicket(app, source.id)).merged_into_id).toBe(target.id);
    const { rows } = await sql<{ detail: object }>`
      select detail from audit_log where act = 'tickets.delete'
        and target ->> 'id' in (${source.id}, ${target.id})`.execute(app.database.kysely);
    const numbers = [target.ticket_number, source.ticket_number];
    expect(rows).toEqual([{ detail: { ticket_numbers: numbers } }]);
  });

  it('a thread is purged as a whole', async () => {
    const { source, target } = await pair();
    await merge(app, source.id, { target: target.id });
    await customerWrites(app, source.id, 'late');
    await app.request('DELETE', ticketPath(target.id));
    app.clock.advance(31 * 24 * 3_600_000);
    const run = <T>(work: (uow: Uow) => Promise<T>) => app.parley.unitOfWork.run(SYSTEM, work);
    await purge({ run, log: createLogger('fatal'), signal: new AbortController().signal });
    const left = app.database.kysely.selectFrom('messages').select('id');
    const of = await left.where('ticket_id', 'in', [source.id, target.id]).execute();
    expect(of).toEqual([]);
    for (const { id } of [source, target])
      expect((await app.request('POST', ticketPath(id, 'restore/'))).status).toBe(404);
  });

  it('a merged ticket keeps its status and snooze, whoever changes them', async () => {
    const { source, target } = await pair({ snoozed_until: '2036-05-01T00:00:00.000Z' });
    const ids = [source.id];
    const bulk = (path: string, body: object) =>
      app.request<{ updated: number; skipped: object[]; undo: { id: string } | null }>(
        'POST',
        `${TICKETS}${path}`,
        { body },
      );
    const { undo } = (await bulk('bulk_update/', { ids, status: 'resolved', snoozed_until: null })).body;
    await merge(app, source.id, { target: target.id });
    for (const body of [{ status: 'open' }, { snoozed_until: '2036-05-01T00:00:00.000Z' }]) {
      for (const method of ['PATCH', 'PUT'] as const) {
        const refused = await app.request(method, ticketPath(source.id), { body });
        expect([refused.status, refused.body]).toMatchObject([409, { code: 'already_merged' }]);
      }
      const { skipped } = (await bulk('bulk_update/', { ids, ...body })).body;
      expect(skipped).toMatchObject([{ id: source.id, code: 'already_merged' }]);
    }
    expect((await bulk('bulk_update_status/', { ids, status: 'open' })).body.updated).toBe(0);
    const undone = await bulk('bulk_update/undo/', { undo_id: undo?.id });
    expect(undone.body).toMatchObject({
      updated: 0,
      skipped: [{ id: source.id, code: 'changed', fields: ['status', 'snoozed_until'] }],
    });
    // However it came to be: the sweep leaves it alone.
    await app.database.kysely
      .updateTable('tickets')
      .set({ snoozed_until: new Date(app.clock.now().getTime() - 1000) })
      .where('id', '=', source.id)
      .execute();
    await app.parley.unitOfWork.run(SYSTEM, wakeSnoozedTickets);
    expect((await getTicket(app, source.id)).status).toBe('resolved');
    await app.database.kysely
      .updateTable('tickets')
      .set({ snoozed_until: null })
      .where('id', '=', source.id)
      .execute();
    const same = { status: 'resolved', snoozed_until: null, priority: 'high' };
    expect(await updateTicket(app, source.id, same)).toMatchObject({
      status: 'resolved',
      merged_into_id: target.id,
      priority: 'high',
    });
  });

  it('needs edit access and ticket:write', async () => {
    const { source, target } = await pair();
    expect((await merge(app, source.id, { target: target.id }, viewer)).status).toBe(403);
    const replier = await addAdminKey(app, ['ticket:reply', 'ticket:read']);
    expect((await merge(app, source.id, { target: target.id }, replier)).status).toBe(403);
    expect((await unmerge(app, source.id, viewer)).status).toBe(403);
  });

  it('takes a form, and the same Idempotency-Key once', async () => {
    const { source, target } = await pair();
    const form = `target=${target.ticket_number}&source_message={"message":"moved"}`;
    const send = () =>
      app.request('POST', ticketPath(source.id, 'merge/'), { form, headers: { 'idempotency-key': 'm' } });
    const [first, again] = [await send(), await send()];
    expect([first.status, again.status, again.body]).toEqual([200, 200, first.body]);
    expect(await thread(app, source.id)).toHaveLength(2);
  });
});

describe('tickets.unmerge', () => {
  it('case I102: both threads are as before', async () => {
    const { source, target } = await pair({
      status: 'pending',
      priority: 'high',
      snoozed_until: '2026-05-01T00:00:00.000Z',
      tags: ['a'],
    });
    await reply(app, source.id, 'note', { is_private: true });
    await reply(app, target.id, 'hello');
    const [before, other] = [await state(app, source.id), await state(app, target.id)];
    const unread = await unreadCount();
    const body = { target: target.id, source_message: { message: 'x' }, target_message: { message: 'y' } };
    await merge(app, source.id, body);
    app.clock.advance(23 * 3_600_000);
    const { status } = await unmerge(app, source.id);
    expect(status).toBe(200);
    expect(await state(app, source.id)).toEqual(before);
    expect(await state(app, target.id)).toEqual(other);
    expect(await unreadCount()).toBe(unread);
    expect([await links(source.id), await links(target.id)]).toEqual([[], []]);
    expect((await activitiesOf(app, target.id)).at(-1)?.activity).toBe('unmerged');
    expect(await eventNames(app, source.id)).toContain('tickets.unmerge');
    for (const { id } of [source, target])
      expect((await eventNames(app, id)).filter((name) => name === 'notes.delete')).toHaveLength(1);
    // And once more, with the same end.
    await merge(app, source.id, { target: target.id });
    await unmerge(app, source.id);
    expect(await state(app, source.id)).toEqual(before);
  });

  it('what was written meanwhile is where it belongs', async () => {
    const { source, target } = await pair();
    await merge(app, source.id, { target: target.id });
    await customerWrites(app, source.id, 'for the source');
    await customerWrites(app, target.id, 'for the target');
    await unmerge(app, source.id);
    expect((await thread(app, source.id)).at(-1)).toBe(`${source.ticket_number}: for the source`);
    expect((await thread(app, target.id)).at(-1)).toBe(`${target.ticket_number}: for the target`);
    expect(await getTicket(app, source.id)).toMatchObject({ message_count: 2, unread_team_count: 2 });
    expect(await getTicket(app, target.id)).toMatchObject({ message_count: 2, unread_team_count: 2 });
  });

  it('what the team and programs wrote to it meanwhile is its own again, unread for the customer', async () => {
    const { source, target } = await pair();
    await merge(app, source.id, { target: target.id });
    await reply(app, source.id, 'answer');
    const note = await reply(app, source.id, 'note', { is_private: true });
    await reply(app, target.id, 'other answer');
    const path = ticketPath(source.id, `notes/${note.id}/`);
    expect((await app.request('PATCH', path, { body: { message: 'note of it' } })).status).toBe(200);
    expect((await getTicket(app, target.id)).unread_customer_count).toBe(2);
    await unmerge(app, source.id);
    const [one, two] = [target.ticket_number, source.ticket_number];
    expect(await thread(app, source.id)).toEqual([`${two}: again`, `${two}: answer`, `${two}: note of it`]);
    expect((await thread(app, target.id)).slice(1)).toEqual([`${one}: other answer`]);
    expect(await getTicket(app, source.id)).toMatchObject({ message_count: 2, unread_customer_count: 1 });
    expect(await getTicket(app, target.id)).toMatchObject({ message_count: 2, unread_customer_count: 1 });
    expect(await wrongFigures(app)).toEqual([]);
  });

  it('what was read meanwhile stays read', async () => {
    const { source, target } = await pair();
    await merge(app, source.id, { target: target.id });
    await app.request('POST', ticketPath(target.id, 'read/'));
    await customerWrites(app, target.id, 'new');
    await unmerge(app, source.id);
    expect((await getTicket(app, source.id)).unread_team_count).toBe(0);
    expect((await getTicket(app, target.id)).unread_team_count).toBe(1);
  });

  it('a colleague’s later change of the source stays', async () => {
    const { source, target } = await pair();
    const ben = await addUser(app, 'ben@example.com');
    await merge(app, source.id, { target: target.id });
    await updateTicket(app, source.id, { assignee: { type: 'user', id: ben.id } });
    await unmerge(app, source.id);
    expect(await getTicket(app, source.id)).toMatchObject({ status: 'new', assignee: { id: ben.id } });
  });

  it('a former assignee who left is not assigned again', async () => {
    const cleo = await addUser(app, 'cleo@example.com');
    const { source, target } = await pair({ assignee: { type: 'user', id: cleo.id } });
    await merge(app, source.id, { target: target.id });
    await app.database.kysely.deleteFrom('memberships').where('user_id', '=', cleo.id).execute();
    await unmerge(app, source.id);
    expect(await getTicket(app, source.id)).toMatchObject({
      status: 'new',
      assignee: { id: await adminId(app) },
    });
  });

  it('answers 409 for a ticket that is not merged, and 404 for those of others', async () => {
    const { id } = await createTicket(app);
    expect(await unmerge(app, id)).toMatchObject({ status: 409, body: { code: 'not_merged' } });
    const theirs = await app.request<{ id: string }>('POST', tenant.tickets, { key: tenant.key, body: {} });
    expect((await unmerge(app, theirs.body.id)).status).toBe(404);
  });

  it('a note of the merged ticket can be edited from either of the two', async () => {
    const { source, target } = await pair();
    const note = await reply(app, source.id, 'note', { is_private: true });
    await merge(app, source.id, { target: target.id });
    for (const id of [source.id, target.id]) {
      const path = ticketPath(id, `notes/${note.id}/`);
      expect((await app.request('PATCH', path, { body: { message: `seen from ${id}` } })).status).toBe(200);
    }
    await unmerge(app, source.id);
    expect((await thread(app, source.id)).at(-1)).toBe(`${source.ticket_number}: seen from ${target.id}`);
  });
});
