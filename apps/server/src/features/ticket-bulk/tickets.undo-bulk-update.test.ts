import type { Undo } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '#platform/log.ts';
import { run as prune } from '#platform/prune.job.ts';
import {
  activitiesOf,
  addKey,
  addUser,
  adminId,
  createTicket,
  getTicket,
  SYSTEM,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const HOUR = 3_600_000;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

interface Undone {
  updated: number;
  ids: string[];
  skipped: { id: string; code: string; fields: string[] }[];
  code?: string;
}
async function bulk(body: object, action = 'bulk_update'): Promise<string> {
  const answer = await app.request<{ undo: Undo }>('POST', `${TICKETS}${action}/`, { body });
  expect(answer.status).toBe(200);
  return answer.body.undo.id;
}
const undo = (undo_id: string, key?: string) =>
  app.request<Undone>('POST', `${TICKETS}bulk_update/undo/`, {
    body: { undo_id },
    ...(key ? { key } : {}),
  });
/** What an undo brings back: everything but the version and when it was touched. */
async function state(id: string) {
  const { version: _version, updated_at: _updated, ...ticket } = await getTicket(app, id);
  return ticket;
}
const resolvedAt = async (id: string) => {
  const query = app.database.kysely.selectFrom('tickets').select('resolved_at').where('id', '=', id);
  return (await query.executeTakeFirstOrThrow()).resolved_at;
};

describe('tickets.undo_bulk_update', () => {
  it('restores every field of every ticket', async () => {
    const assignee = { type: 'user', id: await adminId(app) };
    const one = await createTicket(app, { status: 'resolved', priority: 'low', tags: ['a', 'b'], assignee });
    const two = await createTicket(app, { snoozed_until: '2026-04-01T00:00:00Z' });
    const before = [await state(one.id), await state(two.id), await resolvedAt(one.id)];
    app.clock.advance(1000);
    const undoId = await bulk({
      ids: [one.id, two.id],
      status: 'open',
      priority: 'critical',
      assignee: null,
      snoozed_until: '2026-06-01T00:00:00Z',
      tags: ['c'],
      tags_mode: 'set',
    });
    app.clock.advance(1000);
    const { status, body } = await undo(undoId);
    expect([status, body]).toMatchObject([200, { updated: 2, skipped: [] }]);
    expect([await state(one.id), await state(two.id), await resolvedAt(one.id)]).toEqual(before);
    expect((await activitiesOf(app, one.id)).filter(({ activity }) => activity === 'assigned')).toHaveLength(
      2,
    );
  });

  it('a colleague’s later change wins, field by field', async () => {
    const [one, two] = [await createTicket(app), await createTicket(app)];
    const undoId = await bulk({ ids: [one.id, two.id], status: 'pending', priority: 'high' });
    await updateTicket(app, one.id, { status: 'resolved' });
    await updateTicket(app, two.id, { status: 'resolved', priority: 'low' });
    const { body } = await undo(undoId);
    expect(body).toMatchObject({
      ids: [one.id],
      skipped: [
        { id: one.id, code: 'changed', fields: ['status'] },
        { id: two.id, code: 'changed', fields: ['status', 'priority'] },
      ],
    });
    expect(await getTicket(app, one.id)).toMatchObject({ status: 'resolved', priority: null });
    expect(await getTicket(app, two.id)).toMatchObject({ status: 'resolved', priority: 'low' });
  });

  it('one that was opened and resolved again is not opened', async () => {
    const { id } = await createTicket(app);
    const undoId = await bulk({ ids: [id], status: 'resolved' });
    app.clock.advance(1000);
    await updateTicket(app, id, { status: 'open' });
    await updateTicket(app, id, { status: 'resolved' });
    expect((await undo(undoId)).body).toMatchObject({ updated: 0, skipped: [{ id, fields: ['status'] }] });
    expect((await getTicket(app, id)).status).toBe('resolved');
  });

  it('does not bring back a snooze whose time has come', async () => {
    const until = new Date(app.clock.now().getTime() + HOUR).toISOString();
    const { id } = await createTicket(app, { snoozed_until: until });
    const undoId = await bulk({ ids: [id], snoozed_until: null });
    app.clock.advance(2 * HOUR);
    expect((await undo(undoId)).body.skipped).toEqual([]);
    expect(await getTicket(app, id)).toMatchObject({ snoozed_until: null, status: 'open' });
  });

  it('also of the published bulk actions', async () => {
    const [one, two] = [await createTicket(app, { tags: ['x'] }), await createTicket(app)];
    const ids = [one.id, two.id];
    const byStatus = await bulk({ ids, status: 'open' }, 'bulk_update_status');
    const byTags = await bulk({ ids, action: 'add', tags: ['y'] }, 'bulk_update_tags');
    expect((await undo(byStatus)).body.ids).toEqual(ids);
    expect((await undo(byTags)).body.ids).toEqual(ids);
    expect(await getTicket(app, one.id)).toMatchObject({ status: 'new', tags: ['x'] });
    expect(await getTicket(app, two.id)).toMatchObject({ status: 'new', tags: [] });
  });

  it('brings tags back into the vocabulary that were cleaned up', async () => {
    const { id } = await createTicket(app, { tags: ['rare'] });
    const undoId = await bulk({ ids: [id], action: 'set', tags: [] }, 'bulk_update_tags');
    await app.database.kysely.deleteFrom('tags').where('name', '=', 'rare').execute();
    await undo(undoId);
    const rows = await app.database.kysely
      .selectFrom('tags')
      .select('name')
      .where('name', '=', 'rare')
      .execute();
    expect(rows).toHaveLength(1);
  });

  it('restores what was deleted, unless it was since', async () => {
    const [one, two, three] = [await createTicket(app), await createTicket(app), await createTicket(app)];
    const undoId = await bulk({ ids: [one.id, two.id, three.id], delete: true });
    app.clock.advance(1000);
    await app.request('POST', ticketPath(two.id, 'restore/'));
    await app.request('POST', ticketPath(three.id, 'restore/'));
    await app.request('DELETE', ticketPath(three.id));
    const { body } = await undo(undoId);
    expect(body.ids).toEqual([one.id]);
    expect(body.skipped).toMatchObject([
      { id: two.id, code: 'changed', fields: ['deleted'] },
      { id: three.id, code: 'changed' },
    ]);
    expect((await getTicket(app, one.id)).deleted_at).toBeNull();
  });

  it('takes merges back, unless they were taken back and made again', async () => {
    const make = () => createTicket(app, { distinct_id: 'ann', message: 'hi' });
    const [a, b, target] = [await make(), await make(), await make()];
    const before = [await state(a.id), await state(target.id)];
    const undoId = await bulk({ ids: [a.id, b.id], merge_into: target.id });
    app.clock.advance(1000);
    await app.request('POST', ticketPath(b.id, 'unmerge/'));
    const { body } = await undo(undoId);
    expect(body).toMatchObject({ ids: [a.id], skipped: [{ id: b.id, fields: ['merge'] }] });
    expect([await state(a.id), await state(target.id)]).toEqual(before);
  });

  it('a former assignee who left stays away', async () => {
    const ben = await addUser(app, 'ben@example.com');
    const { id } = await createTicket(app, { assignee: { type: 'user', id: ben.id }, priority: 'low' });
    const undoId = await bulk({ ids: [id], assignee: null, priority: 'high' });
    await app.database.kysely.deleteFrom('memberships').where('user_id', '=', ben.id).execute();
    const { body } = await undo(undoId);
    expect(body).toMatchObject({
      ids: [id],
      skipped: [{ id, code: 'does_not_exist', fields: ['assignee'] }],
    });
    expect(await getTicket(app, id)).toMatchObject({ assignee: null, priority: 'low' });
  });

  it('deleted tickets are skipped', async () => {
    const { id } = await createTicket(app);
    const undoId = await bulk({ ids: [id], status: 'open' });
    await app.request('DELETE', ticketPath(id));
    expect((await undo(undoId)).body).toMatchObject({ updated: 0, skipped: [{ id, code: 'not_found' }] });
  });

  it('once, by who acted, within a day', async () => {
    const { id } = await createTicket(app);
    const undoId = await bulk({ ids: [id], status: 'open' });
    const cleo = await addKey(app, (await addUser(app, 'cleo@example.com')).id);
    expect(await undo(undoId, cleo)).toMatchObject({ status: 400, body: { code: 'does_not_exist' } });
    const both = await Promise.all([undo(undoId), undo(undoId)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const late = await bulk({ ids: [id], status: 'pending' });
    app.clock.advance(24 * HOUR);
    expect((await undo(late)).body.code).toBe('does_not_exist');
    expect((await undo('01900000-0000-7000-8000-000000000000')).body.code).toBe('does_not_exist');
    expect(await undo('nonsense')).toMatchObject({ status: 400, body: { attr: 'undo_id' } });
  });

  it('rows are pruned after a day', async () => {
    const { id } = await createTicket(app);
    await bulk({ ids: [id], status: 'open' });
    app.clock.advance(24 * HOUR + 1);
    const kept = await bulk({ ids: [id], status: 'pending' });
    const context = {
      signal: new AbortController().signal,
      log: createLogger('fatal'),
      run: <T>(work: Parameters<typeof app.parley.unitOfWork.run<T>>[1]) =>
        app.parley.unitOfWork.run(SYSTEM, work),
    };
    await prune(context);
    const rows = await app.database.kysely.selectFrom('undos').select('id').execute();
    expect(rows).toEqual([{ id: kept }]);
  });
});
