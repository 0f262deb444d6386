import { createTestDatabase, type TestDatabase } from '@parley/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#platform/ids.ts';
import { createNumbers, type TakeNumber, takeInside } from './numbers.ts';

let created: TestDatabase;
let take: TakeNumber;
let projectId: number;

beforeAll(async () => {
  created = await createTestDatabase();
  const { kysely } = created.database;
  const now = new Date();
  const organization = { id: newId(), name: 'Ours', created_at: now };
  await kysely.insertInto('organizations').values(organization).execute();
  const project = await kysely
    .insertInto('projects')
    .values({ organization_id: organization.id, name: 'Ours', token: 'prt_ours', created_at: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  projectId = project.id;
  await kysely.insertInto('ticket_counters').values({ project_id: projectId }).execute();
  const numbers = createNumbers(created.database);
  if (!numbers) throw new Error('PostgreSQL takes numbers aside.');
  take = numbers;
});

afterAll(() => created.drop());

test('numbers that are asked for at once are all different and leave no gap', async () => {
  const numbers = await Promise.all(Array.from({ length: 50 }, () => take(projectId)));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
});

test('a transaction that took a number does not make the next one wait', async () => {
  const { kysely } = created.database;
  await kysely.transaction().execute(async (tx) => {
    await tx.selectFrom('projects').select('id').where('id', '=', projectId).forUpdate().execute();
    const first = await take(projectId);
    expect(await take(projectId)).toBe(first + 1);
  });
});

test('inside a transaction a number goes back when that rolls back', async () => {
  const { kysely } = created.database;
  const before = await take(projectId);
  const doing = kysely.transaction().execute(async (tx) => {
    expect(await takeInside(tx)(projectId)).toBe(before + 1);
    throw new Error('no');
  });
  await expect(doing).rejects.toThrow('no');
  expect(await take(projectId)).toBe(before + 1);
});

test('a project without a counter is an error for each who asks, and for nobody else', async () => {
  const asked = await Promise.allSettled([take(999), take(projectId), take(999)]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
});
