import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addUser, SYSTEM } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedTickets } from '../../testing/ticket-rows.ts';
import { foldTicketCounts } from './ticket-counts.fold.ts';
import { levelOf } from './ticket-counts.levels.ts';
import { countByFacets, type FacetSelection, sumManyByFacets } from './ticket-counts.service.ts';

const STATUSES = ['new', 'open', 'resolved'] as const;
const PRIORITIES = ['low', 'high'] as const;
const CHANNELS = ['widget', 'email'] as const;

let app: TestApp;
let user: number;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  user = (await addUser(app, 'agent@example.com')).id;
  const seed = fc.record({
    status: fc.constantFrom(...STATUSES),
    priority: fc.option(fc.constantFrom(...PRIORITIES)),
    channel_source: fc.constantFrom(...CHANNELS),
    assignee_user_id: fc.option(fc.constant(user)),
    snoozed_until: fc.option(fc.constant(new Date('2040-01-01'))),
    unread_team_count: fc.integer({ min: 0, max: 2 }),
    tags: fc.subarray(['a', 'b']),
  });
  await seedTickets(app, fc.sample(seed, 150));
  while ((await run(foldTicketCounts)) > 0);
  // These wait, and are counted all the same.
  await seedTickets(app, fc.sample(seed, 20));
});
afterAll(() => app.close());

const run = <T>(work: Parameters<typeof app.parley.unitOfWork.run<T>>[1]) =>
  app.parley.unitOfWork.run(SYSTEM, work);

const selections: fc.Arbitrary<FacetSelection> = fc.record(
  {
    deleted: fc.constant(false),
    statuses: fc.subarray([...STATUSES]),
    priorities: fc.subarray(['', ...PRIORITIES]),
    channels: fc.subarray([...CHANNELS]),
    assignees: fc.subarray(['', 'user']).map((some) => some.map((one) => (one === '' ? '' : `user:${user}`))),
    snoozed: fc.boolean(),
    tag: fc.constantFrom('', 'a', 'b'),
    unread: fc.boolean(),
  },
  { requiredKeys: ['deleted'] },
);

async function countRows(selection: FacetSelection): Promise<{ tickets: number; unread: number }> {
  const { statuses, priorities, channels, assignees, snoozed, tag = '', unread } = selection;
  const { rows } = await sql<{ tickets: number; unread: number }>`
    select count(*)::integer as tickets, coalesce(sum(unread_team_count), 0)::integer as unread from tickets
    where project_id = 1 and deleted_at is null
      and (${statuses === undefined} or status = any(${[...(statuses ?? [])]}::text[]))
      and (${priorities === undefined} or coalesce(priority, '') = any(${[...(priorities ?? [])]}::text[]))
      and (${channels === undefined} or channel_source = any(${[...(channels ?? [])]}::text[]))
      and (${assignees === undefined}
        or coalesce('user:' || assignee_user_id, '') = any(${[...(assignees ?? [])]}::text[]))
      and (${snoozed === undefined} or (snoozed_until is not null) = ${snoozed ?? false})
      and (${tag} = '' or tags @> array[${tag}]::text[]) and (${unread !== true} or unread_team_count > 0)`.execute(
    app.database.kysely,
  );
  return rows[0] ?? { tickets: 0, unread: 0 };
}

it('any combination of facets is counted as its rows are, by whatever level', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(selections, { minLength: 1, maxLength: 5 }), async (some) => {
      const sums = await run((uow) => sumManyByFacets(uow, 1, some));
      for (const [index, selection] of some.entries()) {
        const { tickets, unread } = await countRows(selection);
        expect(await run((uow) => countByFacets(uow, 1, selection))).toBe(tickets);
        expect(sums[index]).toEqual({ tickets, unread });
      }
    }),
    { numRuns: 60 },
  );
});

it('the lists that agents live in read a few sums', () => {
  expect([levelOf([]), levelOf(['status']), levelOf(['assignee']), levelOf(['priority', 'status'])]).toEqual([
    1, 1, 2, 3,
  ]);
  expect(levelOf(['assignee', 'priority'])).toBe(0);
});
