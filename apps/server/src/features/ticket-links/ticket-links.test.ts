import { type TicketLink, ticketLinks } from '@parley/contract/ticket-links';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#platform/ids.ts';
import {
  activitiesOf,
  addKey,
  addTenant,
  addUser,
  adminId,
  createTicket,
  eventsOf,
  type Tenant,
  ticketPath,
} from '../../testing/fixtures.ts';
import { shapeErrors } from '../../testing/shape.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedTickets } from '../../testing/ticket-rows.ts';

let app: TestApp;
let tenant: Tenant;
let viewer: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  tenant = await addTenant(app, 'elsewhere');
  viewer = await addKey(app, (await addUser(app, 'viewer@example.com', { access: 'viewer' })).id);
});
afterAll(() => app.close());

type LinkAnswer = TicketLink & { code?: string; attr?: string };
const link = (id: string, ticket: unknown, kind: unknown, key?: string) =>
  app.request<LinkAnswer>('POST', ticketPath(id, 'links/'), {
    body: { ticket, kind },
    ...(key ? { key } : {}),
  });
const list = async (id: string) =>
  (await app.request<{ count: number; results: TicketLink[] }>('GET', ticketPath(id, 'links/'))).body;
const unlink = (id: string, linkId: string, key?: string) =>
  app.request('DELETE', ticketPath(id, `links/${linkId}/`), key ? { key } : {});
const seen = async (id: string) =>
  (await list(id)).results.map(({ kind, direction, ticket }) => [kind, direction, ticket.id]);

describe('ticket_links', () => {
  it('are seen from both tickets', async () => {
    const [a, b] = [await createTicket(app, { message: 'hello' }), await createTicket(app)];
    const { status, body } = await link(a.id, b.ticket_number, 'related');
    expect([status, body]).toMatchObject([
      201,
      { kind: 'related', direction: 'outgoing', ticket: { id: b.id }, created_by: await adminId(app) },
    ]);
    const there = await list(b.id);
    expect(there).toMatchObject({
      count: 1,
      results: [{ id: body.id, kind: 'related', direction: 'incoming' }],
    });
    expect(there.results[0]?.ticket).toEqual({
      id: a.id,
      ticket_number: a.ticket_number,
      status: 'new',
      priority: null,
      channel_source: 'widget',
      email_subject: null,
      last_message_at: '2026-03-02T10:00:00.000Z',
      last_message_text: 'hello',
    });
    const page = { ...there, count_capped: true };
    expect(shapeErrors(ticketLinks.list.responses[200], page)).toEqual([]);
  });

  it('a parent is a child from the other side', async () => {
    const [parent, child, other] = [
      await createTicket(app),
      await createTicket(app),
      await createTicket(app),
    ];
    await link(child.id, parent.id, 'parent');
    await link(parent.id, other.id, 'child');
    expect(await seen(child.id)).toEqual([['parent', 'outgoing', parent.id]]);
    expect((await seen(parent.id)).toSorted()).toEqual(
      [
        ['child', 'incoming', child.id],
        ['child', 'incoming', other.id],
      ].toSorted(),
    );
  });

  it('a ticket has one parent, and nothing is above itself', async () => {
    const [a, b, c] = [await createTicket(app), await createTicket(app), await createTicket(app)];
    await link(a.id, b.id, 'parent');
    await link(b.id, c.id, 'parent');
    for (const [id, other, kind] of [
      [a.id, c.id, 'parent'],
      [c.id, a.id, 'parent'],
      [a.id, c.id, 'child'],
    ] as const) {
      const refused = await link(id, other, kind);
      expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
    }
  });

  it('parents set at once close no circle', async () => {
    const ring = await Promise.all([1, 2, 3].map(() => createTicket(app)));
    const answers = await Promise.all(ring.map(({ id }, n) => link(id, ring[(n + 1) % 3]?.id, 'parent')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409]);
  });

  it('not twice, in neither direction, but in several kinds', async () => {
    const [a, b] = [await createTicket(app), await createTicket(app)];
    const both = await Promise.all([link(a.id, b.id, 'related'), link(b.id, a.id, 'related')]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 400]);
    expect(both.find(({ status }) => status === 400)?.body).toMatchObject({ code: 'unique', attr: 'ticket' });
    for (const kind of ['duplicate', 'follow_up', 'maybe_related'])
      expect((await link(a.id, b.id, kind)).status).toBe(201);
    expect((await list(a.id)).count).toBe(4);
  });

  it('are told on both tickets, made and removed', async () => {
    const [a, b] = [await createTicket(app), await createTicket(app)];
    const { body } = await link(a.id, b.id, 'parent');
    expect((await unlink(b.id, body.id)).status).toBe(204);
    expect((await list(a.id)).results).toEqual([]);
    const told = async (id: string) =>
      (await activitiesOf(app, id)).slice(1).map(({ activity, detail }) => [activity, detail.changes]);
    const other = { id: a.id, ticket_number: a.ticket_number, kind: 'child' };
    expect(await told(b.id)).toEqual([
      ['linked', [{ type: 'Ticket', field: 'link', action: 'created', after: other }]],
      ['unlinked', [{ type: 'Ticket', field: 'link', action: 'deleted', before: other }]],
    ]);
    const events = (await eventsOf(app, a.id)).slice(1);
    expect(events).toMatchObject([
      { name: 'ticket_links.create', resource_id: body.id, payload: { kind: 'parent' } },
      { name: 'ticket_links.delete', payload: { linked_ticket_id: b.id } },
    ]);
  });

  it('refuses itself, what it cannot find and kinds that come with an operation', async () => {
    const { id, ticket_number } = await createTicket(app);
    const gone = await createTicket(app);
    await app.request('DELETE', ticketPath(gone.id));
    const theirs = await app.request<{ id: string }>('POST', tenant.tickets, { key: tenant.key, body: {} });
    const other = await createTicket(app);
    for (const [ticket, kind, code, attr] of [
      [ticket_number, 'related', 'same_ticket', 'ticket'],
      [gone.id, 'related', 'does_not_exist', 'ticket'],
      [theirs.body.id, 'related', 'does_not_exist', 'ticket'],
      ['x'.repeat(5000), 'related', 'does_not_exist', 'ticket'],
      [-1, 'related', 'does_not_exist', 'ticket'],
      [other.id, 'merged', 'invalid_choice', 'kind'],
      [other.id, null, 'null', 'kind'],
      [undefined, 'related', 'required', 'ticket'],
    ] as const) {
      const refused = await link(id, ticket, kind);
      expect([code, refused.status, refused.body]).toMatchObject([code, 400, { code, attr }]);
    }
    expect((await link(theirs.body.id, id, 'related')).status).toBe(404);
  });

  it('hide what is deleted and come back with it', async () => {
    const [a, b] = [await createTicket(app), await createTicket(app)];
    await link(a.id, b.id, 'related');
    await app.request('DELETE', ticketPath(b.id));
    expect((await list(a.id)).count).toBe(0);
    await app.request('POST', ticketPath(b.id, 'restore/'));
    expect((await list(a.id)).count).toBe(1);
  });

  it('the link of a merge goes with the merge only', async () => {
    const distinct_id = 'ann';
    const [a, b] = [await createTicket(app, { distinct_id }), await createTicket(app, { distinct_id })];
    await app.request('POST', ticketPath(a.id, 'merge/'), { body: { target: b.id } });
    const merged = (await list(b.id)).results[0];
    expect(merged?.kind).toBe('merged');
    expect((await unlink(b.id, merged?.id ?? '')).status).toBe(409);
  });

  it('are made by editors and read by viewers; each belongs to its tickets', async () => {
    const [a, b, c] = [await createTicket(app), await createTicket(app), await createTicket(app)];
    expect((await link(a.id, b.id, 'related', viewer)).status).toBe(403);
    const { body } = await link(a.id, b.id, 'related');
    expect((await app.request('GET', ticketPath(a.id, 'links/'), { key: viewer })).status).toBe(200);
    expect((await unlink(a.id, body.id, viewer)).status).toBe(403);
    expect((await unlink(c.id, body.id)).status).toBe(404);
    expect((await unlink(a.id, 'nonsense')).status).toBe(404);
    expect((await unlink(a.id, body.id)).status).toBe(204);
    expect((await unlink(a.id, body.id)).status).toBe(404);
  });

  it('at most 200 on one ticket', async () => {
    const { id } = await createTicket(app);
    const others = await seedTickets(app, Array(199).fill({}));
    const row = { project_id: 1, ticket_id: id, kind: 'related' as const, created_at: app.clock.now() };
    await app.database.kysely
      .insertInto('ticket_links')
      .values(others.map((other) => ({ ...row, id: newId(), linked_ticket_id: other.id })))
      .execute();
    expect((await link(id, (await createTicket(app)).id, 'related')).status).toBe(201);
    const refused = await link(id, (await createTicket(app)).id, 'related');
    expect([refused.status, refused.body]).toMatchObject([400, { code: 'max_length', attr: 'ticket' }]);
    const page = await app.request<{ count: number; next: string; results: object[] }>(
      'GET',
      ticketPath(id, 'links/?limit=50'),
    );
    expect([page.body.count, page.body.results.length]).toEqual([200, 50]);
    expect(page.body.next).toContain('offset=50');
  });
});
