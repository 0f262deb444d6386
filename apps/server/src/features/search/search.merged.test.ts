import type { SearchResult } from '@parley/contract/search';
import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { merge, unmerge } from '#features/ticket-merge/testing.ts';
import {
  createTicket,
  customerWrites,
  listMessages,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { type ListQuery, listTickets } from '../../testing/ticket-rows.ts';

let app: TestApp;
let source: Ticket;
let middle: Ticket;
let target: Ticket;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.database.kysely.deleteFrom('tickets').execute();
  target = await createTicket(app, { message: 'The kettle leaks', email_subject: 'Kitchen' });
  app.clock.advance(1000);
  middle = await createTicket(app, { message: 'Where is my toaster?' });
  app.clock.advance(1000);
  source = await createTicket(app, { message: 'A purple lampshade', email_subject: 'Livingroom' });
  await createTicket(app, { message: 'Something else, not of any kettle' });
  for (const [from, into] of [
    [source, middle],
    [middle, target],
  ] as const)
    await merge(app, from.id, { target: into.id, allow_different_customers: true });
});

const search = async (q: string) => {
  const path = `/api/projects/1/conversations/search/?${new URLSearchParams({ q })}`;
  const { status, body } = await app.request<{ count: number; results: SearchResult[] }>('GET', path);
  expect([status, body.count]).toEqual([200, body.results.length]);
  return body.results;
};
const found = async (q: string) => (await search(q)).map(({ ticket }) => ticket.ticket_number);
const listed = async (query: ListQuery) => {
  const { count, results } = await listTickets(app, query);
  expect(count).toBe(results.length);
  return results.map(({ ticket_number }) => ticket_number);
};

describe('words of a merged ticket', () => {
  it.each(['lampshade', 'livingroom', 'toaster', 'kettle leaks'])(
    'find the ticket in which its thread goes on, once: %s',
    async (text) => {
      expect(await found(text)).toEqual([target.ticket_number]);
      expect(await listed({ search: text })).toEqual([target.ticket_number]);
    },
  );

  it('count as those of one thread, together and where they exclude', async () => {
    expect(await found('lampshade toaster kitchen')).toEqual([target.ticket_number]);
    expect(await found('kitchen -lampshade')).toEqual([]);
    expect(await found('-lampshade kettle')).toHaveLength(1);
  });

  it('are shown from the message that holds them, whose thread is the found ticket’s', async () => {
    await customerWrites(app, source.id, 'Still no lampshade, purple or not');
    const [result] = await search('purple lampshade');
    expect(result?.snippet.filter(({ match }) => match).map(({ text }) => text)).toEqual([
      'lampshade',
      'purple',
    ]);
    const shown = (await listMessages(app, target.id)).find(({ id }) => id === result?.message_id);
    expect(shown).toMatchObject({ ticket_id: source.id, content: 'Still no lampshade, purple or not' });
    const [older] = await search('"a purple"');
    expect(older?.snippet).toContainEqual({ text: 'A purple', match: true });
  });

  it('find it itself by its number, and where another filter holds for it; it names where its thread goes on', async () => {
    await updateTicket(app, target.id, { status: 'pending' });
    const into = { merged_into_id: middle.id, merged_into_ticket_number: middle.ticket_number };
    for (const q of [`#${source.ticket_number}`, 'lampshade is:resolved'])
      expect((await search(q)).map(({ ticket }) => ticket).at(0)).toMatchObject({ id: source.id, ...into });
    expect(await listed({ search: 'lampshade', status: 'resolved' })).toEqual([
      source.ticket_number,
      middle.ticket_number,
    ]);
    expect(await listed({ search: 'lampshade', status: 'pending' })).toEqual([target.ticket_number]);
  });

  it('are not found with a deleted thread, but among the deleted', async () => {
    await app.request('DELETE', ticketPath(target.id));
    expect(await found('lampshade')).toEqual([]);
    expect(await listed({ search: 'lampshade', deleted: 'true' })).toEqual([target.ticket_number]);
  });

  it('are its own again when the merge is taken back', async () => {
    await unmerge(app, middle.id);
    expect(await found('lampshade')).toEqual([middle.ticket_number]);
    await unmerge(app, source.id);
    expect(await found('lampshade')).toEqual([source.ticket_number]);
    expect(await found('toaster')).toEqual([middle.ticket_number]);
  });
});
