import { ORDER_COLUMNS } from '@parley/contract/tickets';
import type { Schema } from '@parley/db/schema';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addRole } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { type ListQuery, listTickets, seedTickets } from '../../testing/ticket-rows.ts';

const HOUR = 3_600_000;
const TICKETS_SEEDED = 12;

let app: TestApp;
let role: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  role = await addRole(app, 'Billing');
  const at = (index: number) => new Date(app.clock.now().getTime() + index * HOUR);
  await seedTickets(
    app,
    Array.from({ length: TICKETS_SEEDED }, (_, index) => ({
      sla_due_at: index < 6 ? at(index) : null,
      snoozed_until: index < 6 ? at(index) : null,
    })),
  );
});
afterAll(() => app.close());

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  Alias?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: Plan[];
}

/**
 * The plan of a statement for any values. Tables as small as these are always read whole when that is allowed, so it
 * is not: what still reads a table whole has no index to use.
 */
async function explain(statement: string, without: readonly string[] = []): Promise<Plan[]> {
  const count = Math.max(0, ...[...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const values = count > 0 ? `(${Array(count).fill('null').join(', ')})` : '';
  const run = async (db: Kysely<Schema>) => {
    const ask = (text: string) => sql.raw<{ 'QUERY PLAN': [{ Plan: Plan }] | string }>(text).execute(db);
    await ask(`prepare planned as ${statement}`);
    for (const setting of ['enable_seqscan', ...without]) await ask(`set ${setting} = off`);
    await ask('set plan_cache_mode = force_generic_plan');
    const { rows } = await ask(`explain (format json) execute planned${values}`);
    for (const setting of ['enable_seqscan', ...without]) await ask(`reset ${setting}`);
    await ask('reset plan_cache_mode');
    await ask('deallocate planned');
    const [row] = rows;
    const answer = row?.['QUERY PLAN'];
    const [first] = (typeof answer === 'string' ? JSON.parse(answer) : answer) as [{ Plan: Plan }];
    return first.Plan;
  };
  return nodesOf(await app.database.kysely.connection().execute(run));
}

/** The tickets of the list itself; what is shown with one may be another. */
const isTickets = (node: Plan) => node['Relation Name'] === 'tickets' && node.Alias === 't';

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** The statements a list asks that read tickets, each with its plan. */
async function plansOf(
  query: ListQuery,
  without: readonly string[] = [],
): Promise<{ statement: string; nodes: Plan[] }[]> {
  const before = app.statements.length;
  await listTickets(app, query);
  const statements = [...new Set(app.statements.slice(before))].filter((text) =>
    /\bfrom\s+(tickets|ticket_count_)/.test(text),
  );
  expect(statements.length).toBeGreaterThan(0);
  const plans = [];
  for (const statement of statements) plans.push({ statement, nodes: await explain(statement, without) });
  return plans;
}

/** Every way into a table is by a condition on an index: none reads a whole table, or a whole index. */
async function expectIndexed(query: ListQuery): Promise<void> {
  for (const { statement, nodes } of await plansOf(query)) {
    const whole = nodes.filter((node) => node['Node Type'] === 'Seq Scan');
    const unbounded = nodes.filter((node) => node['Index Name'] && !node['Index Cond']);
    expect([query, statement, whole, unbounded]).toEqual([query, statement, [], []]);
  }
}

const ORDERS = ORDER_COLUMNS.flatMap((column) => [column, `-${column}`]);
const FILTERS: ListQuery[] = [
  {},
  { status: 'new' },
  { status: 'new,open' },
  { priority: 'high' },
  { channel_source: 'email' },
  { channel_detail: 'widget_api' },
  { assignee: 'me' },
  { assignee: 'unassigned' },
  { assignee: 'unassigned,me' },
  { snoozed: 'true' },
  { snoozed: 'false' },
  { unread: 'true' },
  { unread: 'mine' },
  { deleted: 'true' },
  { organization: 'acme' },
  { sla: 'breached' },
  { sla: 'at-risk' },
  { sla: 'on-track' },
  { date_from: '-7d', date_to: '-1d' },
  { created_from: '-7d', created_to: '-1d' },
  { distinct_ids: 'a' },
  { emails: 'a@b.c' },
  { distinct_ids: 'a,b', emails: 'a@b.c' },
  { ids: '00000000-0000-7000-8000-000000000000' },
  { search: 'words' },
  { search: 'w' },
  { search: '#7' },
  { tags: '["a"]' },
  { tags: '["a","b"]' },
  { tags_all: '["a","b"]' },
  { tags_exclude: '["a"]' },
  { ai_triage_result: 'persisted,in_progress' },
];

describe('every statement of the list is answered by an index', () => {
  it.each(FILTERS.map((query) => [JSON.stringify(query), query] as const))('%s', async (_, query) => {
    // Beyond what exists, an exact count answers by itself: these ask for a page as well.
    await expectIndexed({ ...query, limit: 7 });
    await expectIndexed({ ...query, limit: 7, cursor: '', count: 'exact' });
    await expectIndexed({ ...query, assignee: `role:${role}`, limit: 7 });
    await expectIndexed({ ...query, limit: 7, offset: 3, order_by: 'ticket_number' });
  });

  it.each(ORDERS)('ordered by %s, from the start, by offset and by cursor', async (order_by) => {
    await expectIndexed({ order_by, limit: 4 });
    await expectIndexed({ order_by, limit: 4, offset: 4 });
    await expectIndexed({ order_by, limit: 4, cursor: '' });
    for (const cursor of await cursorsOf(order_by)) await expectIndexed({ order_by, limit: 4, cursor });
  });

  it('the checker sees a table that is read whole', async () => {
    const nodes = await explain('select count(*) from tickets where escalation_reason = $1');
    const isWhole = (node: Plan) =>
      node['Node Type'] === 'Seq Scan' || (node['Index Name'] && !node['Index Cond']);
    expect(nodes.some(isWhole)).toBe(true);
  });
});

/** Cursors of every kind an order has: forth and back, and for dates that may be missing also from those without. */
async function cursorsOf(order_by: string): Promise<string[]> {
  const cursors: string[] = [];
  for (const offset of [0, 4]) {
    const query = { order_by, limit: 4 + offset, cursor: '' };
    const { next } = await listTickets(app, query);
    const cursor = new URL(next ?? '').searchParams.get('cursor') ?? '';
    const { previous } = await listTickets(app, { ...query, cursor });
    cursors.push(cursor, new URL(previous ?? '').searchParams.get('cursor') ?? '');
  }
  return cursors;
}

describe('a deep page by cursor costs what a first page costs (decision 14)', () => {
  it.each(ORDERS)('by %s it enters the index where it goes on', async (order_by) => {
    const column = order_by.replace('-', '');
    for (const cursor of await cursorsOf(order_by)) {
      const plans = (await plansOf({ order_by, limit: 4, cursor })).filter(({ statement }) =>
        /row_to_json/.test(statement),
      );
      const entries = plans.flatMap(({ nodes }) => nodes.filter(isTickets));
      expect(entries.length).toBeGreaterThan(0);
      for (const node of entries) expect(node['Index Cond']).toContain(column);
    }
  });

  it.each(ORDERS)('by %s the index brings the order, but for ties', async (order_by) => {
    for (const cursor of ['', ...(await cursorsOf(order_by))]) {
      const plans = await plansOf({ order_by, limit: 4, cursor }, ['enable_sort', 'enable_bitmapscan']);
      const pages = plans.filter(({ statement }) => /row_to_json/.test(statement));
      expect(pages.length).toBeGreaterThan(0);
      for (const { nodes } of pages) {
        const cuts = nodes.filter((node) => node['Node Type'] === 'Limit' && nodesOf(node).some(isTickets));
        expect(cuts.length).toBeGreaterThan(0);
        const kinds = cuts.flatMap(nodesOf).map((node) => node['Node Type']);
        expect([order_by, cursor, kinds]).not.toEqual([order_by, cursor, expect.arrayContaining(['Sort'])]);
      }
    }
  });

  it('the checker sees an order that no index has', async () => {
    const statement =
      'select id from tickets where project_id = $1 and deleted_at is null order by email_subject limit 5';
    const nodes = await explain(statement, ['enable_sort', 'enable_bitmapscan']);
    expect(nodes.map((node) => node['Node Type'])).toContain('Sort');
  });
});
