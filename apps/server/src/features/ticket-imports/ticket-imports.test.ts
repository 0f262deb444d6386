import type { ErrorBody } from '@parley/contract/errors';
import type { ExportedTicket } from '@parley/contract/ticket-exports';
import type { TicketImport } from '@parley/contract/ticket-imports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#platform/ids.ts';
import {
  addAdminKey,
  addEmailConfig,
  addKey,
  addPerson,
  addRole,
  addTenant,
  addUser,
  adminId,
  createTicket,
  customerWrites,
  eventNames,
  getTicket,
  listMessages,
  projectOf,
  reply,
  SYSTEM,
  type Tenant,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { foldTicketCounts } from '../ticket-counts/ticket-counts.fold.ts';
import { importLines, lineOf, postLines } from './testing.ts';

let app: TestApp;
let other: Tenant;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  other = await addTenant(app, 'others');
});
afterAll(() => app.close());

async function exported(base = TICKETS, key?: string, query = ''): Promise<ExportedTicket[]> {
  const path = `${base}export/?include=messages,activities${query}`;
  const answer = await app.request('GET', path, key === undefined ? {} : { key });
  expect(answer.status).toBe(200);
  return answer.text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

describe('there and back', () => {
  it('an export that is imported elsewhere exports the same', async () => {
    await addPerson(app, ['ann', 'ann-2'], { email: 'ann@example.com', seats: 4711 });
    const role = await addRole(app, 'Billing');
    await addEmailConfig(app, { email: 'us@example.com' });
    const first = await createTicket(app, {
      distinct_id: 'ann',
      message: 'Broken',
      tags: ['b', 'a'],
      email_subject: 'Help',
      anonymous_traits: { name: 'Ann', nested: [1, null, '€'] },
      sla_due_at: '2026-03-05T09:00:00Z',
      priority: 'high',
    });
    app.clock.advance(60_000);
    await reply(app, first.id, 'Have a look', { rich_content: { type: 'doc', content: [] } });
    await reply(app, first.id, 'Among us', { is_private: true });
    await updateTicket(app, first.id, { assignee: { type: 'user', id: await adminId(app) } });
    const second = await createTicket(app, { message: 'Again', snoozed_until: '2026-04-01T00:00:00Z' });
    await updateTicket(app, second.id, { assignee: { type: 'role', id: role } });
    await customerWrites(app, second.id, 'And again');
    const third = await createTicket(app, {});
    await updateTicket(app, third.id, { status: 'resolved' });
    const before = await exported();
    expect(before).toHaveLength(3);

    // The same people elsewhere: members of both organizations, and a role of the same name.
    await app.database.kysely
      .insertInto('memberships')
      .values({
        organization_id: other.organizationId,
        user_id: await adminId(app),
        level: 'member',
        created_at: app.clock.now(),
      })
      .execute();
    await addRole(app, 'billing', other.organizationId);
    const done = await importLines(app, before, { base: other.tickets, key: other.key });
    expect(done).toMatchObject({ state: 'finished', created: 3, skipped: 0, failed: 0, problems: [] });
    const after = await exported(other.tickets, other.key);
    // The name of a role is its organization's own.
    const named = before.map((ticket) =>
      ticket.assignee?.type === 'role'
        ? { ...ticket, assignee: { ...ticket.assignee, name: 'billing' } }
        : ticket,
    );
    expect(after).toEqual(named);
    expect(await exported()).toEqual(before);
  });

  it('changes nothing when it is run again', async () => {
    const before = await exported(other.tickets, other.key);
    for (const query of ['', '?mode=update']) {
      const again = await importLines(app, before, { base: other.tickets, key: other.key, query });
      expect(again).toMatchObject({ created: 0, updated: 0, skipped: 3, failed: 0, problems: [] });
    }
    expect(await exported(other.tickets, other.key)).toEqual(before);
  });
});

describe('#ticket_imports.create', () => {
  it('keeps ids, dates and free numbers, and the counter moves past them', async () => {
    const taken = await createTicket(app, {});
    const lines = [
      lineOf({ ticket_number: 5000, status: 'pending' }),
      lineOf({ ticket_number: taken.ticket_number }),
      lineOf(),
      lineOf({ ticket_number: 5000 }),
    ];
    const done = await importLines(app, lines);
    expect(done).toMatchObject({ created: 4, failed: 0 });
    const tickets = await Promise.all(lines.map(({ id }) => getTicket(app, id)));
    expect(tickets[0]).toMatchObject({
      ticket_number: 5000,
      status: 'pending',
      created_at: lines[0]?.created_at,
    });
    expect(tickets.slice(1).map((ticket) => ticket.ticket_number)).toEqual([5001, 5002, 5003]);
    expect(done.problems).toEqual([
      {
        line: 2,
        field: 'ticket_number',
        code: 'unique',
        detail: `#${taken.ticket_number} is another ticket here. This one became #5001.`,
        loaded: true,
      },
      expect.objectContaining({ line: 4, field: 'ticket_number', loaded: true }),
    ]);
    expect((await createTicket(app, {})).ticket_number).toBe(5004);
  });

  it('loads the good lines and tells line and field of the bad ones', async () => {
    const good = [lineOf(), lineOf()];
    const message = { content: 'x', created_at: '2025-06-01T08:00:00Z' };
    const mine = newId();
    const bad: [object | string, string | null, string][] = [
      ['{"id":', null, 'parse_error'],
      ['[]', null, 'invalid_input'],
      ['null', null, 'null'],
      [`${'['.repeat(100)}`, null, 'parse_error'],
      [{ created_at: '2025-01-01' }, 'id', 'required'],
      [{ id: newId() }, 'created_at', 'required'],
      [lineOf({ id: 'x' }), 'id', 'invalid_input'],
      [lineOf({ status: 'shut' as never }), 'status', 'invalid_choice'],
      [lineOf({ created_at: '2025-02-30' }), 'created_at', 'invalid_input'],
      [lineOf({ created_at: '2999-01-01' }), 'created_at', 'max_value'],
      [lineOf({ ticket_number: 0 }), 'ticket_number', 'min_value'],
      [lineOf({ ticket_number: 2_147_483_647 }), 'ticket_number', 'max_value'],
      [lineOf({ ticket_number: 1e300 }), 'ticket_number', 'max_value'],
      [lineOf({ distinct_id: 'x'.repeat(401) }), 'distinct_id', 'max_length'],
      [lineOf({ tags: ['x'.repeat(256)] }), 'tags__0', 'max_length'],
      [lineOf({ email_subject: 'a\u0000b' }), 'email_subject', 'null_characters_not_allowed'],
      [lineOf({ messages: [{ content: 'x' } as never] }), 'messages__0__created_at', 'required'],
      [
        lineOf({ messages: [{ ...message, rich_content: 'x'.repeat(100_001) }] }),
        'messages__0__rich_content',
        'max_length',
      ],
      [
        lineOf({
          messages: [
            { ...message, id: mine },
            { ...message, id: mine },
          ],
        }),
        'messages__1__id',
        'unique',
      ],
      [lineOf({ ai_triage: { result: 'x'.repeat(3000) } }), 'ai_triage__result', 'max_length'],
      [
        lineOf({ person: { distinct_ids: ['y'], properties: { email: 'x'.repeat(500) } } }),
        'person__properties__email',
        'max_length',
      ],
    ];
    const done = await importLines(app, [good[0] ?? '', ...bad.map(([line]) => line), '', good[1] ?? '']);
    expect(done).toMatchObject({
      state: 'finished',
      created: 2,
      failed: bad.length,
      last_line: bad.length + 3,
    });
    expect(done.problems.map(({ line, field, code }) => [line, field, code])).toEqual(
      bad.map(([, field, code], index) => [index + 2, field, code]),
    );
    for (const { id } of good) expect((await getTicket(app, id)).id).toBe(id);
  });

  it('takes bytes that are no text, a lone surrogate and a line without its end for what they are', async () => {
    const [first, second] = [lineOf({ email_subject: 'x' }), lineOf()];
    const body = Buffer.concat([
      Buffer.from('\uFEFF'),
      Buffer.from(`${JSON.stringify(first).replace('"x"', '"\\ud800"')}\r\n`),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from(JSON.stringify(second)),
    ]);
    const answer = await app.request<TicketImport>('POST', `${TICKETS}import/`, {
      body,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.body).toMatchObject({ created: 2, failed: 1, last_line: 3 });
    expect(answer.body.problems).toMatchObject([{ line: 2, field: null, code: 'parse_error' }]);
    expect((await getTicket(app, first.id)).email_subject).toBe('\uFFFD');
  });

  it('passes over a line that is too long', async () => {
    const long = JSON.stringify(lineOf({ email_subject: 'x'.repeat(10 * 1024 * 1024) }));
    const done = await importLines(app, [lineOf(), long, lineOf()]);
    expect(done).toMatchObject({ created: 2, failed: 1 });
    expect(done.problems).toMatchObject([{ line: 2, code: 'max_length' }]);
  });

  it('puts messages in their order, each at a time of its own, and counts them', async () => {
    const at = '2025-06-01T09:00:00.000Z';
    const line = lineOf({
      updated_at: '2025-06-02T00:00:00.000Z',
      unread_team_count: 7,
      messages: [
        {
          content: 'third',
          created_at: '2025-06-01T10:00:00.000Z',
          author: 'gone@example.com',
          author_name: 'Gone',
        },
        { content: 'first', created_at: at },
        { content: 'second', created_at: at, is_private: true, author: 'ADA@example.com' },
      ],
    });
    await importLines(app, [line]);
    expect(await listMessages(app, line.id)).toMatchObject([
      { content: 'first', author_type: 'customer', created_at: at },
      {
        content: 'second',
        is_private: true,
        author_email: 'ada@example.com',
        created_at: '2025-06-01T09:00:00.001Z',
      },
      { content: 'third', author_type: 'support', author_name: 'Gone', author_email: null },
    ]);
    expect(await getTicket(app, line.id)).toMatchObject({
      message_count: 2,
      last_message_text: 'third',
      last_message_at: '2025-06-01T10:00:00.000Z',
      updated_at: '2025-06-02T00:00:00.000Z',
      unread_team_count: 1,
    });
  });

  it('assigns to members and roles, and says whom it does not know', async () => {
    await addRole(app, 'Second line');
    const stranger = other.owner.email;
    const lines = [
      lineOf({ assignee: { type: 'user', email: 'Ada@Example.com' } }),
      lineOf({ assignee: { type: 'role', name: 'second LINE' } }),
      lineOf({ assignee: { type: 'user', email: stranger } }),
    ];
    const done = await importLines(app, lines);
    const assignees = await Promise.all(
      lines.map(async ({ id }) => (await getTicket(app, id)).assignee?.type),
    );
    expect(assignees).toEqual(['user', 'role', undefined]);
    expect(done.problems).toMatchObject([
      { line: 3, field: 'assignee', code: 'does_not_exist', loaded: true },
    ]);
  });

  it('leaves persons who are known as they are, and brings them up to date when asked to', async () => {
    await addPerson(app, ['p-9'], { plan: 'pro' });
    const line = lineOf({
      distinct_id: 'p-9',
      person: { distinct_ids: ['p-9', 'p-10'], properties: { plan: 'old' } },
    });
    await importLines(app, [line]);
    expect((await getTicket(app, line.id)).person).toMatchObject({
      distinct_ids: ['p-9'],
      properties: { plan: 'pro' },
    });
    await importLines(app, [line], { query: '?mode=update' });
    expect((await getTicket(app, line.id)).person?.properties).toEqual({ plan: 'old' });
  });

  it('brings tickets up to date, with messages that are missing, once', async () => {
    const messages = [{ id: newId(), content: 'one', created_at: '2025-06-01T08:00:00Z' }];
    const line = lineOf({ status: 'open', messages });
    await importLines(app, [line]);
    const { version, ticket_number } = await getTicket(app, line.id);
    const newer = {
      ...line,
      status: 'resolved',
      ticket_number: 1,
      tags: ['late'],
      messages: [...messages, { id: newId(), content: 'two', created_at: '2025-06-01T08:00:00Z' }],
    };
    const done = await importLines(app, [newer], { query: '?mode=update' });
    expect(done).toMatchObject({ created: 0, updated: 1, skipped: 0 });
    expect(await getTicket(app, line.id)).toMatchObject({
      status: 'resolved',
      tags: ['late'],
      ticket_number,
      version: version + 1,
      message_count: 2,
      last_message_text: 'two',
    });
    expect(await importLines(app, [newer], { query: '?mode=update' })).toMatchObject({
      updated: 0,
      skipped: 1,
    });
    expect(await importLines(app, [line])).toMatchObject({ updated: 0, skipped: 1 });
    expect((await getTicket(app, line.id)).status).toBe('resolved');
  });

  it('takes nothing of another project, nor gives it anything', async () => {
    const theirs = await app.request<{ id: string }>('POST', other.tickets, {
      key: other.key,
      body: { message: 'Theirs' },
    });
    const [their] = await exported(other.tickets, other.key, `&ids=${theirs.body.id}`);
    const before = await exported(other.tickets, other.key);
    const done = await importLines(app, [{ ...their, email_subject: 'Ours' }], { query: '?mode=update' });
    expect(done).toMatchObject({ created: 1, failed: 0 });
    expect((await getTicket(app, theirs.body.id)).email_subject).toBe('Ours');
    expect(await exported(other.tickets, other.key)).toEqual(before);
  });

  it('refuses a message or an issue that belongs to another ticket', async () => {
    const message = { id: newId(), content: 'x', created_at: '2025-06-01T08:00:00Z' };
    const issue = { github_repo: 'a/b', github_issue_number: 7 };
    const done = await importLines(app, [
      lineOf({ messages: [message] }),
      lineOf({ messages: [message] }),
      lineOf(issue),
      lineOf(issue),
    ]);
    expect(done).toMatchObject({ created: 2, failed: 2 });
    const again = await importLines(app, [lineOf(issue), lineOf({ messages: [message] })]);
    expect(again).toMatchObject({ created: 0, failed: 2 });
    for (const { problems } of [done, again])
      expect(problems.map(({ field }) => field).sort()).toEqual(['github_issue_number', 'messages__0__id']);
  });

  it('says nothing to anybody but that there was an import, and counts stay exact', async () => {
    const line = lineOf({
      status: 'open',
      tags: ['counted'],
      messages: [{ content: 'x', created_at: '2025-06-01T08:00:00Z' }],
    });
    const second = lineOf();
    const { id } = await importLines(app, [line, second]);
    expect(await eventNames(app, line.id)).toEqual([]);
    const events = await app.database.kysely
      .selectFrom('events')
      .select(['name', 'payload'])
      .where('resource_id', '=', id)
      .execute();
    expect(events).toEqual([
      {
        name: 'tickets.import',
        payload: { import_id: id, created: 2, updated: 0, ticket_ids: [line.id, second.id] },
      },
    ]);
    expect(await app.database.kysely.selectFrom('outbox').selectAll().execute()).toEqual([]);
    await app.parley.unitOfWork.run(SYSTEM, foldTicketCounts);
    const listed = await app.request<{ count: number }>('GET', `${TICKETS}?tags=["counted"]&status=open`);
    expect(listed.body.count).toBe(1);
    const found = await app.request<{ count: number }>('GET', `${TICKETS}?search=${line.id.slice(0, 8)}`);
    expect(found.status).toBe(200);
  });

  it('goes on where it was told to, and tells what became of it', async () => {
    const lines = [lineOf(), 'bad', lineOf(), lineOf()];
    const first = await importLines(app, lines.slice(0, 2), { query: '?more=true' });
    expect(first).toMatchObject({ state: 'running', created: 1, failed: 1, last_line: 2 });
    const piece = `?import=${first.id}&start_line=3`;
    const second = await importLines(app, lines.slice(2), { query: piece });
    expect(second).toMatchObject({ id: first.id, state: 'finished', created: 3, failed: 1, last_line: 4 });
    // The whole file once more: what is done is passed over, problems included.
    expect(await importLines(app, lines, { query: `?import=${first.id}` })).toMatchObject({
      created: 3,
      failed: 1,
    });
    const shown = await app.request<TicketImport>('GET', `${TICKETS}import/${first.id}/`);
    expect(shown.body).toMatchObject({ created: 3, failed: 1, problems: [{ line: 2 }] });
    const theirs = `${other.tickets}import/${first.id}/`;
    expect((await app.request('GET', theirs, { key: other.key })).status).toBe(404);
  });

  it.each([
    ['mode', 'replace', 'invalid_choice'],
    ['import', 'x', 'does_not_exist'],
    ['import', newId(), 'does_not_exist'],
    ['start_line', '0', 'invalid_input'],
    ['start_line', '1e3', 'invalid_input'],
  ])('answers 400 to %s=%s', async (attr, value, code) => {
    const answer = await postLines<ErrorBody>(app, [lineOf()], { query: `?${attr}=${value}` });
    expect(answer).toMatchObject({ status: 400, body: { attr, code } });
  });

  it('is for managers, takes lines only, and is in the audit log', async () => {
    const editor = await addUser(app, 'editor@example.com', { access: 'editor' });
    const status = async (key: string) => (await postLines(app, [lineOf()], { key })).status;
    expect(await status(await addKey(app, editor.id))).toBe(403);
    expect(await status(other.key)).toBe(404);
    expect(await status(await addAdminKey(app, ['ticket:read', 'ticket:reply']))).toBe(403);
    expect(await status(await addAdminKey(app, ['ticket:write']))).toBe(201);
    const json = await app.request<ErrorBody>('POST', `${TICKETS}import/`, { body: lineOf() });
    expect(json).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect((await app.request('POST', `${TICKETS}import/`)).status).toBe(415);
    const elsewhere = await app.request('POST', TICKETS, {
      body: '{}\n',
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(elsewhere.status).toBe(415);
    const { organizationId } = await projectOf(app);
    const log = await app.request<{ results: object[] }>(
      'GET',
      `/api/organizations/${organizationId}/audit_log/?act=ticket_imports&limit=1`,
    );
    expect(log.body.results).toMatchObject([
      { act: 'ticket_imports.create', project_id: 1, detail: { mode: 'skip' } },
    ]);
  });

  it('leaves a ticket alone that is deleted or merged here', async () => {
    const lines = [lineOf(), lineOf()];
    await importLines(app, lines);
    await app.request('DELETE', ticketPath(lines[0]?.id ?? ''));
    const changed = lines.map((line) => ({ ...line, status: 'resolved' }));
    const done = await importLines(app, changed.slice(0, 1), { query: '?mode=update' });
    expect(done).toMatchObject({ updated: 0, skipped: 1 });
    expect(done.problems).toMatchObject([{ line: 1, code: 'conflict', loaded: true }]);
  });
});
