import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPerson, TICKETS } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { followPage, listPath, listTickets, seedTickets } from '../../testing/ticket-rows.ts';

const TOTAL = 120;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  await addPerson(app, ['customer'], { name: 'Grace' });
  await seedTickets(
    app,
    Array.from({ length: TOTAL }, (_, index) => ({
      status: index % 2 ? ('open' as const) : ('new' as const),
      distinct_id: 'customer',
      tags: ['a tag'],
    })),
  );
});
afterAll(() => app.close());

const search = (link: string | null) => (link === null ? null : decodeURIComponent(new URL(link).search));

describe('limit and offset', () => {
  it('a page has count, next, previous and results, 100 by default', async () => {
    const page = await listTickets(app);
    expect(Object.keys(page)).toEqual(['count', 'next', 'previous', 'results']);
    expect([page.count, page.results.length, page.previous]).toEqual([TOTAL, 100, null]);
    expect(page.next).toBe(`http://localhost${TICKETS}?limit=100&offset=100`);
  });

  it('a limit that is none falls back to 100, one above 1000 is 1000', async () => {
    for (const limit of ['', '0', '-1', 'abc', '1.5', '1e9', '0x10', '٣']) {
      const { results } = await listTickets(app, { limit });
      expect([limit, results.length]).toEqual([limit, 100]);
    }
    expect((await listTickets(app, { limit: '7' })).results).toHaveLength(7);
    const most = await listTickets(app, { limit: '999999999', offset: 1 });
    expect([most.results.length, search(most.previous)]).toEqual([119, '?limit=1000']);
  });

  it('an offset that is none is 0; beyond the end the page is empty and the count true', async () => {
    const first = (await listTickets(app)).results[0]?.id;
    for (const offset of ['', '-1', 'abc', '1e9', '1.5']) {
      const { results } = await listTickets(app, { offset });
      expect([offset, results[0]?.id]).toEqual([offset, first]);
    }
    for (const offset of ['120', '1000000000', '999999999999999', '9'.repeat(30)]) {
      const page = await listTickets(app, { offset, limit: 1 });
      expect([offset, page.count, page.next, page.results]).toEqual([offset, TOTAL, null, []]);
    }
  });

  it('links keep every other parameter, sorted by name; a first page has no offset', async () => {
    const query = { tags: '["a tag"]', status: 'new', order_by: '-created_at', limit: 20, unknown: 'ä&=?' };
    const kept = 'order_by=-created_at&status=new&tags=["a+tag"]&unknown=ä&=?';
    const first = await listTickets(app, query);
    expect(search(first.next)).toBe(`?limit=20&offset=20&${kept}`);
    const second = await followPage(app, first.next ?? '');
    expect(search(second.next)).toBe(`?limit=20&offset=40&${kept}`);
    expect(search(second.previous)).toBe(`?limit=20&${kept}`);
    const third = await followPage(app, second.next ?? '');
    expect([third.count, third.results.length, third.next]).toEqual([60, 20, null]);
    expect(search(third.previous)).toBe(`?limit=20&offset=20&${kept}`);
    const ids = [first, second, third].flatMap(({ results }) => results.map(({ id }) => id));
    expect(new Set(ids).size).toBe(60);
    expect((await followPage(app, second.previous ?? '')).results).toEqual(first.results);
  });

  it('a page before a whole one starts at 0', async () => {
    const { previous } = await listTickets(app, { limit: 20, offset: 7 });
    expect(search(previous)).toBe('?limit=20');
  });

  it('links lead to the host that was asked', async () => {
    const headers = { host: 'support.example.com:8443' };
    const { body } = await app.request<{ next: string }>('GET', TICKETS, { headers });
    expect(body.next).toBe(`http://support.example.com:8443${TICKETS}?limit=100&offset=100`);
  });

  it('of a repeated parameter the last one counts', async () => {
    const { status, body } = await app.request<{ count: number }>(
      'GET',
      `${TICKETS}?status=nonsense&status=new`,
    );
    expect([status, body.count]).toEqual([200, 60]);
  });
});

describe('the list', () => {
  it('shows each ticket as it is retrieved, with its person', async () => {
    const { results } = await listTickets(app, { limit: 1 });
    const [shown] = results;
    const retrieved = await app.request<Ticket>('GET', `${TICKETS}${shown?.id}/?mark_read=false`);
    expect(shown).toEqual(retrieved.body);
    expect(shown?.person?.name).toBe('Grace');
  });

  it('asks the database the same number of questions whatever the number of tickets', async () => {
    const statementsOf = async (limit: number) => {
      await app.request('GET', listPath({ limit: 1 }));
      const before = app.statements.length;
      await app.request('GET', listPath({ limit }));
      return app.statements.length - before;
    };
    expect(await statementsOf(100)).toBe(await statementsOf(1));
  });

  it('is refused without a key, and with one that is wrong', async () => {
    const anonymous = await app.request('GET', TICKETS, { key: null });
    expect([anonymous.status, anonymous.body]).toMatchObject([
      401,
      { code: 'not_authenticated', attr: null },
    ]);
    const wrong = await app.request('GET', TICKETS, { key: 'prl_nobody' });
    expect([wrong.status, wrong.body]).toMatchObject([401, { code: 'authentication_failed' }]);
  });
});
