import type { Ticket, TicketCreate, Undo } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recountTickets } from '#features/ticket-counts/ticket-counts.recount.ts';
import {
  activitiesOf,
  addKey,
  addRole,
  addTenant,
  addUser,
  createTicket,
  eventNames,
  getTicket,
  SYSTEM,
  type Tenant,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
let tenant: Tenant;
let role: string;
let theirs: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  tenant = await addTenant(app, 'elsewhere');
  role = await addRole(app, 'Billing');
  const made = await app.request<{ id: string }>('POST', tenant.tickets, { key: tenant.key, body: {} });
  theirs = made.body.id;
});
afterAll(() => app.close());

interface Skipped {
  id: string;
  code: string;
  detail: string;
}
interface BulkAnswer {
  updated: number;
  ids: string[];
  skipped: Skipped[];
  undo: Undo | null;
  code?: string;
  attr?: string | null;
}
const bulk = (body: object, key?: string) =>
  app.request<BulkAnswer>('POST', `${TICKETS}bulk_update/`, { body, ...(key ? { key } : {}) });
const make = async (count: number, body: object = {}) => {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push((await createTicket(app, body)).id);
  return ids;
};
const UNKNOWN = '01900000-0000-7000-8000-000000000000';
const DETAIL = 'Not found or no edit access';

describe('tickets.bulk_update', () => {
  it('case I29: four of five are assigned to a role, the fifth is named with its reason', async () => {
    const ids = await make(5);
    const [failing = ''] = ids.splice(2, 1, UNKNOWN);
    const { status, body } = await bulk({ ids, assignee: { type: 'role', id: role } });
    const done = ids.filter((id) => id !== UNKNOWN);
    expect([status, body]).toMatchObject([
      200,
      {
        updated: 4,
        ids: done,
        skipped: [{ id: UNKNOWN, code: 'not_found', detail: DETAIL }],
        undo: { expires_at: '2026-03-03T10:00:00.000Z' },
      },
    ]);
    for (const id of done) expect(await getTicket(app, id)).toMatchObject({ assignee: { id: role } });
    expect((await getTicket(app, failing)).assignee).toBeNull();
    const undone = await app.request<BulkAnswer>('POST', `${TICKETS}bulk_update/undo/`, {
      body: { undo_id: body.undo?.id },
    });
    expect(undone.body).toEqual({ updated: 4, ids: done, skipped: [] });
    for (const id of done) expect((await getTicket(app, id)).assignee).toBeNull();
  });

  it('changes several fields by the rules of tickets.update', async () => {
    const [plain = '', snoozed = ''] = [
      ...(await make(1, { tags: ['a'] })),
      ...(await make(1, { snoozed_until: '2026-04-01T00:00:00Z' })),
    ];
    const until = '2026-05-01T00:00:00.000Z';
    await bulk({ ids: [plain, snoozed], snoozed_until: until, priority: 'high', tags: ['B', 'b'] });
    expect(await getTicket(app, plain)).toMatchObject({
      status: 'on_hold',
      snoozed_until: until,
      priority: 'high',
      tags: ['a', 'b'],
    });
    await updateTicket(app, snoozed, { status: 'pending' });
    await bulk({ ids: [plain, snoozed], snoozed_until: null, tags: ['a'], tags_mode: 'remove' });
    for (const id of [plain, snoozed]) expect((await getTicket(app, id)).status).toBe('open');
    await bulk({ ids: [plain], snoozed_until: until, status: 'pending', tags: [], tags_mode: 'set' });
    expect(await getTicket(app, plain)).toMatchObject({ status: 'pending', tags: [] });
    await bulk({ ids: [plain], priority: '', assignee: null });
    expect((await getTicket(app, plain)).priority).toBeNull();
  });

  it('is told on every changed ticket, and says which are so already', async () => {
    const [fresh = '', done = ''] = [...(await make(1)), ...(await make(1, { status: 'resolved' }))];
    const { body } = await bulk({ ids: [done, fresh], status: 'resolved' });
    expect(body).toMatchObject({ ids: [fresh], skipped: [{ id: done, code: 'unchanged' }] });
    expect((await activitiesOf(app, fresh)).at(-1)?.detail.changes).toMatchObject([
      { field: 'status', before: 'new', after: 'resolved' },
    ]);
    expect(await eventNames(app, fresh)).toEqual([
      'tickets.create',
      'tickets.update',
      'tickets.change_status',
    ]);
    expect((await getTicket(app, done)).version).toBe(1);
    expect((await bulk({ ids: [done], status: 'resolved' })).body).toMatchObject({ updated: 0, undo: null });
  });

  it('foreign, unknown and deleted tickets are skipped alike; one that has too many tags too', async () => {
    const tags = Array.from({ length: 100 }, (_, n) => `t${n}`);
    const [few = '', gone = '', full = ''] = [...(await make(2)), ...(await make(1, { tags }))];
    await app.request('DELETE', ticketPath(gone));
    const { body } = await bulk({ ids: [theirs, full, few, UNKNOWN, gone], tags: ['new'] });
    expect(body.ids).toEqual([few]);
    expect(body.skipped.map(({ id, code }) => [id, code])).toEqual([
      [theirs, 'not_found'],
      [full, 'max_length'],
      [UNKNOWN, 'not_found'],
      [gone, 'not_found'],
    ]);
    expect(new Set(body.skipped.filter(({ id }) => id !== full).map(({ detail }) => detail))).toEqual(
      new Set([DETAIL]),
    );
    const seen = await app.request<Ticket>('GET', `${tenant.tickets}${theirs}/`, { key: tenant.key });
    expect(seen.body.tags).toEqual([]);
  });

  it('deletes; a merged ticket is skipped', async () => {
    const ids = await make(3, { distinct_id: 'ann' });
    await bulk({ ids: [ids[0]], merge_into: ids[2] });
    const { body } = await bulk({ ids: ids.slice(0, 2), delete: true });
    expect(body).toMatchObject({ ids: [ids[1]], skipped: [{ id: ids[0], code: 'already_merged' }] });
    expect((await app.request('GET', ticketPath(ids[1] ?? ''))).status).toBe(404);
    expect((await eventNames(app, ids[1] ?? '')).at(-1)).toBe('tickets.delete');
  });

  describe('and its undo', () => {
    const undo = (undo_id: string | undefined) =>
      app.request<BulkAnswer>('POST', `${TICKETS}bulk_update/undo/`, { body: { undo_id } });
    const count = async (work: () => Promise<unknown>) => {
      const before = app.statements.length;
      await work();
      return app.statements.length - before;
    };
    /** Of the action, and of taking it back. */
    const statements = async (ids: string[], path: string, body: object) => {
      let undo_id: string | undefined;
      const done = await count(async () => {
        const answer = await app.request<BulkAnswer>('POST', `${TICKETS}${path}/`, {
          body: { ids, ...body },
        });
        undo_id = answer.body.undo?.id;
      });
      return [done, await count(() => undo(undo_id))];
    };

    it.each([
      ['bulk_update', { status: 'resolved', tags: ['y'], assignee: null }],
      ['bulk_update', { delete: true }],
      ['bulk_update_tags', { action: 'add', tags: ['y'] }],
      ['bulk_update_status', { status: 'pending' }],
    ])('%s %j: take as many statements for many tickets as for few', async (path, body) => {
      const alike = (many: number) => make(many, { assignee: { type: 'role', id: role }, tags: ['x'] });
      const few = await statements(await alike(3), path, body);
      expect(await statements(await alike(12), path, body)).toEqual(few);
    });

    /** No two have the same fields. */
    const different = async (many: number) => {
      const ids: string[] = [];
      for (let n = 0; n < many; n += 1) {
        const fields = {
          status: ['new', 'open', 'pending', 'resolved'][n % 4],
          priority: ['low', 'high', null][n % 3],
          tags: [`t${n}`, 'quo"te', 'back\\slash', 'ümlaut'],
          ...(n % 2 === 0 ? { snoozed_until: `2026-05-0${1 + (n % 9)}T00:00:00.000Z` } : {}),
          ...(n % 5 === 0 ? { assignee: { type: 'role', id: role } } : {}),
        } as TicketCreate;
        ids.push((await createTicket(app, fields)).id);
      }
      return ids;
    };

    it('take one statement for tickets of which each changes in its own way', async () => {
      const body = { tags: ['y'], snoozed_until: null, priority: 'high', assignee: null };
      const few = await statements(await different(3), 'bulk_update', body);
      expect(await statements(await different(15), 'bulk_update', body)).toEqual(few);
    });

    it('change each in its own way and back', async () => {
      const ids = await different(12);
      const state = () =>
        Promise.all(
          ids.map(async (id) => {
            const { version: _version, updated_at: _updated, ...ticket } = await getTicket(app, id);
            return ticket;
          }),
        );
      const before = await state();
      const { body } = await bulk({
        ids,
        tags: ['y'],
        snoozed_until: null,
        priority: 'high',
        assignee: null,
      });
      expect(body).toMatchObject({ updated: 12, skipped: [] });
      for (const [n, ticket] of (await state()).entries()) {
        const was = before[n];
        expect(ticket).toEqual({
          ...was,
          tags: [...(was?.tags ?? []), 'y'].sort(),
          priority: 'high',
          assignee: null,
          snoozed_until: null,
          status: was?.snoozed_until ? 'open' : was?.status,
        });
      }
      expect((await undo(body.undo?.id)).body).toMatchObject({ updated: 12, skipped: [] });
      expect(await state()).toEqual(before);
      expect(await app.parley.unitOfWork.run(SYSTEM, (uow) => recountTickets(uow, 1))).toBe(0);
    });
  });

  it('merges into one; each that cannot be is skipped with the code of its error', async () => {
    const [a = '', b = '', target = ''] = await make(3, { distinct_id: 'bob', message: 'hi' });
    const [other = ''] = await make(1, { message: 'hi' });
    const ids = [a, target, other, UNKNOWN, b];
    const { body } = await bulk({ ids, merge_into: target });
    expect(body.ids).toEqual([a, b]);
    expect(body.skipped.map(({ id, code }) => [id, code])).toEqual([
      [target, 'same_ticket'],
      [other, 'different_customers'],
      [UNKNOWN, 'not_found'],
    ]);
    expect((await getTicket(app, target)).message_count).toBe(3);
    const all = await bulk({ ids: [a, other], merge_into: target, allow_different_customers: true });
    expect(all.body).toMatchObject({ ids: [other], skipped: [{ id: a, code: 'already_merged' }] });
  });

  it.each([
    [{ status: 'bogus' }, 'invalid_choice', 'status'],
    [{ priority: 'urgent' }, 'invalid_choice', 'priority'],
    [{ assignee: { type: 'user', id: 2_000_000_000 } }, 'invalid_input', 'assignee'],
    [{ snoozed_until: 'tomorrow' }, 'invalid_input', 'snoozed_until'],
    [{ tags: [] }, 'empty', 'tags'],
    [{ tags: ['a'], tags_mode: 'replace' }, 'invalid_choice', 'tags_mode'],
    [{ tags_mode: 'set' }, 'required', 'tags'],
    [{ delete: false }, 'invalid_choice', 'delete'],
    [{ delete: true, status: 'open' }, 'invalid_input', 'delete'],
    [{ merge_into: UNKNOWN, status: 'open' }, 'invalid_input', 'merge_into'],
    [{ merge_into: UNKNOWN }, 'does_not_exist', 'merge_into'],
    [{ merge_into: '7' }, 'invalid_input', 'merge_into'],
    [{}, 'required', null],
  ])('refuses %j as a whole', async (change, code, attr) => {
    const [id = ''] = await make(1);
    const refused = await bulk({ ids: [id], ...change });
    expect([refused.status, refused.body]).toMatchObject([400, { code, attr }]);
    expect((await getTicket(app, id)).version).toBe(1);
  });

  it('takes 1 to 500 ids, and a form', async () => {
    expect((await bulk({ ids: [], status: 'open' })).body).toMatchObject({ code: 'empty', attr: 'ids' });
    const many = Array(501).fill(UNKNOWN);
    expect((await bulk({ ids: many, status: 'open' })).body).toMatchObject({
      code: 'max_length',
      attr: 'ids',
    });
    const [id = ''] = await make(1);
    const form = `ids=${id}&priority=low&assignee={"type":"role","id":"${role}"}`;
    const answer = await app.request<BulkAnswer>('POST', `${TICKETS}bulk_update/`, { form });
    expect(answer.body.ids).toEqual([id]);
  });

  it('needs edit access', async () => {
    const [id = ''] = await make(1);
    const viewer = await addUser(app, 'viewer@example.com', { access: 'viewer' });
    expect((await bulk({ ids: [id], status: 'open' }, await addKey(app, viewer.id))).status).toBe(403);
  });

  it('the same Idempotency-Key acts once', async () => {
    const ids = await make(2, { distinct_id: 'cleo' });
    const body = { ids: [ids[0]], merge_into: ids[1] };
    const send = () =>
      app.request<BulkAnswer>('POST', `${TICKETS}bulk_update/`, {
        body,
        headers: { 'idempotency-key': 'b' },
      });
    const [first, again] = [await send(), await send()];
    expect(again.body).toEqual(first.body);
    expect(first.body.updated).toBe(1);
  });
});
