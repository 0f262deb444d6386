import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  addKey,
  addRole,
  addUser,
  adminId,
  createTicket,
  customerWrites,
  eventNames,
  getTicket,
  reply,
  SYSTEM,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { listedNumbers, listTickets, matchingNumbers, seedMessage } from '../../testing/ticket-rows.ts';
import { wakeSnoozedTickets } from './tickets.wake.ts';

/** The acceptance cases of inbox.md that are about the server, in its words. Ana is the administrator. */
const MINUTE = 60_000;

let app: TestApp;
let ana: number;
let ben: { id: number; key: string };
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ana = await adminId(app);
  const { id } = await addUser(app, 'ben@example.com');
  ben = { id, key: await addKey(app, id) };
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.database.kysely.deleteFrom('tickets').execute();
});

const at = (ms: number) => new Date(app.clock.now().getTime() + ms).toISOString();
const numberOf = ({ ticket_number }: Ticket) => ticket_number;

describe('list and search', () => {
  it('I04: #12 and 12 find ticket 12 alone', async () => {
    const tickets = await Promise.all(
      [1, 2, 3].map(() => createTicket(app, { message: 'ticket 12 and 13' })),
    );
    for (const ticket of tickets)
      for (const search of [`#${numberOf(ticket)}`, `${numberOf(ticket)}`])
        expect(await listedNumbers(app, { search })).toEqual([numberOf(ticket)]);
  });

  it('I05: a word that only a message holds finds its ticket', async () => {
    await createTicket(app, { message: 'nothing' });
    const found = await createTicket(app, { email_subject: 'Hello', message: 'The flux capacitor broke' });
    await reply(app, found.id, 'Looking into it');
    expect(await listedNumbers(app, { search: 'capacitor' })).toEqual([numberOf(found)]);
  });

  it('I06: the sender of an e-mail ticket without traits finds it', async () => {
    const { id, ticket_number } = await createTicket(app);
    await createTicket(app);
    await app.database.kysely
      .updateTable('tickets')
      .set({ channel_source: 'email', email_from: 'Carla@Customer.example', anonymous_traits: '{}' })
      .where('project_id', '=', 1)
      .where('id', '=', id)
      .execute();
    expect(await listedNumbers(app, { search: 'carla@customer' })).toEqual([ticket_number]);
  });

  it('I09: tags match all of those named, or any', async () => {
    const made = [];
    for (const tags of [['a'], ['b'], ['a', 'b'], []]) made.push(numberOf(await createTicket(app, { tags })));
    expect(await matchingNumbers(app, { tags_all: '["a","b"]' })).toEqual([made[2]]);
    expect(await matchingNumbers(app, { tags: '["a","b"]' })).toEqual(made.slice(0, 3));
  });

  it('I10: an excluded tag outweighs an included one', async () => {
    const good = await createTicket(app, { tags: ['vip'] });
    await createTicket(app, { tags: ['vip', 'spam'] });
    expect(await listedNumbers(app, { tags: '["vip"]', tags_exclude: '["spam"]' })).toEqual([numberOf(good)]);
  });

  it('I11: me and unassigned list one’s own and nobody’s, for each who opens the address', async () => {
    const made = [];
    for (const assignee of [{ type: 'user', id: ana }, { type: 'user', id: ben.id }, null] as const)
      made.push(numberOf(await createTicket(app, { assignee })));
    const query = { assignee: 'me,unassigned' };
    expect(await matchingNumbers(app, query)).toEqual([made[0], made[2]]);
    expect(await matchingNumbers(app, query, ben.key)).toEqual([made[1], made[2]]);
  });

  it('I12, I13: deadlines are on track, at risk or breached; a resolved ticket is never breached', async () => {
    const made = [];
    for (const minutes of [120, 30, -10])
      made.push(await createTicket(app, { sla_due_at: at(minutes * MINUTE) }));
    const [onTrack, atRisk, breached] = made;
    const late = await createTicket(app, { sla_due_at: at(-10 * MINUTE) });
    await updateTicket(app, late.id, { status: 'resolved' });
    expect(await listTickets(app, { sla: 'on-track' })).toMatchObject({ results: [{ id: onTrack?.id }] });
    expect(await listTickets(app, { sla: 'at-risk' })).toMatchObject({ results: [{ id: atRisk?.id }] });
    expect(await listTickets(app, { sla: 'breached' })).toMatchObject({
      count: 1,
      results: [{ id: breached?.id }],
    });
  });

  it('I14: by deadline the soonest or the latest is first, those without one are last', async () => {
    const none = numberOf(await createTicket(app));
    const late = numberOf(await createTicket(app, { sla_due_at: at(60 * MINUTE) }));
    const soon = numberOf(await createTicket(app, { sla_due_at: at(MINUTE) }));
    expect(await listedNumbers(app, { order_by: 'sla_due_at' })).toEqual([soon, late, none]);
    expect(await listedNumbers(app, { order_by: '-sla_due_at' })).toEqual([late, soon, none]);
  });
});

describe('many at once', () => {
  it('I25: resolved in bulk, each with an entry by Ana', async () => {
    const ids = [];
    for (const status of ['new', 'open', 'pending'] as const)
      ids.push((await createTicket(app, { status })).id);
    const { body } = await app.request('POST', `${TICKETS}bulk_update_status/`, {
      body: { ids, status: 'resolved' },
    });
    expect(body).toMatchObject({ updated: 3 });
    for (const id of ids) {
      expect((await getTicket(app, id)).status).toBe('resolved');
      const entry = (await activitiesOf(app, id)).at(-1);
      expect(entry).toMatchObject({ activity: 'updated', actor: { actor_id: String(ana) } });
    }
  });

  it('I26: a tag added in bulk leaves the old ones', async () => {
    const ids = [];
    for (const tags of [['a'], [], ['b', 'new']]) ids.push((await createTicket(app, { tags })).id);
    await app.request('POST', `${TICKETS}bulk_update_tags/`, { body: { ids, action: 'add', tags: ['new'] } });
    const tags = [];
    for (const id of ids) tags.push((await getTicket(app, id)).tags);
    expect(tags).toEqual([['a', 'new'], ['new'], ['b', 'new']]);
  });

  it('I27: what may not be changed is named as skipped, and the others change', async () => {
    const ids = [
      (await createTicket(app)).id,
      (await createTicket(app)).id,
      '00000000-0000-4000-8000-000000000000',
    ];
    const { body } = await app.request('POST', `${TICKETS}bulk_update/`, {
      body: { ids, status: 'open' },
    });
    expect(body).toMatchObject({ updated: 2, skipped: [{ id: ids[2], code: 'not_found' }] });
  });
});

describe('a ticket', () => {
  it('I44: 350 messages are all reached in order, none twice', async () => {
    const { id } = await createTicket(app);
    for (let index = 0; index < 350; index += 1) await seedMessage(app, id, { content: `message ${index}` });
    const seen: string[] = [];
    for (let offset = 0; offset < 350; offset += 100) {
      const path = ticketPath(id, `messages/?limit=100&offset=${offset}`);
      const { body } = await app.request<{ count: number; results: { content: string }[] }>('GET', path);
      expect(body.count).toBe(350);
      seen.push(...body.results.map(({ content }) => content));
    }
    expect(seen).toEqual(Array.from({ length: 350 }, (_, index) => `message ${index}`));
  });

  it('I47: a tag added by a colleague survives a change of another field', async () => {
    const { id } = await createTicket(app, { tags: ['old'] });
    await app.request('PATCH', ticketPath(id), { body: { tags: ['old', 'x'] }, key: ben.key });
    expect(await updateTicket(app, id, { priority: 'high' })).toMatchObject({
      tags: ['old', 'x'],
      priority: 'high',
    });
  });

  it('I48: a cleared priority stays cleared', async () => {
    const { id } = await createTicket(app, { priority: 'high' });
    await updateTicket(app, id, { priority: null });
    expect((await getTicket(app, id)).priority).toBeNull();
  });

  it('I49: assigned to Ana with one entry; saving the same again writes none', async () => {
    const { id } = await createTicket(app);
    const assignee = { type: 'user', id: ana };
    expect((await updateTicket(app, id, { assignee })).assignee).toMatchObject(assignee);
    await updateTicket(app, id, { assignee });
    const entries = (await activitiesOf(app, id)).filter(({ activity }) => activity === 'assigned');
    expect(entries).toHaveLength(1);
  });

  it('I50: the name of a role shows in the list and in the ticket', async () => {
    const role = await addRole(app, 'Billing team');
    const { id } = await createTicket(app, { assignee: { type: 'role', id: role } });
    const assignee = { id: role, type: 'role', role: { name: 'Billing team' } };
    expect((await getTicket(app, id)).assignee).toMatchObject(assignee);
    expect((await listTickets(app)).results[0]?.assignee).toMatchObject(assignee);
  });

  it('I66: others’ notes, public replies and deleted notes cannot be edited, each with its own reason', async () => {
    const { id } = await createTicket(app);
    const write = async (body: object, key?: string) => {
      const options = { body, ...(key ? { key } : {}) };
      return (await app.request<{ id: string }>('POST', ticketPath(id, 'reply/'), options)).body.id;
    };
    const edit = async (note: string) => {
      const body = { message: 'changed' };
      const answer = await app.request<{ code?: string }>('PATCH', ticketPath(id, `notes/${note}/`), {
        body,
      });
      return [answer.status, answer.body.code];
    };
    expect(await edit(await write({ message: 'mine', is_private: true }, ben.key))).toEqual([
      403,
      'not_note_author',
    ]);
    expect(await edit(await write({ message: 'public' }))).toEqual([400, 'not_private_note']);
    const deleted = await write({ message: 'gone', is_private: true });
    await app.request('DELETE', ticketPath(id, `notes/${deleted}/`));
    expect(await edit(deleted)).toEqual([404, 'note_not_found']);
  });
});

describe('snoozing', () => {
  const wake = () => app.parley.unitOfWork.run(SYSTEM, wakeSnoozedTickets);

  it('I76, I77: snoozed it is on hold; when the time has passed, open, by the system', async () => {
    const { id } = await createTicket(app, { status: 'open' });
    const until = at(MINUTE);
    expect(await updateTicket(app, id, { snoozed_until: until })).toMatchObject({
      status: 'on_hold',
      snoozed_until: until,
    });
    expect(await wake()).toBe(0);
    app.clock.advance(2 * MINUTE);
    expect(await wake()).toBe(1);
    expect(await getTicket(app, id)).toMatchObject({ status: 'open', snoozed_until: null });
    const entry = (await activitiesOf(app, id)).at(-1);
    const fields = entry?.detail.changes.map(({ field }) => field);
    expect([fields?.toSorted(), entry?.actor]).toEqual([
      ['snoozed_until', 'status'],
      expect.objectContaining({ actor_type: 'system' }),
    ]);
  });

  it('I78: one that is open already only loses its snooze', async () => {
    const { id } = await createTicket(app, { status: 'open' });
    await updateTicket(app, id, { snoozed_until: at(MINUTE), status: 'open' });
    app.clock.advance(2 * MINUTE);
    await wake();
    expect(await getTicket(app, id)).toMatchObject({ status: 'open', snoozed_until: null });
    const changes = (await activitiesOf(app, id)).at(-1)?.detail.changes;
    expect(changes?.map(({ field }) => field)).toEqual(['snoozed_until']);
  });

  it('I79: removed by hand it is open, and history tells who did it', async () => {
    const { id } = await createTicket(app, { status: 'open' });
    await updateTicket(app, id, { snoozed_until: at(MINUTE) });
    expect(await updateTicket(app, id, { snoozed_until: null })).toMatchObject({ status: 'open' });
    expect((await activitiesOf(app, id)).at(-1)).toMatchObject({ actor: { actor_id: String(ana) } });
  });

  it('I80: the customer’s word wakes it at once', async () => {
    const { id } = await createTicket(app, { status: 'open' });
    await updateTicket(app, id, { snoozed_until: at(60 * MINUTE) });
    await customerWrites(app, id, 'It is urgent');
    expect(await getTicket(app, id)).toMatchObject({ status: 'open', snoozed_until: null });
  });
});

describe('what customers say', () => {
  it('I86: an answer opens a resolved ticket again, unread', async () => {
    const { id } = await createTicket(app);
    await updateTicket(app, id, { status: 'resolved' });
    await customerWrites(app, id, 'Still broken');
    expect(await getTicket(app, id)).toMatchObject({ status: 'open', unread_team_count: 1 });
  });

  it('I87: the badge counts unread messages, but not those of resolved tickets', async () => {
    const open = await createTicket(app);
    for (const text of ['one', 'two', 'three']) await customerWrites(app, open.id, text);
    const resolved = await createTicket(app);
    for (const text of ['one', 'two']) await customerWrites(app, resolved.id, text);
    await app.request('PATCH', ticketPath(resolved.id), { body: { status: 'resolved' } });
    const { body } = await app.request('GET', `${TICKETS}unread_count/`);
    expect(body).toEqual({ count: 3 });
  });

  it('I103: deleted and restored a ticket is whole', async () => {
    const { id } = await createTicket(app, { tags: ['a'], priority: 'high', message: 'hello' });
    await reply(app, id, 'an answer');
    const before = await getTicket(app, id);
    await app.request('DELETE', ticketPath(id));
    expect((await app.request('GET', ticketPath(id))).status).toBe(404);
    expect((await app.request('POST', ticketPath(id, 'restore/'))).status).toBe(200);
    const { version: _, updated_at: __, ...same } = before;
    expect(await getTicket(app, id)).toMatchObject(same);
    expect(await eventNames(app, id)).toEqual(expect.arrayContaining(['tickets.delete', 'tickets.restore']));
  });
});
