import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  createTicket,
  eventsOf,
  getTicket,
  SYSTEM,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { wakeSnoozedTickets } from './tickets.wake.ts';

const HOUR = 3_600_000;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.database.kysely.updateTable('tickets').set({ snoozed_until: null }).execute();
});

const inHours = (hours: number) => new Date(app.clock.now().getTime() + hours * HOUR).toISOString();
const wake = () => app.parley.unitOfWork.run(SYSTEM, wakeSnoozedTickets);

describe('tickets.update: snoozing', () => {
  it('case 70: a snooze puts a new ticket on hold, in one entry with both changes', async () => {
    const { id } = await createTicket(app);
    const snoozed_until = inHours(2);
    expect(await updateTicket(app, id, { snoozed_until })).toMatchObject({
      status: 'on_hold',
      snoozed_until,
    });
    const [, ...updates] = await activitiesOf(app, id);
    expect(updates.map(({ detail }) => detail.changes)).toEqual([
      [
        { type: 'Ticket', field: 'status', before: 'new', after: 'on_hold', action: 'changed' },
        { type: 'Ticket', field: 'snoozed_until', before: null, after: snoozed_until, action: 'changed' },
      ],
    ]);
  });

  it('case 71: null opens a snoozed ticket', async () => {
    const { id } = await createTicket(app, { snoozed_until: inHours(2) });
    expect((await getTicket(app, id)).status).toBe('on_hold');
    expect(await updateTicket(app, id, { snoozed_until: null })).toMatchObject({
      status: 'open',
      snoozed_until: null,
    });
  });

  it('case 72: a status in the same request wins over the snooze', async () => {
    const { id } = await createTicket(app);
    const snoozed_until = inHours(2);
    const after = await updateTicket(app, id, { snoozed_until, status: 'pending' });
    expect(after).toMatchObject({ status: 'pending', snoozed_until });
  });

  it('case 73: a status in the same request wins over the end of a snooze', async () => {
    const { id } = await createTicket(app, { snoozed_until: inHours(2) });
    const after = await updateTicket(app, id, { snoozed_until: null, status: 'resolved' });
    expect(after).toMatchObject({ status: 'resolved', snoozed_until: null });
  });

  it('moving a snooze leaves the status alone, and so does clearing none', async () => {
    const { id } = await createTicket(app, { snoozed_until: inHours(2), status: 'pending' });
    expect((await updateTicket(app, id, { snoozed_until: inHours(3) })).status).toBe('pending');
    const never = await createTicket(app, { status: 'pending' });
    expect((await updateTicket(app, never.id, { snoozed_until: null })).status).toBe('pending');
  });

  it('refuses what is no instant', async () => {
    const before = await createTicket(app);
    for (const snoozed_until of ['tomorrow', '', '2026-02-30T00:00:00Z', '+010000-01-01T00:00:00Z']) {
      const response = await app.request('PATCH', ticketPath(before.id), { body: { snoozed_until } });
      expect(response.body).toMatchObject({ code: 'invalid_input', attr: 'snoozed_until' });
    }
    expect(await getTicket(app, before.id)).toEqual(before);
  });
});

describe('tickets.wake', () => {
  it('case 154: opens a ticket whose snooze has passed, once, by the system', async () => {
    const { id } = await createTicket(app, { snoozed_until: inHours(1) });
    app.clock.advance(HOUR);
    expect(await wake()).toBe(1);
    expect(await wake()).toBe(0);
    expect(await getTicket(app, id)).toMatchObject({ status: 'open', snoozed_until: null, version: 2 });
    const events = (await eventsOf(app, id)).filter(({ name }) => name === 'tickets.change_status');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      actor: { actor_type: 'system', actor_id: null, actor_email: null },
      payload: { old_status: 'on_hold', new_status: 'open' },
    });
    const [, woken] = await activitiesOf(app, id);
    expect(woken).toMatchObject({ activity: 'updated', actor: { actor_type: 'system', actor_id: null } });
    expect(woken?.detail.changes.map(({ field }) => field)).toEqual(['status', 'snoozed_until']);
  });

  it('case 155: leaves a future snooze and an on_hold ticket without one alone', async () => {
    const future = await createTicket(app, { snoozed_until: inHours(1) });
    const held = await createTicket(app, { status: 'on_hold' });
    app.clock.advance(HOUR - 1);
    expect(await wake()).toBe(0);
    expect(await getTicket(app, future.id)).toEqual(future);
    expect(await getTicket(app, held.id)).toEqual(held);
  });

  it('case 156: a resolved ticket stays resolved, every other becomes open', async () => {
    const snoozed_until = inHours(1);
    const statuses = ['resolved', 'new', 'pending', 'on_hold', 'open'] as const;
    const tickets = await Promise.all(statuses.map((status) => createTicket(app, { status, snoozed_until })));
    app.clock.advance(2 * HOUR);
    expect(await wake()).toBe(5);
    const after = await Promise.all(tickets.map(({ id }) => getTicket(app, id)));
    expect(after.map(({ status }) => status)).toEqual(['resolved', 'open', 'open', 'open', 'open']);
    expect(after.every((ticket) => ticket.snoozed_until === null)).toBe(true);
  });

  it('leaves deleted tickets asleep until they are restored', async () => {
    const { id } = await createTicket(app, { snoozed_until: inHours(1) });
    await app.request('DELETE', ticketPath(id));
    app.clock.advance(2 * HOUR);
    expect(await wake()).toBe(0);
    await app.request('POST', ticketPath(id, 'restore/'));
    expect(await wake()).toBe(1);
    expect((await getTicket(app, id)).status).toBe('open');
  });

  it('takes more than one batch, and nodes that wake at once do not wake twice', async () => {
    const snoozed_until = inHours(1);
    const made = [];
    for (let n = 0; n < 105; n += 1) made.push(await createTicket(app, { snoozed_until }));
    app.clock.advance(2 * HOUR);
    const passes = await Promise.all([wake(), wake(), wake()]);
    let woken = passes.reduce((sum, n) => sum + n, 0);
    for (let last = 1; last > 0; woken += last) last = await wake();
    expect(woken).toBe(105);
    const versions = await Promise.all(made.map(async ({ id }) => (await getTicket(app, id)).version));
    expect(new Set(versions)).toEqual(new Set([2]));
  });
});
