import fc from 'fast-check';
import { sql } from 'kysely';
import { addPerson, addRole, addTenant, addUser, adminId } from './fixtures.ts';
import type { KnownTicket } from './naive-list.ts';
import type { TestApp } from './test-app.ts';
import { seedMessage, seedTickets, type TicketSeed } from './ticket-rows.ts';

const MINUTE = 60_000;

/** Words that tickets hold and searches look for; some look like syntax. */
export const WORDS = [
  'Refund',
  'billing',
  'ÉCOLE',
  'Zürich',
  '東京',
  '100%',
  'snake_case',
  'C:\\temp',
  `O'Brien`,
  '"quoted"',
  '{}',
  'NULL',
  'a,b',
  "'; drop table tickets; --",
  '👍🏽',
  'Ωμέγα',
];
export const TAGS = [
  'alpha',
  'beta',
  'gamma delta',
  'null',
  '{x}',
  'quo"te',
  'back\\slash',
  "it's",
  'ümlaut',
];

/** For filters by response target (inbox.md 3.7). */
export const LADDER = [
  { label: 'Low', tags: ['alpha'] },
  { label: 'Middle', tags: ['beta', 'ümlaut'] },
  { label: 'High', tags: ["it's", 'null'] },
];

export interface KnownPeople {
  me: number;
  colleague: number;
  role: string;
}

function seedsOf({ me, colleague, role }: KnownPeople, now: number): fc.Arbitrary<TicketSeed> {
  const instant = (from: number, to: number) =>
    fc.integer({ min: from, max: to }).map((steps) => new Date(now + steps * 10 * MINUTE));
  const text = fc
    .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 })
    .map((words) => words.join(' '));
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value);
  return fc
    .record({
      status: fc.constantFrom('new', 'open', 'pending', 'on_hold', 'resolved'),
      priority: maybe(fc.constantFrom('low', 'medium', 'high', 'critical')),
      channel_source: fc.constantFrom('widget', 'email', 'slack', 'teams', 'github'),
      channel_detail: maybe(fc.constantFrom('widget_api', 'slack_bot_mention')),
      assignee: fc.constantFrom(
        {},
        { assignee_user_id: me },
        { assignee_user_id: colleague },
        { assignee_role_id: role },
      ),
      distinct_id: fc.constantFrom('known', 'KNOWN', 'nobody', 'p-1', 'p-2', ...WORDS),
      sla_due_at: maybe(instant(-12, 24)),
      snoozed_until: maybe(instant(-12, 12)),
      created_at: instant(-6000, -3000),
      updated_at: instant(-3000, 0),
      deleted_at: fc.option(instant(-3000, 0), { freq: 8 }),
      unread_team_count: fc.nat(2),
      last_customer_message_at: maybe(instant(-100, -50)),
      organization_id: maybe(fc.constantFrom('acme', 'ACME', ...WORDS)),
      email_subject: maybe(text),
      email_from: maybe(
        fc.constantFrom('Ann@Example.com', 'bob@example.com', 'ÜLI@example.com', 'krusty@tv.example'),
      ),
      tags: fc.subarray(TAGS, { maxLength: 4 }).map((names) => [...names].sort()),
      anonymous_traits: fc.record(
        { name: text, email: fc.constant('trait@x.org'), secret: text },
        { requiredKeys: [] },
      ),
      cc_participants: fc.subarray(['Cc@one.example', 'two@two.example']),
      ai_triage: fc.record(
        {
          status: fc.constantFrom('in_progress', 'done'),
          result: fc.constantFrom('persisted', 'clarified', 'in_progress'),
        },
        { requiredKeys: [] },
      ),
    })
    .map(({ assignee, anonymous_traits, cc_participants, ai_triage, ...seed }) => ({
      ...seed,
      ...assignee,
      anonymous_traits: JSON.stringify(anonymous_traits),
      cc_participants: JSON.stringify(cc_participants),
      ai_triage: JSON.stringify(ai_triage),
    }));
}

/** Which tickets are merged into which; one takes another one along. */
const MERGES = [
  [3, 5],
  [5, 4],
  [12, 13],
  [30, 31],
  [32, 31],
  [38, 20],
] as const;

async function mergeRows(app: TestApp, source = '', target = ''): Promise<void> {
  await sql`
    with made as (
      insert into ticket_merges (project_id, source_id, target_id, merged_at, before, after, unread_team, unread_customer)
      values (1, ${source}, ${target}, ${app.clock.now()}, '{}', '{}', 0, 0)
    ), merged as (update tickets set merged_into_id = ${target} where project_id = 1 and id = ${source} returning *)
    update tickets t set merged_ticket_ids = t.merged_ticket_ids || m.id || m.merged_ticket_ids
    from merged m where t.project_id = 1 and t.id = ${target}`.execute(app.database.kysely);
}

/** Fills project 1, and another beside it with the same kind of tickets; the answer is all there is in project 1. */
export async function seedKnownTickets(app: TestApp, count: number, seed: number) {
  const me = await adminId(app);
  const colleague = (await addUser(app, 'colleague@example.com')).id;
  const people = { me, colleague, role: await addRole(app, 'Billing') };
  const arbitrary = seedsOf(people, app.clock.now().getTime());
  const other = await addTenant(app, 'other');
  await seedTickets(app, fc.sample(arbitrary, { numRuns: 20, seed: seed + 1 }), other.projectId);
  const seeded = await seedTickets(app, fc.sample(arbitrary, { numRuns: count, seed }));
  for (const [source, target] of MERGES) await mergeRows(app, seeded[source]?.id, seeded[target]?.id);
  const personWords = new Map([
    ['p-1', ['Ada Lovelace', 'Zürich', '4711', 'deep']],
    ['p-2', ['Ada Lovelace', 'Zürich', '4711', 'deep']],
    ['krusty@tv.example', ['Krusty@tv.example', 'clown']],
  ]);
  const properties = {
    name: 'Ada Lovelace',
    city: 'Zürich',
    seats: 4711,
    nested: { list: ['deep'] },
    vip: true,
  };
  await addPerson(app, ['p-1', 'p-2'], properties);
  await addPerson(app, ['elsewhere'], { email: 'Krusty@tv.example', job: 'clown' });
  await addPerson(app, ['known', 'nobody'], { job: 'Refund' }, other.projectId);
  const rows = await app.database.kysely
    .selectFrom('tickets')
    .selectAll()
    .where('project_id', '=', 1)
    .execute();
  const known: KnownTicket[] = [];
  for (const [index, row] of rows.entries()) {
    const messages = WORDS.filter((_, word) => (index + word) % 11 === 0);
    for (const content of messages) await seedMessage(app, row.id, { content: `Hello ${content}!` });
    if (index % 4 === 0) await seedMessage(app, row.id, { content: 'Refund', deleted_at: app.clock.now() });
    const readAt = index % 3 === 0 ? row.last_customer_message_at : null;
    if (readAt) {
      const read = { project_id: 1, user_id: me, ticket_id: row.id, read_at: readAt };
      await app.database.kysely.insertInto('ticket_reads').values(read).execute();
    }
    const byEmail = row.channel_source === 'email' && row.email_from !== null ? row.email_from : '';
    const ticket: KnownTicket = {
      row,
      messages: messages.map((content) => `Hello ${content}!`),
      personWords: personWords.get(row.distinct_id) ?? personWords.get(byEmail) ?? [],
      unreadMine: row.last_customer_message_at !== null && !readAt,
      merged: [],
    };
    known.push(ticket);
  }
  for (const { row, merged } of known)
    merged.push(...known.filter((other) => row.merged_ticket_ids.includes(other.row.id)));
  return { known, people };
}
