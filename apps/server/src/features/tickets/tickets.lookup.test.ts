import type { Message } from '@parley/contract/messages';
import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPerson, addTenant, type Tenant, TICKETS, ticketPath } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { listTickets, type SeededTicket, seedTicket, seedTickets } from '../../testing/ticket-rows.ts';

let app: TestApp;
let other: Tenant;
let mine: SeededTicket;
let foreign: SeededTicket;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  other = await addTenant(app, 'other');
  await seedTickets(app, Array(6).fill({}));
  mine = await seedTicket(app);
  await seedTickets(app, Array(100).fill({}), other.projectId);
  // A number that exists over there alone.
  foreign = await seedTicket(app, {}, other.projectId);
});
afterAll(() => app.close());

describe('tickets.retrieve', () => {
  it('case 1: finds a ticket by its number', async () => {
    const { status, body } = await app.request<Ticket>('GET', ticketPath(7));
    expect([status, body.id, body.ticket_number]).toEqual([200, mine.id, 7]);
  });

  it('case 2: finds the same ticket by its uuid, in any case', async () => {
    for (const id of [mine.id, mine.id.toUpperCase()]) {
      const { status, body } = await app.request<Ticket>('GET', ticketPath(id));
      expect([status, body.id, body.ticket_number]).toEqual([200, mine.id, 7]);
    }
  });

  it('case 3: answers 404 to what can be neither', async () => {
    const refs = [
      'invalid',
      '0',
      '-7',
      '7.0',
      '07x',
      '99',
      '2147483648',
      '9'.repeat(40),
      '٧',
      '%00',
      '%27--',
    ];
    for (const ref of [...refs, '00000000-0000-7000-8000-000000000000']) {
      const { status, body } = await app.request('GET', ticketPath(ref));
      expect([ref, status]).toEqual([ref, 404]);
      expect(body).toMatchObject({ type: 'invalid_request', code: 'not_found', attr: null });
    }
  });

  it('case 57: a filter in the address of one ticket does nothing (decision 11)', async () => {
    const { id } = await seedTicket(app, { status: 'open' });
    const filters = 'status=resolved&search=nothing&tags=["x"]&view=nope&date_from=2999-01-01';
    const read = await app.request<Ticket>('GET', ticketPath(id, `?${filters}`));
    expect([read.status, read.body.id]).toEqual([200, id]);
    const write = await app.request<Ticket>('PATCH', ticketPath(id, '?status=resolved'), {
      body: { priority: 'low' },
    });
    expect([write.status, write.body.priority]).toEqual([200, 'low']);
  });

  it('case 7: a person of another project with the same distinct id is not shown', async () => {
    await addPerson(app, ['shared-id'], { name: 'Not Yours' }, other.projectId);
    const { id } = await seedTicket(app, { distinct_id: 'shared-id' });
    const retrieved = await app.request<Ticket>('GET', ticketPath(id));
    expect(retrieved.body.person).toBeNull();
    const { results } = await listTickets(app, { distinct_ids: 'shared-id' });
    expect(results.map((ticket) => [ticket.id, ticket.person])).toEqual([[id, null]]);
  });
});

describe('tickets.update', () => {
  it('case 4: changes a ticket by its number', async () => {
    const { status, body } = await app.request<Ticket>('PATCH', ticketPath(7), {
      body: { status: 'resolved' },
    });
    expect([status, body.id, body.status]).toEqual([200, mine.id, 'resolved']);
  });
});

describe('isolation', () => {
  it('case 5: a ticket of another project is a 404 for every operation, and stays as it was', async () => {
    const calls: [string, string, object?][] = [
      ['GET', ''],
      ['PATCH', '', { status: 'resolved' }],
      ['PUT', '', { status: 'resolved' }],
      ['DELETE', ''],
      ['POST', 'read/'],
      ['POST', 'restore/'],
      ['GET', 'messages/'],
      ['GET', 'activity/'],
      ['POST', 'reply/', { message: 'hello' }],
      ['POST', 'reply/', {}],
    ];
    for (const ref of [foreign.id, foreign.ticket_number]) {
      for (const [method, below, body] of calls) {
        const { status, body: answer } = await app.request(method, ticketPath(ref, below), { body });
        expect([method, below, status]).toEqual([method, below, 404]);
        expect(answer).toMatchObject({ code: 'not_found' });
      }
    }
    const own = await app.request<Ticket>('GET', `${other.tickets}${foreign.id}/`, { key: other.key });
    expect([own.status, own.body.version, own.body.status]).toEqual([200, 1, 'new']);
    const thread = await app.request<{ results: Message[] }>(
      'GET',
      `${other.tickets}${foreign.id}/messages/`,
      { key: other.key },
    );
    expect(thread.body.results).toEqual([]);
  });

  it('answers 404, not 403, to the project of somebody else', async () => {
    const { status } = await app.request('GET', other.tickets);
    expect(status).toBe(404);
  });
});

describe('tickets.list', () => {
  it('case 6: lists the tickets of its project alone', async () => {
    const fresh = await addTenant(app, 'fresh');
    const seeded = await seedTickets(app, [{}, {}], fresh.projectId);
    const { body } = await app.request<{ count: number; results: Ticket[] }>('GET', fresh.tickets, {
      key: fresh.key,
    });
    expect(body.count).toBe(2);
    expect(body.results.map(({ id }) => id).sort()).toEqual(seeded.map(({ id }) => id).sort());
  });

  it('answers without the trailing slash too', async () => {
    const { status } = await app.request('GET', TICKETS.slice(0, -1));
    expect(status).toBe(200);
  });
});
