import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { find, insert } from './tickets.repo.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const ID = '01900000-0000-7000-8000-00000000000';
const NOW = new Date('2026-03-04T05:06:07.089Z');
const LEAST = {
  project_id: 1,
  channel_source: 'widget',
  distinct_id: 'somebody',
  status: 'new',
  created_at: NOW,
  updated_at: NOW,
} as const;

it.each([
  ['the least', {}],
  [
    'all that is given',
    {
      channel_detail: 'widget_api',
      priority: 'high',
      assignee_user_id: 1,
      anonymous_traits: '{"name": "Ada", "n": [1.0, null]}',
      session_context: '{"current_url": "/x"}',
      cc_participants: '["a@example.com"]',
      tags: ['a', 'b'],
      email_subject: 'Subject',
      snoozed_until: NOW,
      sla_due_at: undefined,
    },
  ],
] as const)('a ticket inserted with %s is the row that is found', async (name, given) => {
  const id = `${ID}${name.length % 10}`;
  const ticket = { ...LEAST, ...given, tags: [...('tags' in given ? given.tags : [])], id };
  const [inserted, found] = await app.database.kysely.transaction().execute(async (tx) => {
    const row = await insert(tx, { ...ticket, ticket_number: 500 + name.length });
    return [row, await find(tx, 1, { id })];
  });
  expect(inserted).toMatchObject(found ?? {});
});

it('an insert that fails fails the transaction', async () => {
  const ticket = { ...LEAST, id: `${ID}0`, ticket_number: 999, status: 'nonsense' as 'new' };
  const inserting = app.database.kysely.transaction().execute(async (tx) => {
    await insert(tx, ticket);
    await sql`select 1`.execute(tx);
  });
  await expect(inserting).rejects.toMatchObject({ code: '23514' });
  expect(await find(app.database.kysely, 1, { id: ticket.id })).toBeUndefined();
});
