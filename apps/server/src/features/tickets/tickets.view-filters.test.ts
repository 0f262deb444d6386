import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId, newShortId } from '#platform/ids.ts';
import { addTenant, addUser, adminId } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { listPath, seedNamed, type TicketSeed } from '../../testing/ticket-rows.ts';

const DAY = 24 * 3_600_000;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.database.kysely.deleteFrom('tickets').execute();
});

const seed = (tickets: Record<string, TicketSeed>) => seedNamed(app, tickets);
const inMs = (ms: number) => new Date(app.clock.now().getTime() + ms);

describe('view', () => {
  async function saveView(filters: unknown, more: { projectId?: number; createdBy?: number } = {}) {
    const short_id = newShortId();
    const now = app.clock.now();
    await app.database.kysely
      .insertInto('ticket_views')
      .values({
        project_id: more.projectId ?? 1,
        id: newId(),
        short_id,
        name: 'View',
        filters: JSON.stringify(filters),
        visibility: more.createdBy === undefined ? 'shared' : 'private',
        created_by: more.createdBy ?? null,
        created_at: now,
        updated_at: now,
      })
      .execute();
    return short_id;
  }

  it('case 54: an unknown one is an error, as is another member’s private or another project’s (decision 17)', async () => {
    const other = await addTenant(app, 'other');
    const colleague = await addUser(app, `user-${newId()}@example.com`);
    const views = [
      'nope',
      "' or true --",
      await saveView({}, { createdBy: colleague.id }),
      await saveView({}, { projectId: other.projectId }),
    ];
    for (const view of views) {
      const { status, body } = await app.request('GET', listPath({ view }));
      expect([view, status]).toEqual([view, 400]);
      expect(body).toMatchObject({ type: 'validation_error', attr: 'view' });
    }
    const own = await saveView({ status: ['open'] }, { createdBy: await adminId(app) });
    expect((await app.request('GET', listPath({ view: own }))).status).toBe(200);
  });

  it('case 55: parameters override it, dimension by dimension', async () => {
    const find = await seed({
      openHigh: { status: 'open', priority: 'high' },
      newHigh: { status: 'new', priority: 'high' },
      openLow: { status: 'open', priority: 'low' },
    });
    const view = await saveView({ status: ['open'], priority: ['high'] });
    expect(await find({ view })).toEqual(['openHigh']);
    expect(await find({ view, status: 'new' })).toEqual(['newHigh']);
    expect(await find({ view, priority: 'low' })).toEqual(['openLow']);
    // An invalid parameter is no parameter.
    expect(await find({ view, status: 'nonsense' })).toEqual(['openHigh']);
  });

  it('tags of the query replace those of the view, whichever way these matched; tags_all adds to them', async () => {
    const find = await seed({ a: { tags: ['a'] }, ab: { tags: ['a', 'b'] }, c: { tags: ['c'] } });
    const view = await saveView({ tags: ['a', 'b'], tagsMatch: 'all' });
    expect(await find({ view })).toEqual(['ab']);
    expect(await find({ view, tags: '["c"]' })).toEqual(['c']);
    const either = await saveView({ tags: ['a', 'c'] });
    expect(await find({ view: either, tags_all: '["b"]' })).toEqual(['ab']);
    expect(await find({ view: either, tags_exclude: '["b"]' })).toEqual(['a', 'c']);
  });

  it('date_from=all lifts its bound, and its sorting gives way to order_by', async () => {
    await seed({ old: { updated_at: inMs(-30 * DAY) }, fresh: {} });
    const view = await saveView({ dateFrom: '-7d', sorting: { columnKey: 'ticket_number', order: 1 } });
    const numbers = async (query: object) => {
      const { body } = await app.request<{ results: { ticket_number: number }[] }>(
        'GET',
        listPath({ view, ...query }),
      );
      return body.results.map(({ ticket_number }) => ticket_number);
    };
    expect(await numbers({})).toHaveLength(1);
    const [first, second] = await numbers({ date_from: 'all' });
    expect(first).toBeLessThan(second ?? 0);
    expect(await numbers({ date_from: 'all', order_by: '-ticket_number' })).toEqual([second, first]);
  });

  it('what cannot be read in it matches nothing, and never widens to everything', async () => {
    const find = await seed({ open: { status: 'open' }, closed: { status: 'resolved' } });
    expect(await find({ view: await saveView({ status: ['open', 7, 'nonsense'] }) })).toEqual(['open']);
    expect(await find({ view: await saveView({ status: ['nonsense'] }) })).toEqual([]);
    expect(await find({ view: await saveView({ assignee: [{ type: 'user', id: 'x' }] }) })).toEqual([]);
    for (const unreadable of [
      { dateFrom: 7 },
      { dateTo: 'x' },
      { snoozed: 'x' },
      { unread: 1 },
      { search: {} },
      'none',
      [1],
    ]) {
      expect([unreadable, await find({ view: await saveView(unreadable) })]).toEqual([unreadable, []]);
    }
    const harmless = {
      sorting: 3,
      unknown: true,
      tagsExclude: [1],
      dateFrom: 'all',
      dateTo: null,
      search: '',
    };
    expect(await find({ view: await saveView(harmless) })).toEqual(['open', 'closed']);
  });
});
