import { connectPostgres } from '@parley/db/database';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { addUser, createTicket, customerWrites, ticketPath } from '../../testing/fixtures.ts';
import { tellEverybody } from '../../testing/tenant-things.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

it('whoever reads a ticket and whoever tells of it do not wait for each other in a circle', async () => {
  const { id } = await createTicket(app, { message: 'Hi' });
  const answer = async () => {
    app.clock.advance(1000);
    await customerWrites(app, id, 'And?');
  };
  const follow = async (email: string) => {
    const user = await addUser(app, email);
    await app.request('POST', ticketPath(id, 'followers/'), { body: { user_id: user.id } });
    return user.id;
  };
  const told = async (userId: number) => {
    const rows = app.database.kysely.selectFrom('notifications').select('count').orderBy('id');
    return (await rows.where('user_id', '=', userId).execute()).map(({ count }) => count);
  };
  const ana = await follow('ana@example.com');
  await answer();
  await tellEverybody(app);
  // Ana's notification is to be counted up, and Ben's, which points to the ticket, is to be written.
  const ben = await follow('ben@example.com');
  await answer();

  const reader = await connectPostgres(app.url ?? '', { poolSize: 1 });
  let telling: Promise<void> | undefined;
  await reader.kysely.transaction().execute(async (tx) => {
    // Shorter than the database needs to find and break a circle.
    await sql`set local lock_timeout = '500ms'`.execute(tx);
    await sql`select from tickets where project_id = 1 and id = ${id} for update`.execute(tx);
    telling = tellEverybody(app);
    await vi.waitFor(async () => {
      const waiting = await sql`select from pg_locks where not granted`.execute(app.database.kysely);
      expect(waiting.rows).toHaveLength(1);
    });
    await sql`
      update notifications set read_at = now() where project_id = 1 and user_id = ${ana}`.execute(tx);
  });
  await telling;
  await reader.close();
  expect([await told(ana), await told(ben)]).toEqual([[1, 1], [1]]);
});
