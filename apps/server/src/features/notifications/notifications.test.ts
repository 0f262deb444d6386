import { type Notification, notifications } from '@parley/contract/notifications';
import type { TicketUpdate } from '@parley/contract/tickets';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { removeMember } from '#features/organizations/members.service.ts';
import { reportBreachedDeadlines, reportDeadlinesAtRisk } from '#features/tickets/tickets.sla.ts';
import { runJob } from '#platform/jobs/worker.ts';
import { createLogger } from '#platform/log.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import {
  addAdminKey,
  addKey,
  addRole,
  addTenant,
  addUser,
  adminId,
  createTicket,
  customerWrites,
  projectOf,
  reply,
  SYSTEM,
  type TestUser,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { shapeErrors } from '../../testing/shape.ts';
import { tellEverybody } from '../../testing/tenant-things.ts';
import { API_KEY, createTestApp, type TestApp } from '../../testing/test-app.ts';
import { pruneNotifications } from './notifications.jobs.ts';

const PATH = '/api/projects/1/conversations/notifications/';
const DAY = 24 * 3_600_000;

let app: TestApp;
let me: number;
let ana: TestUser;
let ben: TestUser;
let anaKey: string;
let benKey: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  me = await adminId(app);
});
beforeEach(async () => {
  // Fresh ones have been told of nothing yet.
  const salt = app.statements.length;
  ana = await addUser(app, `ana-${salt}@example.com`, { firstName: 'Ana' });
  ben = await addUser(app, `ben-${salt}@example.com`, { firstName: 'Ben' });
  [anaKey, benKey] = [await addKey(app, ana.id), await addKey(app, ben.id)];
});
afterAll(() => app.close());

interface Page {
  next: string | null;
  results: Notification[];
}
type Refusal = { code: string; attr: string };

const page = (query = '', key = anaKey) => app.request<Page>('GET', `${PATH}${query}`, { key });
async function feed(key = anaKey, query = ''): Promise<Notification[]> {
  await tellEverybody(app);
  return (await page(query, key)).body.results;
}
const kinds = async (key = anaKey) => (await feed(key)).map(({ kind, count }) => `${kind} ${count}`);
const unread = async (key = anaKey) =>
  (await app.request<{ count: number }>('GET', `${PATH}unread_count/`, { key })).body.count;
const post = (below: string, body: unknown, key = anaKey) =>
  app.request<{ changed: number } & Refusal>('POST', `${PATH}${below}/`, { body, key });
const assign = (id: string, user: TestUser | null, key = API_KEY) =>
  app.request('PATCH', ticketPath(id), { body: { assignee: user && { type: 'user', id: user.id } }, key });
const follow = (id: string, user: TestUser) =>
  app.request('POST', ticketPath(id, 'followers/'), { body: { user_id: user.id } });
const note = (id: string, message: string, key = API_KEY) =>
  app.request('POST', ticketPath(id, 'reply/'), { body: { message, is_private: true }, key });
const choose = (key: string, choices: object) =>
  app.request('PATCH', '/api/users/@me/preferences/', { key, body: { notifications: choices } });
/** The customer answers in a conversation that has begun. */
async function answer(id: string, text = 'And?'): Promise<string> {
  app.clock.advance(1000);
  return customerWrites(app, id, text);
}
const sweep = (work: typeof reportBreachedDeadlines) => app.parley.unitOfWork.run(SYSTEM, work);

describe('whom it tells', () => {
  it('who gets a ticket, by hand or with its creation, but not who takes it', async () => {
    const { id } = await createTicket(app);
    await assign(id, ana);
    const [told] = await feed();
    expect(told).toMatchObject({
      kind: 'assigned',
      count: 1,
      ticket: { id },
      actor: { type: 'user', user: { id: me } },
      message_id: null,
      read_at: null,
    });
    const { id: own } = await createTicket(app);
    await assign(own, ana, anaKey);
    await createTicket(app, { assignee: { type: 'user', id: ben.id }, message: 'Hi' });
    expect([await kinds(), await kinds(benKey)]).toEqual([['assigned 1'], ['assigned 1']]);
  });

  it('the members of the role that gets one', async () => {
    const role_id = await addRole(app, `Role ${ana.id}`);
    await app.database.kysely
      .insertInto('role_members')
      .values([{ role_id, user_id: ana.id }])
      .execute();
    const { id } = await createTicket(app, { message: 'Hi' });
    await updateTicket(app, id, { assignee: { type: 'role', id: role_id } });
    await answer(id);
    expect([await kinds(), await kinds(benKey)]).toEqual([['customer_replied 1', 'assigned 1'], []]);
  });

  it('case I90: who is mentioned, each time, with the note; and other followers of the note', async () => {
    const { id } = await createTicket(app);
    await follow(id, ben);
    const written = await reply(app, id, `@[Ana](user:${ana.id}), see`, { is_private: true });
    await note(id, `@[Ana](user:${ana.id}) again`);
    await note(id, 'Nobody by name');
    const told = await feed();
    expect(told.map(({ kind, count }) => [kind, count])).toEqual([
      ['note_added', 1],
      ['mentioned', 1],
      ['mentioned', 1],
    ]);
    expect(told.find(({ message_id }) => message_id === written.id)).toMatchObject({
      kind: 'mentioned',
      excerpt: written.content,
    });
    expect(await kinds(benKey)).toEqual(['note_added 3']);
    expect(shapeErrors(notifications.list.responses[200], { next: null, results: told })).toEqual([]);
  });

  it('a note that mentions somebody later on', async () => {
    const { id } = await createTicket(app);
    const written = await reply(app, id, 'Look', { is_private: true });
    await tellEverybody(app);
    const edit = (message: string) =>
      app.request('PATCH', ticketPath(id, `notes/${written.id}/`), { body: { message } });
    await edit(`Look @[Ana](user:${ana.id})`);
    await edit(`Look here @[Ana](user:${ana.id})`);
    expect(await kinds()).toEqual(['mentioned 1']);
    await app.request('DELETE', ticketPath(id, `notes/${written.id}/`));
    expect((await feed())[0]).toMatchObject({ message_id: written.id, excerpt: null });
  });

  it('assignee and followers of what the customer answers, counted while unread', async () => {
    const { id } = await createTicket(app, { message: 'Hi' });
    await assign(id, ana);
    await follow(id, ana);
    await follow(id, ben);
    await answer(id);
    await tellEverybody(app);
    const newest = await answer(id, 'Hello?');
    const [told] = await feed();
    expect(told).toMatchObject({
      kind: 'customer_replied',
      count: 2,
      message_id: newest,
      excerpt: 'Hello?',
      actor: { type: 'customer', user: null },
      updated_at: app.clock.now().toISOString(),
    });
    expect([await kinds(), await kinds(benKey)]).toEqual([
      ['customer_replied 2', 'assigned 1'],
      ['customer_replied 2'],
    ]);
    await post('mark_read', { ids: [told?.id] });
    await answer(id);
    expect(await kinds()).toEqual(['customer_replied 1', 'customer_replied 2', 'assigned 1']);
  });

  it('followers of a merged ticket of answers in its thread', async () => {
    const [source, target] = [await createTicket(app, { message: 'Hi' }), await createTicket(app)];
    await follow(source.id, ana);
    const body = { target: target.id, allow_different_customers: true };
    await app.request('POST', ticketPath(source.id, 'merge/'), { body });
    await answer(source.id);
    expect((await feed()).map(({ kind, ticket }) => [kind, ticket.id])).toEqual([
      ['customer_replied', target.id],
    ]);
  });

  it('nobody of a message they had before their eyes when it was told', async () => {
    const { id } = await createTicket(app, { message: 'Hi' });
    await follow(id, ana);
    await answer(id);
    await app.request('POST', ticketPath(id, 'read/'), { key: anaKey });
    expect(await kinds()).toEqual([]);
  });

  it('case I84: the assignee of deadlines, once each, else followers', async () => {
    const due = (ms: number): TicketUpdate => ({
      sla_due_at: new Date(app.clock.now().getTime() + ms).toISOString(),
    });
    const [taken, left] = [await createTicket(app), await createTicket(app)];
    await assign(taken.id, ana);
    for (const { id } of [taken, left]) {
      await follow(id, ben);
      await updateTicket(app, id, due(1_800_000));
    }
    await sweep(reportDeadlinesAtRisk);
    app.clock.advance(3_600_000);
    for (let n = 0; n < 2; n += 1) await sweep(reportBreachedDeadlines);
    expect((await kinds()).sort()).toEqual(['assigned 1', 'sla_at_risk 1', 'sla_breached 1']);
    const told = await feed(benKey);
    expect(told.map(({ kind }) => kind)).toEqual(['sla_breached', 'sla_at_risk']);
    expect(new Set(told.map(({ ticket }) => ticket.id))).toEqual(new Set([left.id]));
    expect(told[0]?.actor).toEqual({ type: 'system', user: null });
  });

  it('of new tickets only who chose to hear of them, and of nothing else that is switched off', async () => {
    await choose(anaKey, { new_ticket: { in_app: true }, assigned: { in_app: false } });
    const { id } = await createTicket(app);
    await assign(id, ana);
    expect([await kinds(), await kinds(benKey)]).toEqual([['new_ticket 1'], []]);
  });

  it('nobody who may not see the project, or who left', async () => {
    const { id } = await createTicket(app, { message: 'Hi' });
    const shut = { project_id: 1, user_id: ana.id, level: 'none' as const };
    await follow(id, ana);
    await follow(id, ben);
    await app.database.kysely.insertInto('project_access').values(shut).execute();
    await answer(id);
    const project = await projectOf(app);
    const admin = { id: me, uuid: '', email: '', firstName: '', lastName: '' };
    await app.parley.unitOfWork.run({ kind: 'session', user: admin, sessionId: '1' }, (uow) =>
      removeMember(uow, project.organizationId, String(ben.id)),
    );
    await tellEverybody(app);
    const rows = app.database.kysely.selectFrom('notifications').select('id');
    expect(await rows.where('user_id', 'in', [ana.id, ben.id]).execute()).toEqual([]);
    expect((await page()).status).toBe(403);
  });

  it('nobody of tickets that are deleted, until they are restored', async () => {
    const { id } = await createTicket(app);
    await assign(id, ana);
    expect(await kinds()).toEqual(['assigned 1']);
    await app.request('DELETE', ticketPath(id));
    expect([await kinds(), await unread()]).toEqual([[], 0]);
    await app.request('POST', ticketPath(id, 'restore/'));
    expect([await kinds(), await unread()]).toEqual([['assigned 1'], 1]);
  });
});

describe('notifications.list', () => {
  it('pages by cursor, and filters by kind and state', async () => {
    for (let n = 0; n < 5; n += 1) {
      const { id } = await createTicket(app, { assignee: { type: 'user', id: ana.id } });
      await note(id, `@[Ana](user:${ana.id})`);
      app.clock.advance(n % 2);
    }
    const all = await feed();
    expect(all).toHaveLength(10);
    const paged: Notification[] = [];
    for (let query: string | null = '?limit=3'; query; ) {
      const { body } = await page(query);
      paged.push(...body.results);
      query = body.next && new URL(body.next).search;
    }
    expect(paged).toEqual(all);
    expect((await feed(anaKey, '?kind=mentioned')).map(({ kind }) => kind)).toEqual(
      Array(5).fill('mentioned'),
    );
    expect(await feed(anaKey, '?kind=mentioned,assigned')).toHaveLength(10);
    await post('mark_read', { ids: [all[0]?.id] });
    expect(await feed(anaKey, '?unread=true')).toHaveLength(9);
    expect((await feed(anaKey, '?unread=false')).map(({ id }) => id)).toEqual([all[0]?.id]);
  });

  it.each([
    ['kind', '?kind=assigned,nonsense'],
    ['unread', '?unread=perhaps'],
    ['cursor', '?cursor=%00'],
    ['cursor', `?cursor=9999-99-99T00:00:00.000Z_${'0'.repeat(36)}`],
  ])('refuses a wrong %s: %s', async (attr, query) => {
    const { status, body } = await app.request<Refusal>('GET', `${PATH}${query}`, { key: anaKey });
    expect([status, body.attr]).toEqual([400, attr]);
  });

  it('is each user’s own', async () => {
    const { id } = await createTicket(app);
    await assign(id, ana);
    const [mine] = await feed();
    expect(await feed(benKey)).toEqual([]);
    expect((await post('mark_read', { ids: [mine?.id] }, benKey)).body).toEqual({ changed: 0 });
    expect(await unread()).toBe(1);
    const tenant = await addTenant(app, `elsewhere-${ana.id}`);
    const theirs = PATH.replace('/1/', `/${tenant.projectId}/`);
    expect((await app.request('GET', theirs, { key: anaKey })).status).toBe(404);
    expect(
      (await app.request('POST', `${theirs}mark_read/`, { key: tenant.key, body: { ids: [mine?.id] } })).body,
    ).toEqual({ changed: 0 });
    expect(await unread()).toBe(1);
  });
});

describe('read marks', () => {
  it('are set by id or until an instant, and taken back by id', async () => {
    const [first, second] = [await createTicket(app), await createTicket(app)];
    await assign(first.id, ana);
    app.clock.advance(1000);
    await assign(second.id, ana);
    const [newer, older] = await feed();
    expect(await unread()).toBe(2);
    expect((await post('mark_read', { until: older?.updated_at })).body).toEqual({ changed: 1 });
    expect((await feed()).map(({ read_at }) => read_at)).toEqual([null, app.clock.now().toISOString()]);
    expect((await post('mark_read', { ids: [newer?.id, older?.id] })).body).toEqual({ changed: 1 });
    expect(await unread()).toBe(0);
    expect((await post('mark_unread', { ids: [older?.id] })).body).toEqual({ changed: 1 });
    expect([await unread(), (await feed())[1]?.read_at]).toEqual([1, null]);
  });

  it('are set by reading the ticket, or one that it was merged into', async () => {
    const [first, second] = [await createTicket(app), await createTicket(app)];
    for (const { id } of [first, second]) await note(id, `@[Ana](user:${ana.id})`);
    expect([await kinds(), await unread()]).toEqual([['mentioned 1', 'mentioned 1'], 2]);
    await app.request('GET', ticketPath(first.id, '?mark_read=false'), { key: anaKey });
    expect(await unread()).toBe(2);
    await app.request('GET', ticketPath(first.id), { key: anaKey });
    expect(await unread()).toBe(1);
    const body = { target: first.id, allow_different_customers: true };
    await app.request('POST', ticketPath(second.id, 'merge/'), { body });
    await app.request('POST', ticketPath(first.id, 'read/'), { key: anaKey });
    expect(await unread()).toBe(0);
  });

  it.each([
    ['nothing', 'mark_read', {}, 'ids'],
    ['both', 'mark_read', { ids: ['01900000-0000-7000-8000-000000000000'], until: '2026-01-01' }, 'ids'],
    ['no list', 'mark_read', { ids: 'all' }, 'ids'],
    ['none', 'mark_unread', { ids: [] }, 'ids'],
    ['no uuid', 'mark_unread', { ids: ['\u0000'] }, 'ids__0'],
    ['too many', 'mark_unread', { ids: Array(501).fill('01900000-0000-7000-8000-000000000000') }, 'ids'],
    ['no instant', 'mark_read', { until: 'yesterday' }, 'until'],
  ])('refuse %s (%s)', async (_, below, body, attr) => {
    const refused = await post(below, body);
    expect([refused.status, refused.body.attr]).toEqual([400, attr]);
  });

  it('need ticket:write', async () => {
    const key = await addAdminKey(app, ['ticket:read']);
    expect((await post('mark_read', { until: '2030-01-01' }, key)).status).toBe(403);
    expect((await page('', key)).status).toBe(200);
  });
});

it('makes each notification once, whoever looks at the same time', async () => {
  const { id } = await createTicket(app);
  await assign(id, ana);
  await Promise.all(Array.from({ length: 4 }, () => tellEverybody(app)));
  expect(await kinds()).toEqual(['assigned 1']);
});

it('stays behind by no more than a batch at a time', async () => {
  const { id } = await createTicket(app, { message: 'Hi' });
  await assign(id, ana);
  for (let n = 0; n < 3; n += 1) {
    await app.database.kysely
      .insertInto('events')
      .values(
        Array.from({ length: 400 }, () => ({
          project_id: 1,
          name: 'tickets.read',
          resource_id: id,
          resource_version: 1,
          actor: '{}',
          payload: '{}',
          created_at: app.clock.now(),
        })),
      )
      .execute();
  }
  await answer(id);
  expect(await kinds()).toEqual(['customer_replied 1', 'assigned 1']);
});

// Last: months pass.
it('keeps them for 90 days after they last happened', async () => {
  const { id } = await createTicket(app);
  await assign(id, ana);
  await feed();
  const context = {
    run: <T>(work: (uow: Uow) => Promise<T>) => app.parley.unitOfWork.run(SYSTEM, work),
    log: createLogger('fatal'),
    signal: new AbortController().signal,
  };
  const clean = () => runJob(pruneNotifications, {}, context);
  app.clock.advance(90 * DAY);
  await clean();
  expect(await unread()).toBe(1);
  app.clock.advance(1);
  await clean();
  expect(await unread()).toBe(0);
});
