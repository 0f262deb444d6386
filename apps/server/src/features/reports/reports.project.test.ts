import { TICKET_STATUSES, type TicketStatus } from '@parley/contract/tickets';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyTagOperations } from '#features/tags/tag-operations.apply.service.ts';
import { lockTicket } from '#features/tickets/tickets.service.ts';
import { reportBreachedDeadlines } from '#features/tickets/tickets.sla.ts';
import { wakeSnoozedTickets } from '#features/tickets/tickets.wake.ts';
import { sequenceEvents } from '#platform/events/sequencer.ts';
import {
  addRole,
  addTenant,
  addUser,
  createTicket,
  customerWrites,
  projectOf,
  SYSTEM,
  type Tenant,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedTickets } from '../../testing/ticket-rows.ts';
import { projectReports } from './reports.project.service.ts';
import { recountReports } from './reports.recount.ts';
import { recordSatisfaction } from './satisfaction.service.ts';
import { comparable, heldFigures, projectAll, trueFigures } from './testing.ts';

const ZONES = ['UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kolkata'];

let app: TestApp;
let user: number;
let role: string;
let other: Tenant;
beforeAll(async () => {
  // Without the scheduler: these tests project when they say so.
  app = await createTestApp({ roles: ['http'], now: new Date('2026-03-27T20:00:00.000Z') });
  user = (await addUser(app, 'agent@example.com')).id;
  role = await addRole(app, 'Billing');
  other = await addTenant(app, 'other');
});
afterAll(() => app.close());
beforeEach(async () => {
  await clear();
});

async function clear(): Promise<void> {
  for (const table of [
    'tickets',
    'activities',
    'report_tickets',
    'report_buckets',
    'tags',
    'tag_operations',
  ] as const)
    await app.database.kysely.deleteFrom(table).execute();
}
const run = <T>(work: Parameters<typeof app.parley.unitOfWork.run<T>>[1]) =>
  app.parley.unitOfWork.run(SYSTEM, work);
const recount = (projectId = 1) => recountReports(run, projectId);

async function setZone(timezone: string): Promise<void> {
  const answer = await app.request('PATCH', '/api/projects/1/', { body: { timezone } });
  expect(answer.status).toBe(200);
}

async function expectTruth(): Promise<void> {
  await projectAll(app);
  expect(comparable(await heldFigures(app))).toEqual(await trueFigures(app));
  expect(await recount()).toBe(0);
}

type Operation =
  | { kind: 'create'; body: object }
  | { kind: 'update'; at: number; body: object }
  | { kind: 'bulk'; at: number[]; status: TicketStatus }
  | { kind: 'receive' | 'reply' | 'note' | 'delete' | 'restore'; at: number }
  | { kind: 'rate'; at: number; rating: 'good' | 'bad'; score: number }
  | { kind: 'advance'; hours: number }
  | { kind: 'zone'; zone: string }
  | { kind: 'rename'; from: string; to: string }
  | { kind: 'project' | 'sweep' };

const at = fc.nat(10);
const fields = () => ({
  status: fc.constantFrom(...TICKET_STATUSES),
  assignee: fc.constantFrom(null, { type: 'user', id: user }, { type: 'role', id: role }),
  sla_due_at: fc.constantFrom(null, '2026-03-28T22:30:00Z', '2026-04-02T00:00:00Z'),
  snoozed_until: fc.constantFrom(null, '2026-03-29T00:30:00Z'),
  tags: fc.subarray(['a', 'b', 'c']),
});
const operations = () =>
  fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('create'),
          body: fc.record({ ...fields(), message: fc.constantFrom('hi') }, { requiredKeys: [] }),
        }),
      },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('update'),
          at,
          body: fc.record(fields(), { requiredKeys: [] }),
        }),
      },
      fc.record({
        kind: fc.constant('bulk'),
        at: fc.array(at, { minLength: 1, maxLength: 4 }),
        status: fc.constantFrom(...TICKET_STATUSES),
      }),
      {
        weight: 5,
        arbitrary: fc.record({ kind: fc.constantFrom('receive', 'reply', 'note', 'delete', 'restore'), at }),
      },
      fc.record({
        kind: fc.constant('rate'),
        at,
        rating: fc.constantFrom('good', 'bad'),
        score: fc.integer({ min: 1, max: 5 }),
      }),
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('advance'), hours: fc.integer({ min: 1, max: 20 }) }),
      },
      fc.record({ kind: fc.constant('zone'), zone: fc.constantFrom(...ZONES) }),
      fc.record({
        kind: fc.constant('rename'),
        from: fc.constantFrom('a', 'b', 'c'),
        to: fc.constantFrom('a', 'c', 'new'),
      }),
      { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('project', 'sweep') }) },
    ) as fc.Arbitrary<Operation>,
    { minLength: 1, maxLength: 30 },
  );

/** Does one operation, to one of the tickets there are. What is refused (a deleted ticket) changes nothing. */
async function apply(operation: Operation, ids: string[]): Promise<void> {
  const pick = (index: number) => ids[index % Math.max(ids.length, 1)] ?? '';
  const call = async (method: string, path: string, body?: object) => {
    const { status, text } = await app.request(method, path, body ? { body } : {});
    if (status >= 500) throw new Error(`${method} ${path} answered ${status}: ${text}`);
  };
  switch (operation.kind) {
    case 'create':
      ids.push((await createTicket(app, operation.body)).id);
      return;
    case 'advance':
      return app.clock.advance(operation.hours * 3_600_000);
    case 'zone':
      return setZone(operation.zone);
    case 'rename':
      await call('POST', '/api/projects/1/conversations/tags/merge/', {
        from: [operation.from],
        into: operation.to,
      });
      while (await applyTagOperations(run));
      return;
    case 'project':
      await sequenceEvents(app.database);
      return void (await projectReports(run));
    case 'sweep':
      await run(wakeSnoozedTickets);
      return void (await run(reportBreachedDeadlines));
  }
  if (ids.length === 0) return;
  switch (operation.kind) {
    case 'update':
      return call('PATCH', ticketPath(pick(operation.at)), operation.body);
    case 'bulk':
      return call('POST', `${TICKETS}bulk_update_status/`, {
        ids: operation.at.map(pick),
        status: operation.status,
      });
    case 'receive':
      return void (await customerWrites(app, pick(operation.at), 'hello').catch(ignoreDeleted));
    case 'reply':
      return call('POST', ticketPath(pick(operation.at), 'reply/'), {
        message: `Answer ${app.clock.now().getTime()}`,
      });
    case 'note':
      return call('POST', ticketPath(pick(operation.at), 'reply/'), { message: 'Psst', is_private: true });
    case 'delete':
      return call('DELETE', ticketPath(pick(operation.at)));
    case 'restore':
      return call('POST', ticketPath(pick(operation.at), 'restore/'));
    case 'rate':
      return rate(pick(operation.at), operation.rating, operation.score);
  }
}

async function rate(id: string, rating: 'good' | 'bad', score?: number): Promise<void> {
  const project = await projectOf(app);
  const write = run(async (uow) =>
    recordSatisfaction(uow, await lockTicket(uow, project, id), { rating, score }),
  );
  await write.catch(ignoreDeleted);
}

function ignoreDeleted(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'not_found')) throw error;
}

describe('figures of reports', () => {
  it('equal a recount from the rows after any sequence of operations', async () => {
    await fc.assert(
      fc.asyncProperty(operations(), async (sequence) => {
        await clear();
        const ids: string[] = [];
        for (const operation of sequence) await apply(operation, ids);
        await projectAll(app);
        const held = await heldFigures(app);
        const truth = await trueFigures(app);
        // A deadline that passed unnoticed is not counted, one that was noticed is: the sweep decides.
        const sla = (key: string) => key.startsWith('sla_breached');
        const without = (all: Record<string, string>) =>
          Object.fromEntries(Object.entries(all).filter(([key]) => !sla(key)));
        expect(without(comparable(held))).toEqual(without(truth));
        expect(await recount()).toBe(0);
        // And a look at all tickets finds nothing that events did not tell.
        await projectAll(app);
        expect(await heldFigures(app)).toEqual(held);
      }),
      { numRuns: 25, interruptAfterTimeLimit: 150_000, markInterruptAsFailure: true },
    );
  }, 180_000);

  it('belong to the days of the project, and move when its time zone does', async () => {
    await setZone('UTC');
    // Half past midnight in Berlin, on the day on which the clocks go forward.
    app.clock.advance(Date.parse('2026-07-01T22:30:00Z') - app.clock.now().getTime());
    await createTicket(app, { message: 'Hi' });
    await expectTruth();
    expect(await heldFigures(app)).toMatchObject({ 'created||*|*|2026-07-01': '1/0' });
    await setZone('Europe/Berlin');
    await expectTruth();
    const moved = await heldFigures(app);
    expect(moved).toMatchObject({ 'created||*|*|2026-07-02': '1/0', 'created||widget||2026-07-02': '1/0' });
    expect(moved).not.toHaveProperty('created||*|*|2026-07-01');
    await setZone('UTC');
    await projectAll(app);
  });

  it('count under whom and what a ticket belongs to now', async () => {
    const { id } = await createTicket(app, { tags: ['a'] });
    await projectAll(app);
    await updateTicket(app, id, { tags: ['b'], assignee: { type: 'user', id: user } });
    await expectTruth();
    const day = app.clock.now().toISOString().slice(0, 10);
    const held = await heldFigures(app);
    expect(held).toMatchObject({
      [`created||*|*|${day}`]: '1/0',
      [`created|b|widget|user:${user}|${day}`]: '1/0',
      [`created||*|user:${user}|${day}`]: '1/0',
    });
    expect(Object.keys(held).filter((key) => key.includes('|a|'))).toEqual([]);
  });

  it('look at all tickets when events were removed before they were read', async () => {
    await createTicket(app, { message: 'Hi' });
    await createTicket(app, {});
    await sequenceEvents(app.database);
    await sql`delete from events where project_id = 1`.execute(app.database.kysely);
    await expectTruth();
    await createTicket(app, {});
    const { id } = await createTicket(app, {});
    await sequenceEvents(app.database);
    await sql`delete from events where project_id = 1 and ticket_id <> ${id}`.execute(app.database.kysely);
    await expectTruth();
    expect(Object.values(await heldFigures(app))).toContain('4/0');
  });

  it('follow an import, whose tickets have no events of their own', async () => {
    await projectAll(app);
    const [one, two] = await seedTickets(app, [{ channel_source: 'email' }, { channel_source: 'slack' }]);
    await run(async (uow) =>
      uow.emit({
        name: 'tickets.import',
        projectId: 1,
        resourceId: 'x',
        resourceVersion: 1,
        payload: { ticket_ids: [one?.id, two?.id] },
      }),
    );
    await expectTruth();
    expect(Object.keys(await heldFigures(app)).filter((key) => key.includes('|email|'))).not.toEqual([]);
  });

  it('take events as far as they lead to few enough tickets, and go on from there', async () => {
    const tickets = await seedTickets(app, Array(1100).fill({}));
    const ids = tickets.map(({ id }) => id);
    await run(async (uow) => {
      for (const ticketId of [...ids, ...ids.slice(0, 50)])
        uow.emit({
          name: 'tickets.update',
          projectId: 1,
          resourceId: ticketId,
          resourceVersion: 1,
          ticketId,
        });
    });
    while ((await sequenceEvents(app.database)).more);
    await projectReports(run);
    const { rows } = await sql`select 1 from report_tickets where project_id = 1`.execute(
      app.database.kysely,
    );
    expect(rows).toHaveLength(500);
    await expectTruth();
  });

  it('are written once when several processes project at once, while others write', async () => {
    const writing = async () => {
      for (let index = 0; index < 8; index += 1) {
        const { id } = await createTicket(app, { message: 'Hi', tags: ['a'] });
        await app.request('POST', ticketPath(id, 'reply/'), { body: { message: `Answer ${index}` } });
        await updateTicket(app, id, { status: 'resolved', tags: ['b'] });
      }
    };
    const projecting = async () => {
      for (let index = 0; index < 8; index += 1) {
        await sequenceEvents(app.database);
        await projectReports(run);
        // Embedded, all of this loop is one chain of promises: nobody else would ever have a turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all([writing(), projecting(), projecting()]);
    await expectTruth();
  });

  it('of other projects stay as they are', async () => {
    await app.request('POST', other.tickets, { key: other.key, body: { message: 'Hi', tags: ['a'] } });
    await projectAll(app);
    const theirs = await heldFigures(app, other.projectId);
    expect(theirs).toEqual(comparable(await trueFigures(app, other.projectId)));
    await createTicket(app, { message: 'Hi', tags: ['a'] });
    await expectTruth();
    expect(await heldFigures(app, other.projectId)).toEqual(theirs);
  });

  it('lock no ticket against those who answer it', async () => {
    const before = app.statements.length;
    await createTicket(app, { message: 'Hi' });
    await projectAll(app);
    const asked = app.statements.slice(before).filter((text) => text.includes('report_tickets'));
    expect(asked.length).toBeGreaterThan(0);
    const { rows } = await sql`
      select conname from pg_constraint where contype = 'f' and confrelid = 'tickets'::regclass
        and conrelid in ('report_tickets'::regclass, 'report_buckets'::regclass)`.execute(
      app.database.kysely,
    );
    expect(rows).toEqual([]);
  });
});

describe('recount', () => {
  it('corrects buckets that are wrong, lost or made up', async () => {
    await createTicket(app, { message: 'Hi', tags: ['a'] });
    const { id } = await createTicket(app, { message: 'Hi' });
    app.clock.advance(3_600_000);
    await app.request('POST', ticketPath(id, 'reply/'), { body: { message: 'Answer' } });
    await projectAll(app);
    const before = await heldFigures(app);
    const damage = [
      sql`update report_buckets set n = n + 5 where project_id = 1 and figure = 'created' and tag = 'a'`,
      sql`delete from report_buckets where project_id = 1 and figure = 'replies'`,
      sql`update report_buckets set histogram[9] = 7 where project_id = 1 and figure = 'first_response'`,
      sql`insert into report_buckets values (1, 'created', 'ghost', '*', '*', '2026-01-01', 3, 0, null)`,
    ];
    let rows = 0;
    for (const each of damage) rows += Number((await each.execute(app.database.kysely)).numAffectedRows ?? 0);
    expect(await recount()).toBe(rows);
    expect(await heldFigures(app)).toEqual(before);
    expect(await recount()).toBe(0);
  });

  it('leaves other projects alone, and finds tickets that no event told of', async () => {
    await createTicket(app, {});
    await projectAll(app);
    await sql`update report_buckets set n = 9 where project_id = 1`.execute(app.database.kysely);
    expect(await recount(other.projectId)).toBe(0);
    expect(await recount()).toBeGreaterThan(0);
    await sql`update tickets set channel_source = 'email' where project_id = 1`.execute(app.database.kysely);
    await recount();
    await expectTruth();
  });
});
