import type { ErrorBody } from '@parley/contract/errors';
import type { ExportedTicket } from '@parley/contract/ticket-exports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  addAdminKey,
  addKey,
  addPerson,
  addTenant,
  addUser,
  adminId,
  createTicket,
  listMessages,
  projectOf,
  reply,
  type Tenant,
  TICKETS,
  updateTicket,
} from '../../testing/fixtures.ts';
import { seedKnownTickets } from '../../testing/known-tickets.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { matchingNumbers } from '../../testing/ticket-rows.ts';

const EXPORT = `${TICKETS}export/`;

let app: TestApp;
let other: Tenant;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  other = await addTenant(app, 'others');
});
afterAll(() => app.close());

async function download(query: Record<string, string | number> = {}, base = EXPORT, key?: string) {
  const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const answer = await app.request('GET', `${base}?${parameters}`, key === undefined ? {} : { key });
  expect(answer.status, answer.text).toBe(200);
  return answer;
}
const parse = (text: string): ExportedTicket[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
const numbers = (text: string) => parse(text).map((ticket) => ticket.ticket_number);

describe('#ticket_exports.download', () => {
  it('writes a line per ticket with all that belongs to it, and no more', async () => {
    await addPerson(app, ['ann', 'ann-2'], { email: 'ann@example.com' });
    const body = { distinct_id: 'ann', message: 'Broken', tags: ['b', 'a'], email_subject: 'Help' };
    const ticket = await createTicket(app, body);
    await reply(app, ticket.id, 'Have a look', { rich_content: { type: 'doc' } });
    await reply(app, ticket.id, 'Among us', { is_private: true });
    await updateTicket(app, ticket.id, { assignee: { type: 'user', id: await adminId(app) } });
    await app.request('POST', other.tickets, { key: other.key, body: { message: 'Theirs' } });
    const answer = await download({ include: 'messages,activities' });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="tickets-1.ndjson"',
    });
    const [line, ...more] = parse(answer.text);
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      id: ticket.id,
      ticket_number: ticket.ticket_number,
      created_at: ticket.created_at,
      status: 'open',
      tags: ['a', 'b'],
      assignee: { type: 'user', email: 'ada@example.com' },
      person: { distinct_ids: ['ann', 'ann-2'], properties: { email: 'ann@example.com' } },
      message_count: 2,
    });
    const messages = await listMessages(app, ticket.id);
    expect(line?.messages).toEqual(
      messages.map(({ id, content, rich_content, author_email, author_type, is_private, created_at }) =>
        expect.objectContaining({
          id,
          content,
          rich_content,
          author: author_email,
          item_context: expect.objectContaining({ author_type, is_private }),
          created_at,
          edited_at: null,
        }),
      ),
    );
    expect(line?.activities).toEqual(await activitiesOf(app, ticket.id));
    expect(Object.keys(parse((await download()).text)[0] ?? {})).not.toContain('messages');
    expect(answer.text).not.toContain('Theirs');
  });

  it('takes the filters of the list and its views, in the order of the numbers', async () => {
    await seedKnownTickets(app, 40, 7);
    const view = await app.request<{ short_id: string }>('POST', '/api/projects/1/conversations/views/', {
      body: { name: 'x', filters: { status: ['open', 'new'] } },
    });
    const queries: Record<string, string>[] = [
      {},
      { status: 'open' },
      { assignee: 'me', order_by: '-created_at' },
      { tags: '["alpha"]' },
      { search: 'refund' },
      { search: 'nowhere at all' },
      { deleted: 'true' },
      { view: view.body.short_id, priority: 'low' },
    ];
    for (const query of queries) {
      const expected = await matchingNumbers(app, { ...query, limit: 1000 });
      expect([query, numbers((await download(query)).text)]).toEqual([query, expected]);
    }
  });

  it('goes on behind any line, so that pieces make the whole', async () => {
    const whole = (await download({ include: 'messages' })).text;
    const lines = whole.split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThan(3);
    const kept = lines.slice(0, 2).map((line) => `${line}\n`);
    const after = numbers(kept.join('')).at(-1) ?? 0;
    const rest = await download({ include: 'messages', after });
    expect(kept.join('') + rest.text).toBe(whole);
    expect((await download({ after: 2_147_483_647 })).text).toBe('');
  });

  it('writes a table that no spreadsheet takes for a program', async () => {
    await app.database.kysely.deleteFrom('tickets').execute();
    const subjects = ['=1+1', '+1', '-1', '@x', '\tx', '\rx', 'a "b", c', 'two\r\nlines', 'plain'];
    for (const email_subject of subjects) await createTicket(app, { email_subject, tags: ['=x', 'y'] });
    const answer = await download({ format: 'csv', bom: 'true' });
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.text.startsWith('\uFEFFticket_number,id,status,')).toBe(true);
    expect(answer.text.endsWith('\r\n')).toBe(true);
    const cells = ["'=1+1", "'+1", "'-1", "'@x", "'\tx", `"'\rx"`, '"a ""b"", c"', '"two\r\nlines"'];
    for (const cell of cells.map((one) => `,${one},`)) expect(answer.text).toContain(cell);
    expect(answer.text).toContain(",'=x; y,");
    expect((await download({ format: 'csv', after: 1 })).text).not.toContain('ticket_number');
    expect((await download({ format: 'csv', status: 'resolved' })).text.split('\r\n')).toHaveLength(2);
  });

  it.each([
    ['format', 'xml', 'invalid_choice'],
    ['include', 'secrets', 'invalid_choice'],
    ['after', '-1', 'invalid_input'],
    ['after', '99999999999', 'invalid_input'],
    ['after', '1.5', 'invalid_input'],
    ['view', 'nothing', 'does_not_exist'],
  ])('answers 400 to %s=%s', async (attr, value, code) => {
    const answer = await app.request<ErrorBody>('GET', `${EXPORT}?${attr}=${value}`);
    expect(answer).toMatchObject({ status: 400, body: { attr, code } });
    const mixed = await app.request<ErrorBody>('GET', `${EXPORT}?format=csv&include=messages`);
    expect(mixed).toMatchObject({ status: 400, body: { attr: 'include' } });
  });

  it('is for managers of this project, and in the audit log', async () => {
    const status = async (key: string | null) => (await app.request('GET', EXPORT, { key })).status;
    const editor = await addKey(app, (await addUser(app, 'e@example.com', { access: 'editor' })).id);
    const manager = await addKey(app, (await addUser(app, 'm@example.com', { access: 'manager' })).id);
    expect(await status(editor)).toBe(403);
    expect(await status(manager)).toBe(200);
    expect(await status(other.key)).toBe(404);
    expect(await status(await addAdminKey(app, ['conversation:read']))).toBe(403);
    expect(await status(null)).toBe(401);
    await download({ search: 'somebody', format: 'csv' });
    const { organizationId } = await projectOf(app);
    const log = await app.request<{ results: { act: string; detail: object; project_id: number }[] }>(
      'GET',
      `/api/organizations/${organizationId}/audit_log/?act=ticket_exports`,
    );
    expect(log.body.results[0]).toMatchObject({
      act: 'ticket_exports.download',
      project_id: 1,
      detail: { format: 'csv', parameters: ['search', 'format'] },
    });
    expect(log.text).not.toContain('somebody');
  });

  it('answers HEAD without reading tickets', async () => {
    const before = app.statements.length;
    const answer = await app.request('HEAD', EXPORT);
    expect([answer.status, answer.text]).toEqual([200, '']);
    const since = app.statements.slice(before);
    expect(since.filter((text) => text.includes('from tickets'))).toEqual([]);
  });
});
