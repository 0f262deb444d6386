import type { ProjectActivity } from '@parley/contract/activities';
import type { ErrorBody } from '@parley/contract/errors';
import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  addKey,
  addTenant,
  addUser,
  createTicket,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const PATH = '/api/projects/1/conversations/activities/';
interface Log {
  next: string | null;
  results: ProjectActivity[];
}

let app: TestApp;
let first: Ticket;
let second: Ticket;
let ben: { id: number; key: string };
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  const { id } = await addUser(app, 'ben@example.com');
  ben = { id, key: await addKey(app, id) };
  first = await createTicket(app, {});
  app.clock.advance(1000);
  second = await createTicket(app, {});
  app.clock.advance(1000);
  await updateTicket(app, first.id, { status: 'open', priority: 'high' });
  app.clock.advance(1000);
  await updateTicket(app, second.id, { tags: ['a'] });
  app.clock.advance(1000);
  await app.request('DELETE', ticketPath(first.id), { key: ben.key });
  // The one day later: what another project does is never among them.
  const other = await addTenant(app, 'others');
  await app.request('POST', other.tickets, { key: other.key, body: {} });
});
afterAll(() => app.close());

async function list(query: Record<string, string> = {}): Promise<Log> {
  const answer = await app.request<Log>('GET', `${PATH}?${new URLSearchParams(query)}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

const shown = ({ results }: Log) => results.map(({ activity, ticket_number }) => [activity, ticket_number]);

describe('#activities.list', () => {
  it('lists what was done to all tickets, newest first, in the form of tickets.activity', async () => {
    const log = await list();
    expect(shown(log)).toEqual([
      ['deleted', 1],
      ['updated', 2],
      ['updated', 1],
      ['created', 2],
      ['created', 1],
    ]);
    expect(log.next).toBeNull();
    const [own] = (await activitiesOf(app, second.id)).toReversed();
    expect(log.results[1]).toEqual({ ...own, ticket_id: second.id, ticket_number: 2 });
  });

  it.each([
    [{ ticket: '2' }, ['updated', 'created']],
    [{ activity: 'created' }, ['created', 'created']],
    [{ field: 'status' }, ['updated']],
    [{ field: 'tag' }, ['updated']],
    [{ field: 'nothing' }, []],
    [{ user: 'me', activity: 'updated' }, ['updated', 'updated']],
    [{ actor_type: 'system' }, []],
    [{ actor_type: 'user', activity: 'deleted' }, ['deleted']],
    [{ date_from: '2026-03-02T10:00:02Z', date_to: '2026-03-02T10:00:03Z' }, ['updated', 'updated']],
    [{ date_from: '-1d', activity: 'deleted' }, ['deleted']],
  ])('narrows by %j', async (query, activities) => {
    expect((await list(query)).results.map(({ activity }) => activity)).toEqual(activities);
  });

  it('narrows by a user and by the uuid of a ticket', async () => {
    expect(shown(await list({ user: String(ben.id) }))).toEqual([['deleted', 1]]);
    expect(shown(await list({ ticket: first.id, activity: 'updated' }))).toEqual([['updated', 1]]);
  });

  it('goes page by page without losing or repeating an entry', async () => {
    const seen: string[] = [];
    let link: string | null = `${PATH}?limit=2`;
    while (link !== null) {
      const url: URL = new URL(link, 'http://localhost');
      const { body } = await app.request<Log>('GET', url.pathname + url.search);
      seen.push(...body.results.map(({ id }) => id));
      link = body.next;
    }
    expect(seen).toEqual((await list()).results.map(({ id }) => id));
  });

  it.each([
    ['ticket', 'x'],
    ['ticket', '99999999999'],
    ['user', 'x'],
    ['actor_type', 'robot'],
    ['date_from', 'yesterday'],
    ['date_to', '-'],
    ['cursor', 'x'],
    ['cursor', `9999-99-99T00:00:00.000Z_${'0'.repeat(36)}`],
  ])('answers 400 to %s=%s', async (attr, value) => {
    const answer = await app.request<ErrorBody>('GET', `${PATH}?${attr}=${encodeURIComponent(value)}`);
    expect(answer).toMatchObject({ status: 400, body: { attr } });
  });

  it('takes anything as a text or a limit', async () => {
    for (const query of [
      'field=%00',
      'activity=%ED%A0%80',
      "field='--",
      'limit=-1',
      'limit=99999999999999999999',
    ]) {
      expect((await app.request('GET', `${PATH}?${query}`)).status, query).toBe(200);
    }
  });
});
