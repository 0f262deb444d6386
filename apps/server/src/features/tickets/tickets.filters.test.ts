import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#platform/ids.ts';
import { addKey, addRole, addUser, adminId, setProject, TICKETS } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedNamed, type TicketSeed } from '../../testing/ticket-rows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.database.kysely.deleteFrom('tickets').execute();
});

const seed = (tickets: Record<string, TicketSeed>) => seedNamed(app, tickets);
const inMs = (ms: number) => new Date(app.clock.now().getTime() + ms);

describe('status and priority', () => {
  const statuses = { a: { status: 'new' }, b: { status: 'open' }, c: { status: 'resolved' } } as const;

  it('case 21: an unknown status counts as none', async () => {
    const find = await seed(statuses);
    expect(await find({ status: 'invalid' })).toEqual(['a', 'b', 'c']);
    expect(await find({ status: 'NEW' })).toEqual(['a', 'b', 'c']);
  });

  it('case 22: of a list the known ones count', async () => {
    const find = await seed(statuses);
    expect(await find({ status: 'new,invalid,open' })).toEqual(['a', 'b']);
    expect(await find({ status: ' new , resolved ,,' })).toEqual(['a', 'c']);
  });

  it('case 23: an empty one counts as none', async () => {
    const find = await seed(statuses);
    expect(await find({ status: '' })).toEqual(['a', 'b', 'c']);
    expect(await find({ status: ',' })).toEqual(['a', 'b', 'c']);
  });

  it('case 24: different filters hold together', async () => {
    const find = await seed({
      both: { status: 'open', priority: 'high' },
      wrongStatus: { status: 'resolved', priority: 'high' },
      wrongPriority: { status: 'open', priority: 'medium' },
      noPriority: { status: 'open' },
    });
    expect(await find({ status: 'new,open', priority: 'high,low' })).toEqual(['both']);
  });

  it('case 25: no priority matches none', async () => {
    const find = await seed({ low: { priority: 'low' }, none: {}, critical: { priority: 'critical' } });
    expect(await find({ priority: 'low,high' })).toEqual(['low']);
    expect(await find({ priority: 'critical' })).toEqual(['critical']);
    expect(await find({ priority: 'null' })).toEqual(['low', 'none', 'critical']);
  });
});

describe('channel', () => {
  it('takes one value; a list is invalid and ignored', async () => {
    const find = await seed({
      slack: { channel_source: 'slack', channel_detail: 'slack_bot_mention' },
      api: { channel_detail: 'widget_api' },
    });
    expect(await find({ channel_source: 'slack' })).toEqual(['slack']);
    expect(await find({ channel_source: 'slack,widget' })).toEqual(['slack', 'api']);
    expect(await find({ channel_detail: 'widget_api' })).toEqual(['api']);
    expect(await find({ channel_detail: 'carrier_pigeon' })).toEqual(['slack', 'api']);
  });
});

describe('dates', () => {
  it('case 26: all, and what is no date, do not narrow (decision 16)', async () => {
    const find = await seed({ old: { updated_at: inMs(-1000 * DAY) }, fresh: {} });
    for (const text of ['all', '', 'yesterday-ish', '2026-13-01', '-7', "'; drop table tickets; --"]) {
      const query = { date_from: text, date_to: text, created_from: text, created_to: text };
      expect([text, await find(query)]).toEqual([text, ['old', 'fresh']]);
    }
  });

  it('date_from and date_to bound updated_at, inclusive, in the zone of the project', async () => {
    const at = (text: string) => ({ updated_at: new Date(text) });
    const find = await seed({
      before: at('2026-01-31T23:59:59.999Z'),
      first: at('2026-02-01T00:00:00.000Z'),
      last: at('2026-02-28T23:59:59.999Z'),
      after: at('2026-03-01T00:00:00.000Z'),
    });
    expect(await find({ date_from: '2026-02-01', date_to: '2026-02-28' })).toEqual(['first', 'last']);
    expect(await find({ date_from: '2026-02-28T23:59:59.999Z' })).toEqual(['last', 'after']);
    expect(await find({ date_to: '2026-02-01T00:00:00.000Z' })).toEqual(['before', 'first']);
    // Midnight in Tokyo is 15:00 UTC of the day before.
    await app.database.kysely
      .updateTable('projects')
      .set({ timezone: 'Asia/Tokyo' })
      .where('id', '=', 1)
      .execute();
    expect(await find({ date_to: '2026-01-31' })).toEqual([]);
    expect(await find({ date_from: '2026-03-01' })).toEqual(['last', 'after']);
    await app.database.kysely.updateTable('projects').set({ timezone: 'UTC' }).where('id', '=', 1).execute();
  });

  it('relative dates count back from now', async () => {
    const find = await seed({
      week: { updated_at: inMs(-7 * DAY) },
      older: { updated_at: inMs(-7 * DAY - 1) },
    });
    expect(await find({ date_from: '-7d' })).toEqual(['week']);
    expect(await find({ date_to: '-8d' })).toEqual([]);
    expect(await find({ date_from: '-1mStart' })).toEqual(['week', 'older']);
  });

  it('created_from and created_to bound created_at', async () => {
    const find = await seed({ old: { created_at: inMs(-3 * DAY) }, fresh: {} });
    expect(await find({ created_from: '-1d' })).toEqual(['fresh']);
    expect(await find({ created_to: '-1d' })).toEqual(['old']);
  });
});

describe('sla', () => {
  const seedDue = () =>
    seed({
      past: { sla_due_at: inMs(-HOUR) },
      now: { sla_due_at: inMs(0) },
      soon: { sla_due_at: inMs(30 * MINUTE) },
      hour: { sla_due_at: inMs(HOUR) },
      later: { sla_due_at: inMs(5 * HOUR) },
      none: {},
      resolved: { sla_due_at: inMs(-HOUR), status: 'resolved' },
    });

  it('case 27: at-risk is due within an hour', async () => {
    expect(await (await seedDue())({ sla: 'at-risk' })).toEqual(['now', 'soon', 'hour']);
  });

  it('case 28: breached is past; a resolved ticket never is (decision 26)', async () => {
    expect(await (await seedDue())({ sla: 'breached' })).toEqual(['past']);
  });

  it('case 29: on-track is more than an hour ahead', async () => {
    expect(await (await seedDue())({ sla: 'on-track' })).toEqual(['later']);
  });

  it('another word counts as none', async () => {
    expect(await (await seedDue())({ sla: 'at-risk,breached' })).toHaveLength(7);
  });
});

describe('tags', () => {
  const seedTagged = () =>
    seed({
      alpha: { tags: ['alpha'] },
      beta: { tags: ['beta'] },
      both: { tags: ['alpha', 'beta'] },
      gamma: { tags: ['alpha', 'gamma'] },
      none: {},
    });

  it('case 41: tags finds tickets with at least one', async () => {
    expect(await (await seedTagged())({ tags: '["beta","gamma"]' })).toEqual(['beta', 'both', 'gamma']);
  });

  it('case 42: tags_all finds tickets with every one', async () => {
    expect(await (await seedTagged())({ tags_all: '["alpha","beta"]' })).toEqual(['both']);
  });

  it('case 43: tags_exclude leaves out tickets with any, and keeps those without tags', async () => {
    expect(await (await seedTagged())({ tags_exclude: '["gamma"]' })).toEqual([
      'alpha',
      'beta',
      'both',
      'none',
    ]);
  });

  it('case 44: tags_all and tags_exclude hold together', async () => {
    const query = { tags_all: '["alpha"]', tags_exclude: '["beta"]' };
    expect(await (await seedTagged())(query)).toEqual(['alpha', 'gamma']);
  });

  it('case 45: what is no list of names is ignored', async () => {
    const find = await seedTagged();
    for (const text of ['not-json', '', '[]', '{}', '"alpha"', 'null', '[', '7']) {
      const query = { tags: text, tags_all: text, tags_exclude: text };
      expect([text, (await find(query)).length]).toEqual([text, 5]);
    }
  });

  it('case 46: 200 names find nothing, without an error', async () => {
    const names = JSON.stringify(Array.from({ length: 200 }, (_, index) => `name-${index}`));
    const find = await seedTagged();
    expect(await find({ tags_all: names })).toEqual([]);
    expect(await find({ tags: names })).toEqual([]);
    expect(await find({ tags_exclude: names })).toHaveLength(5);
  });

  it('uses the first 50 names, and takes upper case as it is', async () => {
    const find = await seedTagged();
    const filler = Array.from({ length: 50 }, (_, index) => `name-${index}`);
    expect(await find({ tags: JSON.stringify([...filler.slice(1), 'alpha']) })).toHaveLength(3);
    expect(await find({ tags: JSON.stringify([...filler, 'alpha']) })).toEqual([]);
    expect(await find({ tags: '["Alpha"]' })).toEqual([]);
  });
});

describe('assignee', () => {
  async function seedAssigned() {
    const admin = await adminId(app);
    const user = await addUser(app, `user-${newId()}@example.com`);
    const role = await addRole(app, `Role ${newId()}`);
    const find = await seed({
      none: {},
      mine: { assignee_user_id: admin },
      theirs: { assignee_user_id: user.id },
      role: { assignee_role_id: role },
    });
    return { find, admin, user, role };
  }

  it('case 47: unassigned', async () => {
    const { find } = await seedAssigned();
    expect(await find({ assignee: 'unassigned' })).toEqual(['none']);
    expect(await find({ assignee: 'UnAssigned' })).toEqual(['none']);
  });

  it('case 48: a user or a role', async () => {
    const { find, user, role } = await seedAssigned();
    expect(await find({ assignee: `user:${user.id}` })).toEqual(['theirs']);
    expect(await find({ assignee: `role:${role}` })).toEqual(['role']);
    expect(await find({ assignee: `role:${role.toUpperCase()}` })).toEqual(['role']);
    expect(await find({ assignee: 'user:2147483647' })).toEqual([]);
  });

  it('case 49: an invalid one counts as none', async () => {
    const { find, user } = await seedAssigned();
    for (const text of ['user:abc', 'user:', 'role:7', 'user:2147483648', 'user:-1', 'nobody', 'user:1;2']) {
      expect([text, (await find({ assignee: text })).length]).toEqual([text, 4]);
    }
    expect(await find({ assignee: `user:abc,user:${user.id}` })).toEqual(['theirs']);
  });

  it('case 50: any of several; me is the caller', async () => {
    const { find, user, role } = await seedAssigned();
    expect(await find({ assignee: 'unassigned,me' })).toEqual(['none', 'mine']);
    expect(await find({ assignee: 'ME' }, await addKey(app, user.id))).toEqual(['theirs']);
    expect(await find({ assignee: `me, role:${role}` })).toEqual(['mine', 'role']);
  });
});

describe('snoozed, unread, deleted', () => {
  it('case 51: snoozed goes by the presence of the date, even when it is past', async () => {
    const find = await seed({
      past: { snoozed_until: inMs(-DAY) },
      future: { snoozed_until: inMs(DAY) },
      not: {},
    });
    expect(await find({ snoozed: 'true' })).toEqual(['past', 'future']);
    expect(await find({ snoozed: 'FALSE' })).toEqual(['not']);
    expect(await find({ snoozed: '1' })).toEqual(['past', 'future', 'not']);
  });

  it('unread=true finds tickets with unread messages of the team', async () => {
    const find = await seed({ unread: { unread_team_count: 1 }, read: {} });
    expect(await find({ unread: 'true' })).toEqual(['unread']);
    expect(await find({ unread: 'yes' })).toEqual(['unread', 'read']);
  });

  it('deleted tickets are in no list but their own', async () => {
    const find = await seed({ deleted: { deleted_at: inMs(-DAY) }, alive: {} });
    expect(await find({})).toEqual(['alive']);
    expect(await find({ deleted: 'true' })).toEqual(['deleted']);
    expect(await find({ deleted: 'true', search: 'nothing' })).toEqual([]);
    expect(await find({ deleted: 'false' })).toEqual(['alive']);
  });
});

describe('customers', () => {
  it('case 52: distinct_ids match exactly', async () => {
    const find = await seed({
      a: { distinct_id: 'user-123' },
      b: { distinct_id: 'user-1234' },
      c: { distinct_id: 'USER-123' },
    });
    expect(await find({ distinct_ids: 'user-123' })).toEqual(['a']);
    expect(await find({ distinct_ids: 'user-123, user-1234' })).toEqual(['a', 'b']);
  });

  it('case 53: distinct_ids and emails together find either', async () => {
    const find = await seed({
      id: { distinct_id: 'a' },
      email: { email_from: 'B@X' },
      neither: { distinct_id: 'b@x', email_from: 'a' },
    });
    expect(await find({ distinct_ids: 'a', emails: 'b@x' })).toEqual(['id', 'email']);
    expect(await find({ emails: 'b@X' })).toEqual(['email']);
  });

  it('ids finds tickets by uuid and drops what is none; organization matches exactly', async () => {
    const [first, second] = [newId(), newId()];
    const find = await seed({ first: { id: first, organization_id: 'acme' }, second: { id: second } });
    expect(await find({ ids: `${first.toUpperCase()},nonsense` })).toEqual(['first']);
    expect(await find({ ids: 'nonsense' })).toEqual(['first', 'second']);
    expect(await find({ organization: 'acme' })).toEqual(['first']);
    expect(await find({ organization: 'acm' })).toEqual([]);
  });

  it('uses the first 100 of a list', async () => {
    const find = await seed({ last: { distinct_id: 'wanted' } });
    const filler = Array.from({ length: 100 }, (_, index) => `filler-${index}`);
    expect(await find({ distinct_ids: [...filler.slice(1), 'wanted'].join() })).toEqual(['last']);
    expect(await find({ distinct_ids: [...filler, 'wanted'].join() })).toEqual([]);
  });
});

describe('AI triage', () => {
  it('tests the result, and for in_progress the status', async () => {
    const triage = (value: object) => ({ ai_triage: JSON.stringify(value) });
    const find = await seed({
      done: triage({ status: 'done', result: 'persisted' }),
      running: triage({ status: 'in_progress' }),
      odd: triage({ result: 'in_progress' }),
      none: {},
    });
    expect(await find({ ai_triage_result: 'persisted' })).toEqual(['done']);
    expect(await find({ ai_triage_result: 'in_progress' })).toEqual(['running']);
    expect(await find({ ai_triage_result: 'persisted,in_progress,nonsense' })).toEqual(['done', 'running']);
    expect(await find({ ai_triage_result: 'nonsense' })).toHaveLength(4);
  });
});

it('lists while Support is off', async () => {
  await setProject(app, { conversations_enabled: false });
  const { status } = await app.request('GET', TICKETS);
  await setProject(app, { conversations_enabled: true });
  expect(status).toBe(200);
});
