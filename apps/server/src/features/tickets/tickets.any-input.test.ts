import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addEmailConfig,
  createTicket,
  reply,
  setProject,
  TICKETS,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const RUNS = 60;
/** Well-formed answers of a write: done, refused, not there, or done a moment ago. */
const ANSWERS = [200, 201, 400, 404, 409];

let app: TestApp;
let id: string;
let note: string;
let config: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ({ id } = await createTicket(app));
  note = (await reply(app, id, 'A note', { is_private: true })).id;
  config = await addEmailConfig(app);
  await setProject(app, { conversations_settings: { email_enabled: true } });
});
afterAll(() => app.close());

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\ud800',
    'İ'.repeat(255),
    "'; --",
    '%',
    '\\',
    '1e999',
    'null',
    'open',
    'low',
  ),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
);
const anything = () =>
  fc.oneof(
    text,
    fc.jsonValue({ maxDepth: 4, noUnicodeString: false }),
    fc.constantFrom(-1, 0, 1, 2 ** 31, 2 ** 53, -0.5, 1e308),
    fc.array(text, { maxLength: 5 }),
    fc.record({
      type: fc.constantFrom('user', 'role', null),
      id: fc.oneof(fc.integer(), text, fc.constant(null)),
    }),
  );
/** Some of the fields, each with anything at all or with something it takes. */
function bodyOf(fields: Record<string, unknown[]>): fc.Arbitrary<object> {
  const entries = Object.entries(fields).map(([name, good]) => [
    name,
    good.length > 0 ? fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...good) }, anything()) : anything(),
  ]);
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] });
}

const ticket = {
  status: ['new', 'open', 'resolved'],
  priority: ['high', '', null],
  assignee: [{ type: 'user', id: 1 }, null],
  anonymous_traits: [{ name: 'Ann' }],
  ai_resolved: [true],
  escalation_reason: ['x', null],
  sla_due_at: ['2026-03-05T00:00:00Z', null],
  snoozed_until: ['2026-03-05T00:00:00Z', null],
  tags: [['a', 'b'], []],
};
const words = { message: ['Hello'], rich_content: [{ type: 'doc' }, null] };

async function expectAnswers(method: string, path: string, body: object): Promise<void> {
  const answer = await app.request<object>(method, path, { body });
  expect(ANSWERS).toContain(answer.status);
  if (answer.status >= 400) {
    const { type, code, detail, attr } = answer.body as Record<string, unknown>;
    expect([typeof type, typeof code, typeof detail]).toEqual(['string', 'string', 'string']);
    expect(attr === null || typeof attr === 'string').toBe(true);
  }
  // Whatever was stored can be shown.
  expect((await app.request('GET', ticketPath(id))).status).toBe(200);
}

function check(name: string, method: string, path: () => string, body: () => fc.Arbitrary<object>): void {
  it(`${name} never fails`, () =>
    fc.assert(
      fc.asyncProperty(body(), (value) => expectAnswers(method, path(), value)),
      { numRuns: RUNS },
    ));
}

describe('whatever a body holds', () => {
  check(
    'tickets.update',
    'PATCH',
    () => ticketPath(id),
    () => bodyOf(ticket),
  );
  check(
    'tickets.create',
    'POST',
    () => TICKETS,
    () => bodyOf({ ...ticket, distinct_id: ['ann'], message: ['Hello'], email_subject: ['x', null] }),
  );
  check(
    'tickets.bulk_update_status',
    'POST',
    () => `${TICKETS}bulk_update_status/`,
    () => bodyOf({ ids: [[id]], status: ['open', 'resolved'] }),
  );
  check(
    'tickets.bulk_update_tags',
    'POST',
    () => `${TICKETS}bulk_update_tags/`,
    () => bodyOf({ ids: [[id]], action: ['add', 'remove', 'set'], tags: [['a', 'b'], []] }),
  );
  check(
    'tickets.reply',
    'POST',
    () => ticketPath(id, 'reply/'),
    () => bodyOf({ ...words, is_private: [true, false] }),
  );
  check(
    'notes.update',
    'PATCH',
    () => ticketPath(id, `notes/${note}/`),
    () => bodyOf(words),
  );
  check(
    'tickets.compose',
    'POST',
    () => `${TICKETS}compose/`,
    () =>
      bodyOf({
        ...words,
        recipient_email: ['ann@example.com'],
        recipient_distinct_id: ['ann', ''],
        email_subject: ['x', ''],
        email_config_id: [config],
        tags: [['a']],
      }),
  );
});
