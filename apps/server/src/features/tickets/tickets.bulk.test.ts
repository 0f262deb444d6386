import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  activitiesOf,
  addTenant,
  createTicket,
  eventNames,
  getTicket,
  type Tenant,
  TICKETS,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
let tenant: Tenant;
let foreignId: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  tenant = await addTenant(app, 'elsewhere');
  const made = await app.request<{ id: string }>('POST', tenant.tickets, {
    key: tenant.key,
    body: { tags: ['theirs'] },
  });
  foreignId = made.body.id;
});
afterAll(() => app.close());
afterEach(() => vi.restoreAllMocks());

const UNKNOWN = '01900000-0000-7000-8000-000000000000';
const SKIPPED = 'Not found or no edit access';

const bulkStatus = (body: unknown) =>
  app.request<{ updated: number; ids: string[]; undo: object | null }>(
    'POST',
    `${TICKETS}bulk_update_status/`,
    { body },
  );
const bulkTags = (body: unknown) =>
  app.request<{ updated: { id: string; tags: string[] }[]; skipped: { id: string; reason: string }[] }>(
    'POST',
    `${TICKETS}bulk_update_tags/`,
    { body },
  );
const makeIds = async (count: number, body = {}) => {
  const ids = [];
  for (let n = 0; n < count; n += 1) ids.push((await createTicket(app, body)).id);
  return ids;
};
const foreign = () => app.request('GET', `${tenant.tickets}${foreignId}/`, { key: tenant.key });
const manyIds = (count: number) =>
  Array.from({ length: count }, (_, n) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`);

describe('tickets.bulk_update_status', () => {
  it('case 80: sets the status of all and answers their ids', async () => {
    const ids = await makeIds(3);
    const { status, body } = await bulkStatus({ ids, status: 'open' });
    expect(status).toBe(200);
    expect(body.updated).toBe(3);
    expect(body.ids.toSorted()).toEqual(ids.toSorted());
    for (const id of ids) expect(await getTicket(app, id)).toMatchObject({ status: 'open', version: 2 });
  });

  it('case 81: one that has the status already is left out and untouched', async () => {
    const ids = await makeIds(2);
    const already = await createTicket(app, { status: 'open' });
    const { body } = await bulkStatus({ ids: [...ids, already.id], status: 'open' });
    expect(body.updated).toBe(2);
    expect(body.ids).not.toContain(already.id);
    expect(await getTicket(app, already.id)).toEqual(already);
  });

  it('case 82: a foreign, an unknown and a deleted ticket are skipped in silence', async () => {
    const before = await foreign();
    const [mine, deleted] = await makeIds(2);
    await app.request('DELETE', `${TICKETS}${deleted}/`);
    const { status, body } = await bulkStatus({
      ids: [foreignId, UNKNOWN, deleted, mine],
      status: 'resolved',
    });
    expect([status, body]).toMatchObject([
      200,
      { updated: 1, ids: [mine], undo: { expires_at: '2026-03-03T10:00:00.000Z' } },
    ]);
    expect((await foreign()).body).toEqual(before.body);
  });

  it('case 83: every changed ticket gets its own activity and event', async () => {
    const ids = await makeIds(2);
    await bulkStatus({ ids: [...ids, ...ids], status: 'resolved' });
    for (const id of ids) {
      expect((await activitiesOf(app, id)).map(({ activity }) => activity)).toEqual(['created', 'updated']);
      expect(await eventNames(app, id)).toEqual([
        'tickets.create',
        'tickets.update',
        'tickets.change_status',
      ]);
    }
  });

  it('case 84: the unread sum is dropped once when resolved is crossed, else not at all', async () => {
    const ids = await makeIds(3);
    const dropped = vi.spyOn(app.parley.shared.cache, 'delete');
    await bulkStatus({ ids, status: 'open' });
    expect(dropped).not.toHaveBeenCalled();
    await bulkStatus({ ids, status: 'resolved' });
    expect(dropped.mock.calls).toEqual([['conversations:unread_count:1']]);
    await bulkStatus({ ids, status: 'pending' });
    expect(dropped).toHaveBeenCalledTimes(2);
  });

  it('case 85: no ids, or a status that is none, are refused', async () => {
    const [id] = await makeIds(1);
    expect((await bulkStatus({ ids: [], status: 'open' })).body).toMatchObject({
      code: 'empty',
      attr: 'ids',
    });
    expect((await bulkStatus({ ids: [id], status: 'bogus' })).body).toMatchObject({
      code: 'invalid_choice',
      attr: 'status',
    });
    expect((await bulkStatus({ ids: [id, 'no-uuid'], status: 'open' })).body).toMatchObject({
      type: 'validation_error',
      code: 'invalid_input',
      attr: 'ids__1',
    });
    expect((await getTicket(app, id ?? '')).version).toBe(1);
  });

  it('case 86: at most 500 ids', async () => {
    const refused = await bulkStatus({ ids: manyIds(501), status: 'open' });
    expect([refused.status, refused.body]).toMatchObject([400, { code: 'max_length', attr: 'ids' }]);
    expect(await bulkStatus({ ids: manyIds(500), status: 'open' })).toMatchObject({
      status: 200,
      body: { updated: 0, ids: [] },
    });
  });

  it('leaves snoozed_until alone', async () => {
    const snoozed_until = '2027-01-01T00:00:00.000Z';
    const { id } = await createTicket(app, { snoozed_until });
    await bulkStatus({ ids: [id], status: 'open' });
    expect(await getTicket(app, id)).toMatchObject({ status: 'open', snoozed_until });
  });

  it('two bulk changes in opposite orders do not stop each other', async () => {
    const ids = await makeIds(20);
    const both = await Promise.all([
      bulkStatus({ ids, status: 'pending' }),
      bulkStatus({ ids: ids.toReversed(), status: 'resolved' }),
    ]);
    expect(both.map(({ body }) => body.updated)).toEqual([20, 20]);
  });
});

describe('tickets.bulk_update_tags', () => {
  it('case 87: add and remove need tags; set without tags clears', async () => {
    const ids = await makeIds(2, { tags: ['kept'] });
    for (const action of ['add', 'remove']) {
      for (const tags of [[], ['  ']]) {
        const { status, body } = await bulkTags({ ids, action, tags });
        expect([status, body]).toMatchObject([
          400,
          { type: 'validation_error', attr: 'tags', code: 'empty' },
        ]);
      }
    }
    const { body } = await bulkTags({ ids, action: 'set', tags: [] });
    expect(body).toMatchObject({ updated: ids.map((id) => ({ id, tags: [] })), skipped: [] });
  });

  it('case 88: a missing, a foreign and a deleted ticket are skipped with the one reason', async () => {
    const before = await foreign();
    const [mine, deleted] = await makeIds(2);
    await app.request('DELETE', `${TICKETS}${deleted}/`);
    const { status, body } = await bulkTags({
      ids: [foreignId, mine, UNKNOWN, deleted],
      action: 'add',
      tags: ['Seen '],
    });
    expect(status).toBe(200);
    expect(body.updated).toEqual([{ id: mine, tags: ['seen'] }]);
    expect(body.skipped).toEqual([foreignId, UNKNOWN, deleted].map((id) => ({ id, reason: SKIPPED })));
    expect((await foreign()).body).toEqual(before.body);
  });

  it('adds, removes and sets, and lists unchanged tickets too', async () => {
    const [id = ''] = await makeIds(1, { tags: ['b'] });
    expect((await bulkTags({ ids: [id], action: 'add', tags: ['C', 'a', 'b'] })).body.updated).toEqual([
      { id, tags: ['a', 'b', 'c'] },
    ]);
    expect((await bulkTags({ ids: [id], action: 'remove', tags: ['A', 'zz'] })).body.updated).toEqual([
      { id, tags: ['b', 'c'] },
    ]);
    const { version } = await getTicket(app, id);
    expect((await bulkTags({ ids: [id, id], action: 'add', tags: ['b'] })).body.updated).toEqual([
      { id, tags: ['b', 'c'] },
    ]);
    expect((await getTicket(app, id)).version).toBe(version);
    expect((await bulkTags({ ids: [id.toUpperCase()], action: 'set', tags: ['x'] })).body.updated).toEqual([
      { id, tags: ['x'] },
    ]);
    const changes = (await activitiesOf(app, id)).flatMap(({ detail }) => detail.changes);
    expect(changes.map(({ action, after, before }) => [action, after ?? before])).toEqual([
      ['created', 'a'],
      ['created', 'c'],
      ['deleted', 'a'],
      ['created', 'x'],
      ['deleted', 'b'],
      ['deleted', 'c'],
    ]);
  });

  it('refuses more than 10,000 tickets times tags, but takes that many', async () => {
    const tags = Array.from({ length: 21 }, (_, n) => `tag${n}`);
    const refused = await bulkTags({ ids: manyIds(500), action: 'add', tags });
    expect([refused.status, refused.body]).toMatchObject([400, { attr: 'tags', code: 'invalid_input' }]);
    const taken = await bulkTags({ ids: manyIds(500), action: 'add', tags: tags.slice(1) });
    expect([taken.status, taken.body.skipped.length]).toEqual([200, 500]);
  });

  it('a ticket has at most 100 tags: one too many changes nothing on any of them', async () => {
    const many = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => `t${String(from + n).padStart(3, '0')}`);
    const [few = '', full = ''] = [...(await makeIds(1)), ...(await makeIds(1, { tags: many(0, 99) }))];
    const before = [await getTicket(app, few), await getTicket(app, full)];
    const refused = await bulkTags({ ids: [few, full], action: 'add', tags: many(99, 101) });
    expect([refused.status, refused.body]).toMatchObject([
      400,
      { type: 'validation_error', attr: 'tags', code: 'max_length' },
    ]);
    expect([await getTicket(app, few), await getTicket(app, full)]).toEqual(before);
    const words = app.database.kysely.selectFrom('tags').select('name').where('name', '>=', 't099');
    expect(await words.where('name', '<', 't999').execute()).toEqual([]);
    const taken = await bulkTags({ ids: [few, full], action: 'add', tags: many(98, 100) });
    expect(taken.body.updated.map(({ tags }) => tags.length)).toEqual([2, 100]);
  });

  it('skipped tickets bring no words into the vocabulary', async () => {
    await bulkTags({ ids: [foreignId, UNKNOWN], action: 'add', tags: ['stray'] });
    const rows = await app.database.kysely
      .selectFrom('tags')
      .select('project_id')
      .where('name', '=', 'stray')
      .execute();
    expect(rows).toEqual([]);
  });
});
