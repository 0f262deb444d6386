import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addTenant, SYSTEM } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedTickets } from '../../testing/ticket-rows.ts';
import { drawSample } from './tickets.search-sample.ts';

let app: TestApp;
let projectId: number;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ({ projectId } = await addTenant(app, 'sparse'));
});
afterAll(() => app.close());

const number = (to: number, from: number) =>
  sql`update tickets set ticket_number = ${to} where project_id = ${projectId} and ticket_number = ${from}`.execute(
    app.database.kysely,
  );
const draw = () =>
  app.parley.unitOfWork.read(SYSTEM, (context) => {
    const plain = [sql`t.project_id = ${projectId}`, sql`t.deleted_at is null`];
    return drawSample(context, { projectId, plain, words: [] }, 100, 5);
  });

it('draws tickets, however far above the others an imported number lies', async () => {
  await seedTickets(app, Array(40).fill({}), projectId);
  expect(await draw()).toMatchObject({ drawn: 100, plainHits: 100, highestNumber: 40 });
  for (const [to, from] of [
    [2_147_483_647, 40],
    [5_000_000, 39],
    [5_000_001, 38],
  ] as const)
    await number(to, from);
  const sample = await draw();
  expect(sample).toMatchObject({ drawn: 100, plainHits: 100, highestNumber: 40 });
  const { lowest = -1, highest = 40 } = sample.hitNumbers ?? {};
  expect([lowest >= 0, highest < 40]).toEqual([true, true]);
});

it('draws none of a project without tickets, or with too few', async () => {
  await sql`delete from tickets where project_id = ${projectId}`.execute(app.database.kysely);
  expect(await draw()).toMatchObject({ drawn: 0, highestNumber: 0 });
  await seedTickets(app, [{}, {}], projectId);
  expect((await draw()).drawn).toBe(0);
});
