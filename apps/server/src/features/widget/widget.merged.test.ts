import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getTicket, reply, setProject, ticketPath, updateTicket } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { browser, type Fields, openPage, type Page, widgetToken, written } from './testing.ts';

let app: TestApp;
let page: Page;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  page = openPage(app, await widgetToken(app));
});
afterAll(() => app.close());

async function merge(source: string, target: string): Promise<void> {
  const body = { target, allow_different_customers: true };
  const answer = await app.request('POST', ticketPath(source, 'merge/'), { body });
  if (answer.status >= 300) throw new Error(answer.text);
}

const open = async (visitor: Fields, message: string) =>
  (await written(page, visitor, { message })).ticket_id;
const contents = async (visitor: Fields, id: string) =>
  (await page.messages(visitor, id)).body.messages.map(({ content }) => content);
const listed = async (visitor: Fields) => (await page.tickets(visitor)).body.results.map(({ id }) => id);

describe('two tickets of one customer that are merged', () => {
  it('are one in the list and one thread, under either id', async () => {
    const visitor = browser();
    const [first, second] = [await open(visitor, 'First'), await open(visitor, 'Second')];
    await merge(first, second);
    await reply(app, first, 'Answer');
    expect(await listed(visitor)).toEqual([second]);
    for (const id of [first, second]) {
      expect(await contents(visitor, id)).toEqual(['First', 'Second', 'Answer']);
      expect((await page.messages(visitor, id)).body).toMatchObject({
        ticket_id: id,
        ticket_status: 'open',
        unread_count: 1,
      });
    }
    expect((await page.read(visitor, first)).body).toEqual({ success: true, unread_count: 0 });
    expect((await getTicket(app, second)).unread_customer_count).toBe(0);
    const sent = await written(page, visitor, { ticket_id: first, message: 'Thanks' });
    expect([sent.ticket_id, sent.ticket_status]).toEqual([second, 'open']);
    expect(await contents(visitor, second)).toEqual(['First', 'Second', 'Answer', 'Thanks']);
    const page2 = await page.messages(visitor, first, { after: sent.created_at });
    expect(page2.body.messages).toEqual([]);
  });
});

describe('tickets of different customers that are merged', () => {
  it('tell neither customer a word of the other', async () => {
    const [ada, bob] = [browser(), browser()];
    const [adas, bobs] = [await open(ada, 'Ada’s'), await open(bob, 'Bob’s')];
    await merge(adas, bobs);
    await reply(app, bobs, 'To Bob');
    const sent = await written(page, ada, { ticket_id: adas, message: 'Ada again' });
    expect(sent).toMatchObject({ ticket_id: adas, ticket_status: 'resolved', unread_count: 0 });
    expect(await contents(ada, adas)).toEqual(['Ada’s', 'Ada again']);
    expect(await contents(bob, bobs)).toEqual(['Bob’s', 'To Bob']);
    expect((await page.messages(ada, adas)).body).toMatchObject({ unread_count: 0 });
    expect((await page.messages(ada, bobs)).status).toBe(403);
    expect((await page.messages(bob, adas)).status).toBe(403);
    expect([await listed(ada), await listed(bob)]).toEqual([[adas], [bobs]]);
    // Ada reading hers leaves Bob's as unread as it was.
    await page.read(ada, adas);
    expect((await getTicket(app, bobs)).unread_customer_count).toBe(1);
    expect((await getTicket(app, bobs)).anonymous_traits).toEqual({});
  });

  it('what is written in the name of Ada changes nothing that is known of Bob', async () => {
    const [ada, bob] = [browser(), browser()];
    const [adas, bobs] = [await open(ada, 'Ada’s'), await open(bob, 'Bob’s')];
    await merge(adas, bobs);
    await written(page, ada, { ticket_id: adas, traits: { email: 'ada@example.com' }, session_id: 'adas' });
    expect(await getTicket(app, bobs)).toMatchObject({ anonymous_traits: {}, session_id: null });
  });
});

describe('a ticket that was resolved long ago', () => {
  it('is followed by another one of the same browser, where the project wants that', async () => {
    await setProject(app, { conversations_settings: { status_rules: { follow_up_after_days: 1 } } });
    const visitor = browser();
    const old = await open(visitor, 'Old');
    await updateTicket(app, old, { status: 'resolved' });
    app.clock.advance(3 * 86_400_000);
    const sent = await written(page, visitor, { ticket_id: old, message: 'New' });
    expect(sent.ticket_id).not.toBe(old);
    expect(sent.ticket_status).toBe('new');
    expect(await contents(visitor, sent.ticket_id)).toEqual(['New']);
    expect((await listed(visitor)).sort()).toEqual([old, sent.ticket_id].sort());
  });
});
