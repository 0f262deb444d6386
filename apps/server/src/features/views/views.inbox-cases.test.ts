import type { View } from '@parley/contract/views';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addKey, addUser, createTicket } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { matchingNumbers } from '../../testing/ticket-rows.ts';

const VIEWS = '/api/projects/1/conversations/views/';

/** The acceptance cases of inbox.md 4 that are about the server. Ana is the administrator. */
let app: TestApp;
let ben: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ben = await addKey(app, (await addUser(app, 'ben@example.com')).id);
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.database.kysely.deleteFrom('tickets').execute();
});

async function save(name: string, filters: object): Promise<View> {
  const { body, status, text } = await app.request<View>('POST', VIEWS, { body: { name, filters } });
  if (status !== 201) throw new Error(`Answered ${status}: ${text}`);
  return body;
}

describe('saved views', () => {
  it('I31: what Ana saved Ben sees, and its address opens the same for him', async () => {
    const urgent = await createTicket(app, { priority: 'critical', tags: ['a'] });
    await createTicket(app, { priority: 'low', tags: ['a'] });
    await createTicket(app, { priority: 'critical' });
    const { short_id } = await save('Urgent', { priority: ['critical'], tags: ['a'] });
    const list = await app.request<{ results: View[] }>('GET', VIEWS, { key: ben });
    expect(list.body.results.map(({ name }) => name)).toContain('Urgent');
    for (const key of [undefined, ben])
      expect(await matchingNumbers(app, { view: short_id }, key)).toEqual([urgent.ticket_number]);
  });

  it('I32: her favourite is on top for her alone', async () => {
    await save('Older', {});
    const { short_id } = await save('Favourite', {});
    await save('Newer', {});
    const body = { is_favorited: true };
    expect((await app.request('PATCH', `${VIEWS}${short_id}/`, { body })).status).toBe(200);
    const first = async (key?: string) => {
      const { body } = await app.request<{ results: View[] }>('GET', VIEWS, key ? { key } : {});
      return body.results[0];
    };
    expect(await first()).toMatchObject({ name: 'Favourite', is_favorited: true });
    expect((await first(ben))?.is_favorited).toBe(false);
  });

  it('I35: a name of blanks is refused and the old one stays', async () => {
    const { short_id } = await save('Mine', {});
    const answer = await app.request<{ attr?: string }>('PATCH', `${VIEWS}${short_id}/`, {
      body: { name: '  ' },
    });
    expect([answer.status, answer.body.attr]).toEqual([400, 'name']);
    expect((await app.request<View>('GET', `${VIEWS}${short_id}/`)).body.name).toBe('Mine');
  });

  it('I37: of a stored filter with an unknown status the known ones count; with none it shows nothing', async () => {
    const open = await createTicket(app, { status: 'open' });
    await createTicket(app, { status: 'new' });
    const { short_id } = await save('Old', { status: ['open'] });
    const store = (status: string[]) =>
      sql`update ticket_views set filters = ${JSON.stringify({ status })}
        where project_id = 1 and short_id = ${short_id}`.execute(app.database.kysely);
    await store(['open', 'waiting']);
    expect(await matchingNumbers(app, { view: short_id })).toEqual([open.ticket_number]);
    await store(['waiting']);
    expect(await matchingNumbers(app, { view: short_id })).toEqual([]);
  });

  it('I38: an assignee whose id is no number is refused', async () => {
    const body = { name: 'Wrong', filters: { assignee: [{ type: 'user', id: 'abc' }] } };
    expect((await app.request('POST', VIEWS, { body })).status).toBe(400);
  });

  it('I39: one of snoozed tickets shows only those', async () => {
    const snoozed = await createTicket(app, { snoozed_until: '2027-01-01T00:00:00Z' });
    await createTicket(app);
    const { short_id } = await save('Snoozed', { snoozed: true });
    expect(await matchingNumbers(app, { view: short_id })).toEqual([snoozed.ticket_number]);
  });
});
