import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTenant, addUser } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { followPage, type ListQuery, listTickets } from '../../testing/ticket-rows.ts';

const CAP = 10_000;
const TOTAL = CAP + 5;

let app: TestApp;
let user: number;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  user = (await addUser(app, 'agent@example.com')).id;
  const other = await addTenant(app, 'other');
  // Written by the database: ten thousand rows take it a second, and us ten.
  for (const [projectId, rows] of [
    [1, TOTAL + 3],
    [other.projectId, 50],
  ]) {
    await sql`
      insert into tickets (project_id, id, ticket_number, channel_source, distinct_id, status, priority, tags,
        assignee_user_id, snoozed_until, created_at, updated_at, email_subject, deleted_at)
      select ${projectId}, gen_random_uuid(), n, case n % 2 when 0 then 'widget' else 'email' end, 'd' || n,
        case n % 3 when 0 then 'new' when 1 then 'open' else 'resolved' end,
        case n % 4 when 0 then 'low' when 1 then 'high' end,
        case n % 5 when 0 then array['a', 'b'] when 1 then array['a'] else '{}' end,
        case when n % 6 = 0 then ${user}::integer end, case when n % 7 = 0 then ${app.clock.now()}::timestamptz end,
        ${app.clock.now()}, ${app.clock.now()}, 'same', case when n > ${TOTAL} then ${app.clock.now()}::timestamptz end
      from generate_series(1, ${rows}::integer) n`.execute(app.database.kysely);
  }
}, 120_000);
afterAll(() => app.close());

/** How many of the numbers 1 to TOTAL have the property. */
const expected = (holds: (n: number) => boolean) =>
  Array.from({ length: TOTAL }, (_, index) => index + 1).filter(holds).length;

async function countOf(query: ListQuery) {
  const { count, count_capped } = await listTickets(app, { ...query, limit: 1 });
  return count_capped === undefined ? count : `${count} capped`;
}

describe('count over the facets (decision 14)', () => {
  it('is exact at every size', async () => {
    const cases: [ListQuery, (n: number) => boolean][] = [
      [{}, () => true],
      [{ status: 'new' }, (n) => n % 3 === 0],
      [{ status: 'new,open' }, (n) => n % 3 < 2],
      [{ priority: 'low,high' }, (n) => n % 4 < 2],
      [{ channel_source: 'email' }, (n) => n % 2 === 1],
      [{ assignee: 'unassigned' }, (n) => n % 6 !== 0],
      [{ assignee: `user:${user}` }, (n) => n % 6 === 0],
      [{ assignee: `user:${user},unassigned,me` }, () => true],
      [{ snoozed: 'true' }, (n) => n % 7 === 0],
      [{ tags: '["a"]' }, (n) => n % 5 < 2],
      [{ tags_all: '["b"]' }, (n) => n % 5 === 0],
      [{ tags: '["none"]' }, () => false],
      [{ snoozed: 'false', status: 'open', tags: '["a"]' }, (n) => n % 7 !== 0 && n % 3 === 1 && n % 5 < 2],
      [
        {
          status: 'open,new',
          priority: 'low',
          channel_source: 'widget',
          assignee: 'unassigned',
          tags_all: '["a"]',
        },
        (n) => n % 3 < 2 && n % 4 === 0 && n % 2 === 0 && n % 6 !== 0 && n % 5 < 2,
      ],
    ];
    for (const [query, holds] of cases) {
      expect([query, await countOf(query)]).toEqual([query, expected(holds)]);
    }
    expect(await countOf({ deleted: 'true' })).toBe(3);
  });

  it('looks at no ticket', async () => {
    const before = app.statements.length;
    await listTickets(app, { status: 'new', tags: '["a"]', limit: 1 });
    const counting = app.statements.slice(before).filter((text) => /count\(\*\)/.test(text));
    expect(counting).toEqual([]);
  });
});

describe('count over any other filter', () => {
  it('is exact up to 10,000', async () => {
    expect(await countOf({ search: 'same', status: 'new' })).toBe(expected((n) => n % 3 === 0));
    expect(await countOf({ tags: '["a","b"]' })).toBe(expected((n) => n % 5 < 2));
    expect(await countOf({ tags_exclude: '["a"]', snoozed: 'false' })).toBe(
      expected((n) => n % 5 > 1 && n % 7 > 0),
    );
    expect(await countOf({ date_to: '2026-01-01' })).toBe(0);
  });

  it('says 10,000 and count_capped beyond that', async () => {
    expect(await countOf({ search: 'same' })).toBe('10000 capped');
    expect(await countOf({ created_from: '2026-01-01' })).toBe('10000 capped');
    expect(await countOf({ tags_exclude: '["nothing"]', status: 'new,open,resolved' })).toBe('10000 capped');
  });

  it('is exact when asked for, by offset and by cursor', async () => {
    expect(await countOf({ search: 'same', count: 'exact' })).toBe(TOTAL);
    expect(await countOf({ search: 'same', count: 'exact', cursor: '' })).toBe(TOTAL);
    expect(await countOf({ search: 'same', count: 'roughly', cursor: '' })).toBe('10000 capped');
  });

  it('capped does not end the pages', async () => {
    const last = await listTickets(app, {
      search: 'same',
      limit: 1000,
      offset: CAP - 1000,
      order_by: 'ticket_number',
    });
    expect(last.results.at(-1)?.ticket_number).toBe(CAP);
    const beyond = await followPage(app, last.next ?? '');
    expect(beyond.results.map((ticket) => ticket.ticket_number)).toEqual([
      10_001, 10_002, 10_003, 10_004, 10_005,
    ]);
    expect([beyond.count, beyond.count_capped, beyond.next]).toEqual([CAP, true, null]);
    const empty = await listTickets(app, { search: 'same', offset: '999999999999' });
    expect([empty.results, empty.next]).toEqual([[], null]);
  });
});
