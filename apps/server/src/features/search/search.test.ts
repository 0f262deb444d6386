import type { SearchResult } from '@parley/contract/search';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPerson, addRole, addTenant, addUser, adminId } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedMessage, seedTicket, type TicketSeed } from '../../testing/ticket-rows.ts';

const SEARCH = '/api/projects/1/conversations/search/';
const DAY = 24 * 3_600_000;

interface Answer {
  count: number;
  next: string | null;
  previous: string | null;
  results: SearchResult[];
  warnings: { term: string; detail: string }[];
}

let app: TestApp;
const names = new Map<string, string>();
let invoiceMessage: string;

const search = (q: string, more: Record<string, string> = {}) =>
  app.request<Answer>('GET', `${SEARCH}?${new URLSearchParams({ q, ...more })}`);

/** Names of the tickets a query finds, newest activity first. */
async function found(q: string): Promise<(string | undefined)[]> {
  const { status, body } = await search(q);
  expect([status, q]).toEqual([200, q]);
  expect(body.count).toBe(body.results.length);
  return body.results.map(({ ticket }) => names.get(ticket.id));
}

beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  const colleague = (await addUser(app, 'colleague@example.com')).id;
  const role = await addRole(app, 'Billing');
  const me = await adminId(app);
  await addPerson(app, ['p-1'], { name: 'Grace Hopper', email: 'grace@navy.example', plan: 'paid' });
  const at = (daysAgo: number) => ({
    created_at: new Date(app.clock.now().getTime() - (daysAgo + 1) * DAY),
    updated_at: new Date(app.clock.now().getTime() - daysAgo * DAY),
  });
  const config = await app.database.kysely
    .insertInto('email_configs')
    .values({
      project_id: 1,
      id: crypto.randomUUID(),
      email: 'help@shop.example',
      created_at: app.clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const add = async (name: string, seed: TicketSeed) => {
    const { id } = await seedTicket(app, seed);
    names.set(id, name);
    return id;
  };
  const a = await add('invoice', {
    ...at(1),
    status: 'open',
    priority: 'high',
    tags: ['gamma delta', 'vip'],
    assignee_user_id: me,
    unread_team_count: 2,
    distinct_id: 'p-1',
  });
  await seedMessage(app, a, { content: 'The invoice is wrong' });
  await seedMessage(app, a, { content: 'Another invoice, from March, shows the wrong address' });
  await seedMessage(app, a, { content: 'Please help' });
  const b = await add('shipping', {
    ...at(2),
    status: 'pending',
    channel_source: 'email',
    email_from: 'Bob@Example.com',
    email_subject: 'Where is my parcel?',
    email_config_id: config.id,
    assignee_user_id: colleague,
    tags: ['vip'],
    snoozed_until: new Date(app.clock.now().getTime() + DAY),
  });
  await seedMessage(app, b, {
    content: 'See the picture, not the invoice',
    rich_content: JSON.stringify({ type: 'doc', content: [{ type: 'image', attrs: { src: '/x.png' } }] }),
  });
  const c = await add('login', {
    ...at(3),
    status: 'on_hold',
    assignee_role_id: role,
    cc_participants: JSON.stringify(['boss@example.com']),
  });
  await seedMessage(app, c, {
    content: 'error:500 at 12:30',
    item_context: JSON.stringify({ email_attachments: [] }),
  });
  const d = await add('resolved', { ...at(10), status: 'resolved', priority: 'low' });
  const files = JSON.stringify({ slack_files: [{ id: 'F1' }] });
  await seedMessage(app, d, { content: 'thank you', item_context: files });
  await add('deleted', { ...at(0), deleted_at: app.clock.now(), email_subject: 'invoice' });
  const messages = await app.database.kysely
    .selectFrom('messages')
    .select(['id', 'content'])
    .where('project_id', '=', 1)
    .execute();
  invoiceMessage = messages.find(({ content }) => content.startsWith('Another'))?.id ?? '';
});
afterAll(() => app.close());

describe('search.tickets', () => {
  it.each([
    ['', ['invoice', 'shipping', 'login', 'resolved']],
    ['invoice', ['invoice', 'shipping']],
    ['INVOICE march', ['invoice']],
    ['invoice parcel', ['shipping']],
    ['"wrong address"', ['invoice']],
    ['"address wrong"', []],
    ['invoice -parcel', ['invoice']],
    ['-invoice', ['login', 'resolved']],
    ['hopper', ['invoice']],
    ['is:unread', ['invoice']],
    ['-is:unread', ['shipping', 'login', 'resolved']],
    ['is:snoozed', ['shipping']],
    ['is:open', ['invoice']],
    ['is:open is:on-hold', ['invoice', 'login']],
    ['-is:open', ['shipping', 'login', 'resolved']],
    ['from:bob@example.com', ['shipping']],
    ['from:hopper', ['invoice']],
    ['from:invoice', []],
    ['-from:bob', ['invoice', 'login', 'resolved']],
    ['to:help@shop.example', ['shipping']],
    ['to:boss', ['login']],
    ['tag:vip', ['invoice', 'shipping']],
    ['tag:VIP tag:"gamma delta"', ['invoice']],
    ['-tag:vip', ['login', 'resolved']],
    ['assignee:me', ['invoice']],
    ['assignee:unassigned', ['resolved']],
    ['assignee:Colleague@example.com', ['shipping']],
    ['assignee:billing', ['login']],
    ['-assignee:me -assignee:unassigned', ['shipping', 'login']],
    ['channel:email', ['shipping']],
    ['priority:high', ['invoice']],
    ['-priority:high', ['shipping', 'login', 'resolved']],
    ['before:-5d', ['resolved']],
    ['after:-5d', ['invoice', 'shipping', 'login']],
    ['after:2026-02-28 before:2026-03-01', ['shipping']],
    ['has:attachment', ['shipping', 'resolved']],
    ['-has:attachment', ['invoice', 'login']],
    ['invoice is:pending tag:vip has:attachment', ['shipping']],
  ])('%s', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it('takes a lone number as the number of a ticket, and one among words as text', async () => {
    const { body } = await search('invoice is:open');
    const number = body.results[0]?.ticket.ticket_number;
    expect(await found(`#${number}`)).toEqual(['invoice']);
    expect(await found('500 error')).toEqual(['login']);
  });

  it('shows where it matches, in parts, from the message with the most of the words', async () => {
    const { body } = await search('invoice march');
    const [result] = body.results;
    expect(result?.message_id).toBe(invoiceMessage);
    expect(result?.snippet).toEqual([
      { text: 'Another ', match: false },
      { text: 'invoice', match: true },
      { text: ', from ', match: false },
      { text: 'March', match: true },
      { text: ', shows the wrong address', match: false },
    ]);
  });

  it('shows the ticket’s own words when no message matches', async () => {
    const { body } = await search('PARCEL');
    expect(body.results[0]).toMatchObject({
      message_id: null,
      snippet: [
        { text: 'Where is my ', match: false },
        { text: 'parcel', match: true },
        { text: '?', match: false },
      ],
    });
  });

  it('searches what is no operator as text, and says so', async () => {
    const { body } = await search('error:500');
    expect(body.results.map(({ ticket }) => names.get(ticket.id))).toEqual(['login']);
    expect(body.warnings).toEqual([{ term: 'error:500', detail: expect.any(String) }]);
    for (const query of [
      'is:blue',
      'channel:pigeon',
      'priority:urgent',
      'has:fun',
      'assignee:nobody@example.com',
      'x:y',
    ]) {
      const answer = await search(query);
      expect([query, answer.status, answer.body.count]).toEqual([query, 200, 0]);
      expect(answer.body.warnings.map(({ term }) => term)).toEqual([query]);
    }
    expect((await search('invoice 12:30 is:open')).body.warnings).toEqual([]);
  });

  it.each([['before:soon'], ['after:2026-13-45'], [Array(21).fill('a').join(' ')], ['x'.repeat(501)]])(
    'refuses %s, and names the parameter',
    async (query) => {
      const { status, body } = await search(query);
      expect([status, body]).toMatchObject([400, { type: 'validation_error', attr: 'q' }]);
    },
  );

  it('pages by cursor, forth and back', async () => {
    const first = (await search('-nothing', { limit: '3' })).body;
    expect([first.count, first.results.length, first.previous]).toEqual([4, 3, null]);
    const second = (await app.request<Answer>('GET', first.next?.replace(/^https?:\/\/[^/]+/, '') ?? ''))
      .body;
    expect(second.results.map(({ ticket }) => names.get(ticket.id))).toEqual(['resolved']);
    expect(second.next).toBeNull();
    const back = (await app.request<Answer>('GET', second.previous?.replace(/^https?:\/\/[^/]+/, '') ?? ''))
      .body;
    expect(back.results.map(({ ticket }) => ticket.id)).toEqual(first.results.map(({ ticket }) => ticket.id));
  });

  it('finds nothing of another project', async () => {
    const other = await addTenant(app, 'other');
    const { id } = await seedTicket(app, { email_subject: 'secretword' }, other.projectId);
    await seedMessage(app, id, { content: 'secretword', project_id: other.projectId });
    expect(await found('secretword')).toEqual([]);
  });

  it.each([
    `"`,
    `-"`,
    `'; drop table tickets --`,
    '%',
    '_',
    '\\',
    '\u0000',
    'is:',
    ':',
    '-:',
    '🤷🏽‍♀️',
    '$1',
    '"a" "b',
  ])('is not troubled by %s', async (query) => {
    expect((await search(query)).status).toBe(200);
  });
});
