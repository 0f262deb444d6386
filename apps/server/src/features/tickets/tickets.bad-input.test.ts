import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  addEmailConfig,
  createTicket,
  getTicket,
  setProject,
  TICKETS,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

type Refusal = readonly [body: object, code: string, attr: string];

let app: TestApp;
let id: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
beforeEach(async () => {
  ({ id } = await createTicket(app, { message: 'Hello', tags: ['kept'] }));
});
afterAll(() => app.close());

const uuids = (count: number) =>
  Array.from({ length: count }, (_, n) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`);

const instants = (field: string): Refusal[] =>
  [
    'tomorrow',
    '',
    '2026-02-30',
    '2026-13-01T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '0000-01-01',
    5,
    true,
    {},
    [],
  ]
    .map((value): Refusal => [{ [field]: value }, 'invalid_input', field])
    .concat([[{ [field]: '99999-01-01T00:00:00Z' }, 'invalid_input', field]]);

const tags: Refusal[] = [
  [{ tags: null }, 'null', 'tags'],
  [{ tags: 'vip' }, 'invalid_input', 'tags'],
  [{ tags: { 0: 'vip' } }, 'invalid_input', 'tags'],
  [{ tags: [1] }, 'invalid_input', 'tags__0'],
  [{ tags: ['ok', null] }, 'null', 'tags__1'],
  [{ tags: ['ok', ['nested']] }, 'invalid_input', 'tags__1'],
  [{ tags: ['x'.repeat(256)] }, 'max_length', 'tags__0'],
  // 255 letters that become 510 when they are lower-cased.
  [{ tags: ['İ'.repeat(255)] }, 'max_length', 'tags'],
  [{ tags: Array.from({ length: 101 }, (_, n) => `t${n}`) }, 'max_length', 'tags'],
  [{ tags: ['a\0b'] }, 'null_characters_not_allowed', 'tags__0'],
];

const writable: Refusal[] = [
  [{ status: null }, 'null', 'status'],
  [{ status: 'bogus' }, 'invalid_choice', 'status'],
  [{ status: 'OPEN' }, 'invalid_choice', 'status'],
  [{ status: '' }, 'invalid_choice', 'status'],
  [{ status: 5 }, 'invalid_choice', 'status'],
  [{ status: ['open'] }, 'invalid_choice', 'status'],
  [{ status: 'x'.repeat(100_000) }, 'invalid_choice', 'status'],
  [{ priority: 'urgent' }, 'invalid_choice', 'priority'],
  [{ priority: 1 }, 'invalid_choice', 'priority'],
  [{ priority: {} }, 'invalid_choice', 'priority'],
  [{ assignee: 'somebody' }, 'invalid_input', 'assignee'],
  [{ assignee: { type: 'user', id: '\0' } }, 'null_characters_not_allowed', 'assignee__id'],
  [{ anonymous_traits: null }, 'null', 'anonymous_traits'],
  [{ anonymous_traits: { a: [{ b: '\0' }] } }, 'null_characters_not_allowed', 'anonymous_traits__a__0__b'],
  [{ anonymous_traits: { 'a\0': 1 } }, 'null_characters_not_allowed', 'anonymous_traits'],
  // 100,001 characters of JSON, 11 of them around the text.
  [{ anonymous_traits: { name: 'x'.repeat(99_990) } }, 'max_length', 'anonymous_traits'],
  [{ anonymous_traits: 'x'.repeat(99_999) }, 'max_length', 'anonymous_traits'],
  [{ ai_resolved: null }, 'null', 'ai_resolved'],
  [{ ai_resolved: 'true' }, 'invalid_input', 'ai_resolved'],
  [{ ai_resolved: 1 }, 'invalid_input', 'ai_resolved'],
  [{ escalation_reason: 5 }, 'invalid_input', 'escalation_reason'],
  [{ escalation_reason: ['x'] }, 'invalid_input', 'escalation_reason'],
  [{ escalation_reason: 'x'.repeat(10_001) }, 'max_length', 'escalation_reason'],
  [{ escalation_reason: '\0' }, 'null_characters_not_allowed', 'escalation_reason'],
  ...instants('sla_due_at'),
  ...instants('snoozed_until'),
  ...tags,
];

const creatable: Refusal[] = [
  ...writable,
  [{ distinct_id: null }, 'null', 'distinct_id'],
  [{ distinct_id: 5 }, 'invalid_input', 'distinct_id'],
  [{ distinct_id: 'x'.repeat(401) }, 'max_length', 'distinct_id'],
  [{ message: null }, 'null', 'message'],
  [{ message: ['x'] }, 'invalid_input', 'message'],
  [{ message: 'x'.repeat(10_001) }, 'max_length', 'message'],
  [{ message: 'a\0b' }, 'null_characters_not_allowed', 'message'],
  [{ email_subject: 5 }, 'invalid_input', 'email_subject'],
  [{ email_subject: 'x'.repeat(501) }, 'max_length', 'email_subject'],
];

const ids: Refusal[] = [
  [{ ids: undefined }, 'required', 'ids'],
  [{ ids: null }, 'null', 'ids'],
  [{ ids: [] }, 'empty', 'ids'],
  [{ ids: 'x' }, 'invalid_input', 'ids'],
  [{ ids: [7] }, 'invalid_input', 'ids__0'],
  [{ ids: ['x'] }, 'invalid_input', 'ids__0'],
  [{ ids: [...uuids(3), null] }, 'null', 'ids__3'],
  [{ ids: [`urn:uuid:${uuids(1)}`] }, 'invalid_input', 'ids__0'],
  [{ ids: [`{${uuids(1)}}`] }, 'invalid_input', 'ids__0'],
  [{ ids: uuids(501) }, 'max_length', 'ids'],
];

const bulkStatus: Refusal[] = [
  ...ids,
  [{ status: undefined }, 'required', 'status'],
  [{ status: null }, 'null', 'status'],
  [{ status: 'bogus' }, 'invalid_choice', 'status'],
  [{ status: 1 }, 'invalid_choice', 'status'],
];

const bulkTags: Refusal[] = [
  ...ids,
  ...tags,
  [{ action: undefined }, 'required', 'action'],
  [{ action: null }, 'null', 'action'],
  [{ action: 'replace' }, 'invalid_choice', 'action'],
  [{ tags: undefined }, 'required', 'tags'],
];

const compose: Refusal[] = [
  ...tags,
  [{ recipient_email: undefined }, 'required', 'recipient_email'],
  [{ recipient_email: null }, 'null', 'recipient_email'],
  [{ recipient_email: '' }, 'invalid_input', 'recipient_email'],
  [{ recipient_email: 'ann' }, 'invalid_input', 'recipient_email'],
  [{ recipient_email: 'ann@example.com, bea@example.com' }, 'invalid_input', 'recipient_email'],
  [{ recipient_email: 'ann@example.com\r\nbcc: bea@example.com' }, 'invalid_input', 'recipient_email'],
  [{ recipient_email: 5 }, 'invalid_input', 'recipient_email'],
  [{ recipient_email: `${'x'.repeat(300)}@example.com` }, 'max_length', 'recipient_email'],
  [{ recipient_distinct_id: null }, 'null', 'recipient_distinct_id'],
  [{ recipient_distinct_id: 'x'.repeat(401) }, 'max_length', 'recipient_distinct_id'],
  [{ email_subject: null }, 'null', 'email_subject'],
  [{ email_subject: 'x'.repeat(501) }, 'max_length', 'email_subject'],
  [{ email_config_id: undefined }, 'required', 'email_config_id'],
  [{ email_config_id: null }, 'null', 'email_config_id'],
  [{ email_config_id: 'x' }, 'invalid_input', 'email_config_id'],
  [{ email_config_id: `urn:uuid:${uuids(1)}` }, 'invalid_input', 'email_config_id'],
  [{ message: undefined }, 'required', 'message'],
  [{ message: ' \n ' }, 'blank', 'message'],
  [{ message: 'x'.repeat(5001) }, 'max_length', 'message'],
  [{ rich_content: 'x'.repeat(100_000) }, 'max_length', 'rich_content'],
];

const numberOfRows = async () => {
  const tables = ['tickets', 'messages', 'tags', 'events', 'activities', 'outbox'] as const;
  const counts = tables.map(async (table) => {
    const { count } = app.database.kysely.fn;
    const query = app.database.kysely.selectFrom(table).select(count<string>('project_id').as('n'));
    return [table, Number((await query.executeTakeFirstOrThrow()).n)];
  });
  return Object.fromEntries(await Promise.all(counts));
};

/** Each is refused with its code and its field, and none leaves a trace. */
async function expectRefused(method: string, path: string, valid: object, refusals: readonly Refusal[]) {
  const before = [await getTicket(app, id), await numberOfRows()];
  for (const [body, code, attr] of refusals) {
    const response = await app.request<{ detail: string }>(method, path, { body: { ...valid, ...body } });
    const name = JSON.stringify(body).slice(0, 80);
    expect({ name, status: response.status, body: response.body }).toEqual({
      name,
      status: 400,
      body: { type: 'validation_error', code, detail: expect.any(String), attr },
    });
    // An error never repeats a long input.
    expect(response.body.detail.length).toBeLessThan(200);
  }
  expect([await getTicket(app, id), await numberOfRows()]).toEqual(before);
}

describe('bad input', () => {
  it('tickets.update', () => expectRefused('PATCH', ticketPath(id), { priority: 'high' }, writable));
  it('tickets.replace', () => expectRefused('PUT', ticketPath(id), { priority: 'high' }, writable));
  it('tickets.create', () => expectRefused('POST', TICKETS, { message: 'Hello' }, creatable));
  it('tickets.bulk_update_status', () =>
    expectRefused('POST', `${TICKETS}bulk_update_status/`, { ids: [id], status: 'open' }, bulkStatus));
  it('tickets.bulk_update_tags', () =>
    expectRefused(
      'POST',
      `${TICKETS}bulk_update_tags/`,
      { ids: [id], action: 'add', tags: ['x'] },
      bulkTags,
    ));
  it('tickets.compose', async () => {
    await setProject(app, { conversations_settings: { email_enabled: true } });
    const email_config_id = await addEmailConfig(app);
    const valid = { recipient_email: 'ann@example.com', email_config_id, message: 'Hello' };
    await expectRefused('POST', `${TICKETS}compose/`, valid, compose);
  });

  it('stops at the limit of anonymous_traits, not before', async () => {
    const body = { anonymous_traits: { name: 'x'.repeat(99_989) } };
    expect((await app.request('POST', TICKETS, { body })).status).toBe(201);
    expect((await app.request('PATCH', ticketPath(id), { body })).status).toBe(200);
  });

  it('names the first field at fault only', async () => {
    const body = { status: 'bogus', priority: 'bogus', tags: 5 };
    const response = await app.request('PATCH', ticketPath(id), { body });
    expect(response.body).toMatchObject({ code: 'invalid_choice', attr: 'status' });
  });
});

describe('odd but good input', () => {
  const unknown = { id: 5, ticket_number: 4711, version: 99, project_id: 2, nothing: { a: [1] }, '': 1 };

  it('unknown and read-only fields are ignored by every route that writes', async () => {
    const created = await app.request<{ id: string }>('POST', TICKETS, {
      body: { ...unknown, status: 'open' },
    });
    expect([created.status, created.body]).toMatchObject([201, { status: 'open', version: 1 }]);
    const bodies: [path: string, body: object, status: number][] = [
      ['bulk_update_status/', { ids: [id], status: 'pending' }, 200],
      ['bulk_update_tags/', { ids: [id], action: 'add', tags: ['x'] }, 200],
      [`${id}/reply/`, { message: 'Hello', author_type: 'customer', created_at: '2001-01-01' }, 201],
      [`${id}/restore/`, {}, 404],
      [`${id}/read/`, {}, 200],
    ];
    for (const [path, body, status] of bodies) {
      const response = await app.request('POST', `${TICKETS}${path}`, { body: { ...body, ...unknown } });
      expect([path, response.status]).toEqual([path, status]);
    }
    expect(await getTicket(app, id)).toMatchObject({ status: 'pending', message_count: 2 });
  });

  it('text is kept as it is: control characters, quotes, every script, half an emoji mended', async () => {
    const text = `\u0001\u001b[0m\t"';drop table tickets;--\u2028\u202e%s$1\\u0000 Ærøskøbing 東京 🎉`;
    const { body } = await app.request('PATCH', ticketPath(id), {
      body: { escalation_reason: text, anonymous_traits: { [text]: text }, tags: [text] },
    });
    expect(body).toMatchObject({
      escalation_reason: text,
      anonymous_traits: { [text]: text },
      tags: [text.trim().toLowerCase()],
    });
    const halves = '{"escalation_reason":"a\\ud83cb","anonymous_traits":{"\\udf89":"\\ud83c"}}';
    const mended = await app.request('PATCH', ticketPath(id), {
      body: halves,
      headers: { 'content-type': 'application/json' },
    });
    expect([mended.status, mended.body]).toMatchObject([
      200,
      { escalation_reason: 'a\ufffdb', anonymous_traits: { '\ufffd': '\ufffd' } },
    ]);
  });

  it('traits may be any JSON but null', async () => {
    for (const anonymous_traits of [
      {},
      [],
      'text',
      '',
      5,
      1e300,
      false,
      { name: { first: 'Ann' }, email: 5 },
    ]) {
      const { status, body } = await app.request('PATCH', ticketPath(id), { body: { anonymous_traits } });
      expect([status, body]).toMatchObject([200, { anonymous_traits }]);
      // Traits that are no text name nobody.
      const { results } = (await app.request<{ results: object[] }>('GET', ticketPath(id, 'messages/'))).body;
      expect(results).toHaveLength(1);
    }
  });

  it('instants of any zone and precision are taken, the far ends too', async () => {
    for (const [given, shown] of [
      ['2026-03-02', '2026-03-02T00:00:00.000Z'],
      ['2026-03-02T10:00', '2026-03-02T10:00:00.000Z'],
      ['2026-03-02 10:00:00.123456+0530', '2026-03-02T04:30:00.123Z'],
      ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
      ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ]) {
      const { status, body } = await app.request('PATCH', ticketPath(id), { body: { sla_due_at: given } });
      expect([given, status, body]).toMatchObject([given, 200, { sla_due_at: shown }]);
    }
  });

  it('the longest values are taken', async () => {
    const body = {
      escalation_reason: '🎉'.repeat(10_000),
      tags: Array.from({ length: 100 }, (_, n) => `${n}`.padStart(3, '0') + '東'.repeat(252)),
    };
    const patched = await app.request('PATCH', ticketPath(id), { body });
    expect([patched.status, patched.body]).toMatchObject([200, body]);
    const created = await app.request('POST', TICKETS, {
      body: { distinct_id: '東'.repeat(400), email_subject: '🎉'.repeat(500), message: '🎉'.repeat(10_000) },
    });
    expect(created.status).toBe(201);
  });
});
