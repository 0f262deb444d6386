import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createTicket, TICKETS, ticketPath, updateTicket } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http', 'worker'] });
});
afterAll(() => app.close());

const vocabulary = async () =>
  (await app.database.kysely.selectFrom('tags').select('name').orderBy('name').execute()).map(
    ({ name }) => name,
  );
const becomes = (names: string[]) =>
  vi.waitFor(async () => expect(await vocabulary()).toEqual(names), { timeout: 20_000, interval: 50 });

it('a name goes when no ticket has it any more, and stays while one does', async () => {
  const one = await createTicket(app, { tags: ['shared', 'only'] });
  const other = await createTicket(app, { tags: ['shared', 'bulk', 'deleted'] });
  await updateTicket(app, one.id, { tags: [] });
  await becomes(['bulk', 'deleted', 'shared']);
  const body = { ids: [one.id, other.id], action: 'remove', tags: ['bulk'] };
  await app.request('POST', `${TICKETS}bulk_update_tags/`, { body });
  await becomes(['deleted', 'shared']);
  // A deleted ticket can be restored, with its tags.
  await app.request('DELETE', ticketPath(other.id));
  const third = await createTicket(app, { tags: ['shared', 'last'] });
  await updateTicket(app, third.id, { tags: [] });
  await becomes(['deleted', 'shared']);
});
