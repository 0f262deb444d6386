import type {
  BacklogFigures,
  FirstResponseFigures,
  ReportOverview,
  ResolutionFigures,
  SatisfactionFigures,
  VolumeFigures,
} from '@parley/contract/reports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addRole, addUser, createTicket, SYSTEM } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { type SeededTicket, seedMessage, seedTickets } from '../../testing/ticket-rows.ts';
import type { Report, ReportGroup } from './reports.answer.ts';
import { requestPass } from './reports.recount.ts';
import { projectAll } from './testing.ts';

const REPORTS = '/api/projects/1/conversations/reports/';
const H = 3600;
const at = (text: string) => new Date(`2026-${text}:00Z`);

let app: TestApp;
let user: number;
let role: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'], now: new Date('2026-04-02T10:00:00.000Z') });
  user = (await addUser(app, 'agent@example.com', { firstName: '=Grace', lastName: 'Hopper' })).id;
  role = await addRole(app, 'Billing');
  await app.request('PATCH', '/api/projects/1/', { body: { timezone: 'Europe/Berlin' } });
  await app.request('PUT', '/api/projects/1/conversations/working_hours/', {
    body: {
      weekly: { monday: [{ start: '09:00', end: '17:00' }], tuesday: [{ start: '09:00', end: '17:00' }] },
    },
  });
  await projectAll(app);
  await seed();
  // Rows without events, as an import leaves them: only a look at all tickets finds them.
  await app.parley.unitOfWork.run(SYSTEM, (uow) => requestPass(uow, 1));
  await projectAll(app);
});
afterAll(() => app.close());

/** The clocks went forward on March 29; that day began at 23:00 of the 28th in UTC, and ended at 22:00. */
async function seed(): Promise<void> {
  const done = { status: 'resolved' as const };
  const tickets = await seedTickets(app, [
    { channel_source: 'email', created_at: at('03-28T22:59'), tags: ['a'], assignee_user_id: user },
    {
      channel_source: 'email',
      created_at: at('03-28T23:00'),
      tags: ['a', 'b'],
      ...done,
      resolved_at: at('03-30T08:00'),
      sla_due_at: at('03-30T09:00'),
    },
    {
      channel_source: 'widget',
      created_at: at('03-29T21:59'),
      tags: ['b'],
      assignee_role_id: role,
      ...done,
      resolved_at: at('03-31T21:59'),
      sla_due_at: at('03-30T09:00'),
    },
    { channel_source: 'widget', created_at: at('03-29T22:00') },
    { channel_source: 'widget', created_at: at('02-10T12:00'), assignee_user_id: user },
    { channel_source: 'slack', created_at: at('03-29T12:00'), deleted_at: at('03-29T13:00') },
  ]);
  await app.database.kysely
    .insertInto('tags')
    .values(['a', 'b'].map((name) => ({ project_id: 1, name, created_at: app.clock.now() })))
    .execute();
  await seedConversations(tickets);
}

async function seedConversations(tickets: readonly SeededTicket[]): Promise<void> {
  const [first, second, third] = tickets.map(({ id }) => id);
  const message = (ticketId = '', text: string, author_type: string) =>
    seedMessage(app, ticketId, {
      content: 'Hi',
      created_at: at(text),
      item_context: JSON.stringify({ author_type, is_private: false }),
    });
  await message(first, '03-28T22:59', 'customer');
  await message(second, '03-28T23:00', 'customer');
  // A Monday, 9:30 in Berlin: half an hour of work after 32.5 hours.
  await message(second, '03-30T07:30', 'support');
  await message(third, '03-29T21:59', 'customer');
  await message(third, '03-30T07:59', 'support');
  await message(third, '03-30T08:59', 'support');
  const rated = { project_id: 1, created_at: at('03-31T10:00'), comment: null };
  await app.database.kysely
    .insertInto('satisfaction_ratings')
    .values([
      { ...rated, ticket_id: second ?? '', rating: 'good', score: 5 },
      { ...rated, ticket_id: third ?? '', rating: 'bad', score: 2 },
    ])
    .execute();
}

const ask = async <T>(path: string, key?: string): Promise<T> => {
  const answer = await app.request<T>('GET', `${REPORTS}${path}`, key ? { key } : {});
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
  return answer.body;
};
const RANGE = 'date_from=2026-03-28&date_to=2026-03-31';
const series = <F>({ points }: ReportGroup<F>, pick: (figures: F) => unknown) =>
  Object.fromEntries(points.map(({ date, figures }) => [date.slice(5), pick(figures)]));
const only = <F>({ groups }: Report<F>): ReportGroup<F> => {
  const [group, ...others] = groups;
  if (!group || others.length > 0) throw new Error(`${groups.length} groups`);
  return group;
};

describe('#reports.volume', () => {
  it('counts by days of the project, over the change of its clocks', async () => {
    const report = await ask<Report<VolumeFigures>>(`volume/?${RANGE}`);
    expect(report).toMatchObject({
      date_from: '2026-03-28',
      date_to: '2026-03-31',
      timezone: 'Europe/Berlin',
      interval: 'day',
      group_by: 'none',
      as_of: '2026-04-02T10:00:00.000Z',
      is_rebuilding: false,
      totals: { created: 4, resolved: 2, reopened: 0, merged: 0, customer_messages: 3, replies: 3 },
      previous: { created: 0 },
      groups_left_out: 0,
    });
    expect(series(only(report), ({ created }) => created)).toEqual({
      '03-28': 1,
      '03-29': 2,
      '03-30': 1,
      '03-31': 0,
    });
    expect(series(only(report), ({ resolved }) => resolved)).toEqual({
      '03-28': 0,
      '03-29': 0,
      '03-30': 1,
      '03-31': 1,
    });
  });

  it('counts by weeks from Monday, and by months', async () => {
    const weeks = await ask<Report<VolumeFigures>>(
      'volume/?date_from=2026-03-25&date_to=2026-04-01&interval=week',
    );
    expect(series(only(weeks), ({ created }) => created)).toEqual({ '03-23': 3, '03-30': 1 });
    const months = await ask<Report<VolumeFigures>>(
      'volume/?date_from=2026-02-01&date_to=2026-04-02&interval=month',
    );
    expect(series(only(months), ({ created }) => created)).toEqual({ '02-01': 1, '03-01': 4, '04-01': 0 });
  });

  it('compares with as many days before', async () => {
    const report = await ask<Report<VolumeFigures>>('volume/?date_from=2026-03-30&date_to=2026-03-31');
    expect([report.totals.created, report.previous.created]).toEqual([1, 3]);
    expect(only(report).previous).toEqual(report.previous);
  });

  it('groups by channel, assignee and tag; a ticket with two tags is in two groups and once in the totals', async () => {
    const groups = async (by: string) => {
      const report = await ask<Report<VolumeFigures>>(`volume/?${RANGE}&group_by=${by}`);
      expect(report.totals.created).toBe(4);
      return report.groups.map(({ key, label, totals }) => [key, label, totals.created, totals.replies]);
    };
    expect(await groups('channel')).toEqual([
      ['widget', 'widget', 2, 2],
      ['email', 'email', 2, 1],
    ]);
    expect(await groups('assignee')).toEqual([
      ['unassigned', null, 2, 1],
      [`role:${role}`, 'Billing', 1, 2],
      [`user:${user}`, '=Grace Hopper', 1, 0],
    ]);
    expect(await groups('tag')).toEqual([
      ['b', 'b', 2, 3],
      ['a', 'a', 2, 1],
    ]);
  });

  it('narrows by channel, assignee and tag, together and with groups', async () => {
    const created = async (query: string) =>
      (await ask<Report<VolumeFigures>>(`volume/?${RANGE}&${query}`)).totals.created;
    expect(await created('channel=email')).toBe(2);
    expect(await created('channel=email,widget,slack')).toBe(4);
    expect(await created(`assignee=user:${user}`)).toBe(1);
    expect(await created(`assignee=unassigned,role:${role}`)).toBe(3);
    expect(await created('assignee=me')).toBe(0);
    expect(await created('tag=a')).toBe(2);
    expect(await created('tag=%20A%20&channel=email&assignee=unassigned')).toBe(1);
    expect(await created('tag=none')).toBe(0);
    const report = await ask<Report<VolumeFigures>>(`volume/?${RANGE}&group_by=tag&tag=a&channel=email`);
    expect(report.groups.map(({ key, totals }) => [key, totals.created])).toEqual([['a', 2]]);
    const byChannel = await ask<Report<VolumeFigures>>(`volume/?${RANGE}&group_by=channel&tag=b`);
    expect(byChannel.groups.map(({ key, totals }) => [key, totals.created])).toEqual([
      ['widget', 1],
      ['email', 1],
    ]);
  });

  it('means the last thirty days when nothing is said, and takes relative ones', async () => {
    expect(await ask('volume/')).toMatchObject({
      date_from: '2026-03-04',
      date_to: '2026-04-02',
      totals: { created: 4 },
    });
    expect(await ask('volume/?date_from=-1mStart&date_to=-1mEnd')).toMatchObject({
      date_from: '2026-03-01',
      date_to: '2026-03-31',
    });
    // In UTC it is still the day before.
    app.clock.advance(12.5 * H * 1000);
    expect(await ask('volume/?date_from=dStart')).toMatchObject({
      date_from: '2026-04-03',
      date_to: '2026-04-03',
    });
    app.clock.advance(-12.5 * H * 1000);
  });
});

describe('#reports.first_response', () => {
  it('says how long customers waited, on the clock and in working hours', async () => {
    const report = await ask<Report<FirstResponseFigures>>(`first_response/?${RANGE}`);
    // 32.5 hours and ten; 30 and 59 minutes of work.
    expect(report.totals).toMatchObject({ count: 2, average: 21.25 * H, business_average: 44.5 * 60 });
    expect(series(only(report), ({ count }) => count)).toEqual({
      '03-28': 0,
      '03-29': 0,
      '03-30': 2,
      '03-31': 0,
    });
    const { p50, p90 } = report.totals;
    expect(p50).toBeGreaterThanOrEqual(8 * H);
    expect(p50).toBeLessThanOrEqual(12 * H);
    expect(p90).toBeGreaterThanOrEqual(24 * H);
    expect(p90).toBeLessThanOrEqual(36 * H);
    expect(report.previous).toEqual({
      count: 0,
      average: null,
      p50: null,
      p90: null,
      business_average: null,
      business_p50: null,
      business_p90: null,
    });
  });
});

describe('#reports.resolution', () => {
  it('says how long tickets took, and what became of their deadlines', async () => {
    const { totals } = await ask<Report<ResolutionFigures>>(`resolution/?${RANGE}`);
    expect(totals).toMatchObject({
      count: 2,
      average: (33 * H + 48 * H) / 2,
      one_touch: 1,
      sla_met: 1,
      sla_breached: 1,
    });
    const byTag = await ask<Report<ResolutionFigures>>(`resolution/?${RANGE}&group_by=tag`);
    expect(byTag.groups.map(({ key, totals: { count, one_touch } }) => [key, count, one_touch])).toEqual([
      ['b', 2, 1],
      ['a', 1, 1],
    ]);
  });
});

describe('#reports.backlog', () => {
  it('counts what was open at the end of each interval, with what was there before', async () => {
    const report = await ask<Report<BacklogFigures>>(`backlog/?${RANGE}`);
    expect(series(only(report), ({ open }) => open)).toEqual({
      '03-28': 2,
      '03-29': 4,
      '03-30': 4,
      '03-31': 3,
    });
    expect([report.totals, report.previous]).toEqual([{ open: 3 }, { open: 1 }]);
    const months = await ask<Report<BacklogFigures>>(
      'backlog/?date_from=2026-02-01&date_to=2026-04-02&interval=month',
    );
    expect(series(only(months), ({ open }) => open)).toEqual({ '02-01': 1, '03-01': 3, '04-01': 3 });
    const byAssignee = await ask<Report<BacklogFigures>>(`backlog/?${RANGE}&group_by=assignee`);
    expect(byAssignee.groups.map(({ key, totals }) => [key, totals.open])).toEqual([
      [`user:${user}`, 2],
      ['unassigned', 1],
      [`role:${role}`, 0],
    ]);
  });

  it('equals what the list counts now', async () => {
    const { totals } = await ask<Report<BacklogFigures>>('backlog/');
    const list = await app.request<{ count: number }>(
      'GET',
      '/api/projects/1/conversations/tickets/?status=new,open,pending,on_hold',
    );
    expect(totals.open).toBe(list.body.count);
  });
});

describe('#reports.satisfaction', () => {
  it('counts ratings and scores', async () => {
    const report = await ask<Report<SatisfactionFigures>>(`satisfaction/?${RANGE}`);
    expect(report.totals).toEqual({ rated: 2, good: 1, bad: 1, good_share: 0.5, score_average: 3.5 });
    expect(report.previous).toEqual({ rated: 0, good: 0, bad: 0, good_share: null, score_average: null });
    const narrowed = await ask<Report<SatisfactionFigures>>(`satisfaction/?${RANGE}&tag=a`);
    expect(narrowed.totals).toMatchObject({ rated: 1, good_share: 1, score_average: 5 });
  });
});

describe('#reports.overview', () => {
  it('holds the totals of every report', async () => {
    const overview = await ask<ReportOverview>(`overview/?${RANGE}&channel=email`);
    for (const name of ['volume', 'first_response', 'resolution', 'backlog', 'satisfaction'] as const) {
      const { totals, previous } = await ask<Report<object>>(`${name}/?${RANGE}&channel=email`);
      expect(overview[name]).toEqual({ totals, previous });
    }
  });
});

describe('a report as a table', () => {
  it('has a row for each interval of each group, and nothing that a spreadsheet would run', async () => {
    const answer = await app.request(
      'GET',
      `${REPORTS}volume/?date_from=2026-03-30&date_to=2026-03-31&group_by=assignee&format=csv`,
    );
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="volume.csv"',
    });
    const lines = answer.text.split('\r\n');
    expect(lines[0]).toBe('date,group,label,created,resolved,reopened,merged,customer_messages,replies');
    expect(lines).toContain(`2026-03-31,role:${role},Billing,0,1,0,0,0,0`);
    const named = await app.request('GET', `${REPORTS}volume/?${RANGE}&group_by=assignee&format=csv`);
    expect(named.text).toContain("'=Grace Hopper");
    expect(named.text).not.toMatch(/(^|,)=/m);
  });

  it('comes of every report, and as a download', async () => {
    for (const name of ['volume', 'first_response', 'resolution', 'backlog', 'satisfaction', 'overview']) {
      const table = await app.request('GET', `${REPORTS}${name}/?${RANGE}&format=csv`);
      const file = await app.request('GET', `${REPORTS}export/?${RANGE}&report=${name}`);
      expect([table.status, file.status]).toEqual([200, 200]);
      expect(file.text).toBe(table.text);
      expect(file.headers['content-disposition']).toBe(`attachment; filename="${name}.csv"`);
    }
  });
});

describe('figures', () => {
  it('come out of buckets alone', async () => {
    const before = app.statements.length;
    await ask(`volume/?${RANGE}&group_by=tag`);
    await ask(`backlog/?${RANGE}&group_by=assignee`);
    await ask(`overview/?${RANGE}`);
    const read = app.statements
      .slice(before)
      .filter((text) => /\b(from|join) (tickets|messages|activities|events)\b/.test(text));
    expect(read).toEqual([]);
  });

  it('say how old they are, and that they are being worked out anew', async () => {
    await createTicket(app, {});
    app.clock.advance(60_000);
    await app.request('PATCH', '/api/projects/1/', { body: { timezone: 'Asia/Kolkata' } });
    expect(await ask('volume/')).toMatchObject({ is_rebuilding: true });
    await projectAll(app);
    expect(await ask('volume/')).toMatchObject({
      is_rebuilding: false,
      as_of: app.clock.now().toISOString(),
    });
  });
});
