import type { ViewCount } from '@parley/contract/view-counts';
import type { View, ViewCreate } from '@parley/contract/views';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminId, createTicket, TICKETS, updateTicket } from '../../testing/fixtures.ts';
import { addMember, addTenant, type TestMember } from '../../testing/tenants.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const VIEWS = '/api/projects/1/conversations/views/';

let app: TestApp;
let ben: TestMember;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ben = await addMember(app);
  const mine = { type: 'user' as const, id: await adminId(app) };
  await createTicket(app, { status: 'open', priority: 'high', tags: ['a'], message: 'One' });
  await createTicket(app, { status: 'open', tags: ['a', 'b'], assignee: mine });
  const third = await createTicket(app, {
    status: 'pending',
    tags: ['b'],
    assignee: { type: 'user', id: ben.id },
  });
  await updateTicket(app, third.id, { snoozed_until: '2026-05-01T00:00:00Z', status: 'pending' });
  await createTicket(app, { status: 'resolved', message: 'Fin' });
});
afterAll(() => app.close());

async function save(
  filters: ViewCreate['filters'],
  more: Partial<ViewCreate> = {},
  key?: string,
): Promise<string> {
  const body = { name: 'View', ...(filters ? { filters } : {}), ...more };
  const answer = await app.request<View>('POST', VIEWS, { body, ...(key ? { key } : {}) });
  expect(answer.status).toBe(201);
  return answer.body.short_id;
}
const counts = async (ids: string, key?: string) => {
  const query = `${VIEWS}counts/?ids=${encodeURIComponent(ids.toWellFormed())}`;
  const answer = await app.request<{ results: ViewCount[] }>('GET', query, key ? { key } : {});
  expect(answer.status).toBe(200);
  return answer.body.results;
};
const listed = async (view: string) =>
  (await app.request<{ count: number }>('GET', `${TICKETS}?view=${view}`)).body.count;

describe('#views.counts', () => {
  it('counts as the list does, whatever the filters', async () => {
    const filters: ViewCreate['filters'][] = [
      {},
      { status: ['open', 'pending'] },
      { status: ['open'], priority: ['high'], channel: 'widget', tags: ['a'] },
      { assignee: ['me'] },
      { assignee: ['unassigned'], snoozed: false },
      { snoozed: true },
      { tags: ['a', 'b'], tagsMatch: 'all' },
      { tags: ['a', 'b'] },
      { tagsExclude: ['a'] },
      { search: 'one' },
      { unread: true },
      { unread: 'mine' },
      { createdFrom: '-7d' },
      { search: '#1' },
    ];
    const ids = await Promise.all(filters.map((each) => save(each)));
    const found = await counts(ids.join(','));
    expect(found.map(({ short_id }) => short_id)).toEqual(ids);
    expect(found.map(({ count }) => count)).toEqual(await Promise.all(ids.map(listed)));
    expect(found.map(({ count }) => count)).toEqual([4, 3, 1, 1, 2, 1, 1, 3, 2, 1, 2, 2, 4, 1]);
    expect(found.every(({ count_capped }) => !count_capped)).toBe(true);
    const unknown = (some: number) => Array(some).fill(undefined);
    expect(found.map(({ unread }) => unread)).toEqual([2, 1, 1, 0, 2, 0, ...unknown(4), 2, ...unknown(3)]);
  });

  it('says how it stands now where the cells know, and means whoever asks by me', async () => {
    const view = await save({ assignee: ['me'], status: ['pending', 'on_hold'] });
    expect(await counts(view)).toMatchObject([{ count: 0 }]);
    expect(await counts(view, ben.key)).toMatchObject([{ count: 1 }]);
    const { id } = await createTicket(app, { assignee: { type: 'user', id: ben.id }, status: 'pending' });
    expect(await counts(view, ben.key)).toMatchObject([{ count: 2 }]);
    await app.request('DELETE', `${TICKETS}${id}/`);
    expect(await counts(view, ben.key)).toMatchObject([{ count: 1 }]);
  });

  it('keeps other counts for five seconds, or until the view changes', async () => {
    const view = await save({ search: 'nowhere else' });
    expect(await counts(view)).toMatchObject([{ count: 0 }]);
    const { id } = await createTicket(app, { email_subject: 'Nowhere else' });
    expect(await counts(view)).toMatchObject([{ count: 0 }]);
    app.clock.advance(5001);
    expect(await counts(view)).toMatchObject([{ count: 1 }]);
    await app.request('PATCH', `${VIEWS}${view}/`, { body: { filters: { search: 'nowhere at all' } } });
    expect(await counts(view)).toMatchObject([{ count: 0 }]);
    await app.request('DELETE', `${TICKETS}${id}/`);
  });

  it('never tells one what was counted for another', async () => {
    const view = await save({ assignee: ['me'], search: 'widget' }, {}, ben.key);
    const mine = await save({ unread: 'mine', search: 'one' }, {}, ben.key);
    expect(await counts(`${view},${mine}`, ben.key)).toMatchObject([{ count: 0 }, { count: 1 }]);
    const { body } = await app.request<{ results: { id: string }[] }>('GET', `${TICKETS}?search=one`);
    await app.request('POST', `${TICKETS}${body.results[0]?.id}/read/`);
    expect(await counts(mine)).toMatchObject([{ count: 0 }]);
    expect(await counts(mine, ben.key)).toMatchObject([{ count: 1 }]);
  });

  it('leaves out what does not exist, is private or is another project’s', async () => {
    const secret = await save({}, { visibility: 'private' }, ben.key);
    const own = await save({}, { visibility: 'private' });
    const tenant = await addTenant(app);
    const theirs = await app.request<View>('POST', `/api/projects/${tenant.projectId}/conversations/views/`, {
      key: tenant.owner.key,
      body: { name: 'Theirs' },
    });
    const asked = [secret, 'nothing', own, theirs.body.short_id, own, '', ' '];
    expect((await counts(asked.join(','))).map(({ short_id }) => short_id)).toEqual([own]);
    expect(await counts('')).toEqual([]);
    expect((await app.request('GET', `${VIEWS}counts/`)).body).toEqual({ results: [] });
    expect(await counts("\0,\ud800,%00,'--,9999999999999999999999")).toEqual([]);
    expect(await counts(`${'x,'.repeat(60)}${own}`)).toHaveLength(1);
    expect(await counts(`${Array.from({ length: 50 }, (_, i) => `x${i}`).join(',')},${own}`)).toEqual([]);
  });

  it('shows nothing where a stored filter cannot be read, rather than everything', async () => {
    const view = await save({});
    await app.database.kysely
      .updateTable('ticket_views')
      .set({ filters: JSON.stringify({ status: ['bogus'] }) })
      .where('project_id', '=', 1)
      .where('short_id', '=', view)
      .execute();
    expect(await counts(view)).toMatchObject([{ count: 0 }]);
  });

  it('counts all views over facets in one statement', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, index) => save({ status: ['open'], tags: [`tag-${index}`] })),
    );
    const before = app.statements.length;
    expect(await counts(ids.join(','))).toHaveLength(20);
    const asked = app.statements.slice(before).filter((text) => text.includes('ticket_count_deltas'));
    expect(asked).toHaveLength(1);
  });

  it('stops counting at the cap, and says so', { timeout: 120_000 }, async () => {
    await sql`
      insert into tickets (project_id, id, ticket_number, channel_source, distinct_id, status, tags, created_at, updated_at)
      select 1, gen_random_uuid(), 1000 + n, 'widget', 'd', 'new', '{many,more}', ${app.clock.now()}, ${app.clock.now()}
      from generate_series(1, 10001) n`.execute(app.database.kysely);
    const view = await save({ tags: ['many', 'more'] });
    const facet = await save({ tags: ['many'] });
    expect(await counts(`${view},${facet}`)).toMatchObject([
      { count: 10_000, count_capped: true },
      { count: 10_001, count_capped: false },
    ]);
  });
});
