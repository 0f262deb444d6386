import type { TicketPriority, TicketStatus } from '@parley/contract/tickets';
import { TICKET_PRIORITIES, TICKET_STATUSES } from '@parley/contract/tickets';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyTagOperations } from '#features/tags/tag-operations.apply.service.ts';
import { importLines, lineOf } from '#features/ticket-imports/testing.ts';
import { wakeSnoozedTickets } from '#features/tickets/tickets.wake.ts';
import {
  addRole,
  addTenant,
  addUser,
  createTicket,
  customerWrites,
  SYSTEM,
  type Tenant,
  TICKETS,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedTickets } from '../../testing/ticket-rows.ts';
import { dropEmptyCells, foldTicketCounts } from './ticket-counts.fold.ts';
import { recountTickets } from './ticket-counts.recount.ts';
import { countByFacets, sumUnread } from './ticket-counts.service.ts';

let app: TestApp;
let user: number;
let role: string;
let other: Tenant;
beforeAll(async () => {
  // Without the scheduler: these tests fold when they say so.
  app = await createTestApp({ roles: ['http'] });
  user = (await addUser(app, 'agent@example.com')).id;
  role = await addRole(app, 'Billing');
  other = await addTenant(app, 'other');
});
afterAll(() => app.close());
beforeEach(async () => {
  for (const table of [
    'tickets',
    'ticket_count_deltas',
    'ticket_count_cells',
    'ticket_count_sums',
  ] as const) {
    await app.database.kysely.deleteFrom(table).execute();
  }
});

const run = <T>(work: Parameters<typeof app.parley.unitOfWork.run<T>>[1]) =>
  app.parley.unitOfWork.run(SYSTEM, work);
const fold = () => run(foldTicketCounts);

/** Sums by combination of facets as the cells and deltas hold them; what came to nothing is left out. */
async function heldCounts(projectId = 1): Promise<Map<string, string>> {
  const { rows } = await sql<{ cell: string; figures: string }>`
    select cell, figures from (
      select concat_ws('|', tag, deleted, status, priority, channel_source, assignee, snoozed) as cell,
        sum(tickets) || '/' || sum(unread) || '/' || sum(unread_tickets) as figures
      from (select project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread,
            unread_tickets from ticket_count_cells
        union all select project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread,
            unread_tickets from ticket_count_deltas) both_sides
      where project_id = ${projectId} group by 1) counted
    where figures <> '0/0/0' order by cell`.execute(app.database.kysely);
  return new Map(rows.map(({ cell, figures }) => [cell, figures]));
}

/** The same, counted from the tickets themselves. */
async function trueCounts(projectId = 1): Promise<Map<string, string>> {
  const tickets = await app.database.kysely
    .selectFrom('tickets')
    .selectAll()
    .where('project_id', '=', projectId)
    .execute();
  const sums = new Map<string, [number, number, number]>();
  for (const ticket of tickets) {
    const assignee =
      ticket.assignee_user_id !== null
        ? `user:${ticket.assignee_user_id}`
        : ticket.assignee_role_id !== null
          ? `role:${ticket.assignee_role_id}`
          : '';
    const rest = [ticket.status, ticket.priority ?? '', ticket.channel_source, assignee];
    const flag = (value: unknown) => (value === null ? 'f' : 't');
    for (const tag of ['', ...ticket.tags]) {
      const cell = [tag, flag(ticket.deleted_at), ...rest, flag(ticket.snoozed_until)].join('|');
      const [count, unread, withUnread] = sums.get(cell) ?? [0, 0, 0];
      const isUnread = ticket.unread_team_count > 0 ? 1 : 0;
      sums.set(cell, [count + 1, unread + ticket.unread_team_count, withUnread + isUnread]);
    }
  }
  return new Map([...sums].sort().map(([cell, figures]) => [cell, figures.join('/')]));
}

async function expectTruth(): Promise<void> {
  expect(Object.fromEntries(await heldCounts())).toEqual(Object.fromEntries(await trueCounts()));
}

type Operation =
  | { kind: 'create'; body: object }
  | { kind: 'update'; at: number; body: object }
  | { kind: 'bulk'; at: number[]; status: TicketStatus }
  | { kind: 'tags'; at: number[]; action: 'add' | 'remove' | 'set'; tags: string[] }
  | { kind: 'fields'; at: number[]; body: object }
  | { kind: 'merge'; at: number; into: number }
  | { kind: 'unmerge' | 'split' | 'undo'; at: number }
  | { kind: 'rename' | 'unite'; from: string; to: string }
  | { kind: 'untag'; name: string }
  | { kind: 'import'; tag: string; status: TicketStatus }
  | { kind: 'retag' | 'wake' }
  | { kind: 'receive' | 'read' | 'delete' | 'restore' | 'purge'; at: number }
  | { kind: 'fold' | 'drop' | 'recount' };

const at = fc.nat(30);
const name = fc.constantFrom('a', 'b', 'c', 'd');
const tags = fc.subarray(['a', 'b', 'c']);
const fields = () => ({
  status: fc.constantFrom(...TICKET_STATUSES),
  priority: fc.constantFrom<(TicketPriority | null)[]>(...TICKET_PRIORITIES, null),
  assignee: fc.constantFrom(null, { type: 'user', id: user }, { type: 'role', id: role }),
  snoozed_until: fc.constantFrom(null, '2026-05-01T00:00:00Z', '2026-06-01T00:00:00Z'),
  tags,
});
const operations = () =>
  fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('create'),
          body: fc.record({ ...fields(), message: fc.constantFrom('', 'hi') }, { requiredKeys: [] }),
        }),
      },
      {
        weight: 4,
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
      fc.record({
        kind: fc.constant('tags'),
        at: fc.array(at, { minLength: 1, maxLength: 4 }),
        action: fc.constantFrom('add', 'remove', 'set'),
        tags: fc.constantFrom(['a'], ['b', 'c'], ['a', 'c']),
      }),
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('fields'),
          at: fc.array(at, { minLength: 1, maxLength: 4 }),
          body: fc.oneof(
            fc.record(fields(), { requiredKeys: ['status'] }),
            fc.record({ delete: fc.constant(true) }),
            fc.record({
              tags: fc.constantFrom(['a'], ['b', 'c']),
              tags_mode: fc.constantFrom('add', 'remove'),
            }),
          ),
        }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('merge'), at, into: at }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('unmerge', 'split', 'undo'), at }) },
      fc.record({ kind: fc.constantFrom('rename', 'unite'), from: name, to: name }),
      fc.record({ kind: fc.constant('untag'), name }),
      fc.record({ kind: fc.constant('import'), tag: name, status: fc.constantFrom(...TICKET_STATUSES) }),
      fc.record({ kind: fc.constantFrom('retag', 'wake') }),
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constantFrom('receive', 'read', 'delete', 'restore', 'purge'), at }),
      },
      fc.record({ kind: fc.constantFrom('fold', 'drop', 'recount') }),
    ) as fc.Arbitrary<Operation>,
    { minLength: 1, maxLength: 30 },
  );

/** Does one operation through the API, to one of the tickets there are. What is refused (a deleted ticket) changes nothing. */
async function apply(operation: Operation, ids: string[], undos: string[]): Promise<void> {
  const pick = (index: number) => ids[index % Math.max(ids.length, 1)] ?? '';
  const call = async (method: string, path: string, body?: object) => {
    const { status, text } = await app.request(method, path, body ? { body } : {});
    if (status >= 500 || status === 400) throw new Error(`${method} ${path} answered ${status}: ${text}`);
  };
  /** Where a refusal with 400 is part of the game: a ticket merged into itself, a tag that is there already. */
  const attempt = async <T = unknown>(method: string, path: string, body?: object) => {
    const answer = await app.request<T>(method, path, body ? { body } : {});
    if (answer.status >= 500) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return answer.body;
  };
  switch (operation.kind) {
    case 'create':
      ids.push((await createTicket(app, operation.body)).id);
      return;
    case 'import':
      ids.push(await importOne(operation));
      return;
    case 'fold':
      return void (await fold());
    case 'drop':
      return void (await run(dropEmptyCells));
    case 'recount':
      expect(await run((uow) => recountTickets(uow, 1))).toBe(0);
      return;
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
    case 'tags': {
      const { action } = operation;
      return call('POST', `${TICKETS}bulk_update_tags/`, {
        ids: operation.at.map(pick),
        action,
        tags: operation.tags,
      });
    }
    case 'fields': {
      const body = { ids: operation.at.map(pick), ...operation.body };
      const { undo } = await attempt<{ undo?: { id: string } }>('POST', `${TICKETS}bulk_update/`, body);
      if (undo) undos.push(undo.id);
      return;
    }
    case 'undo': {
      const undo_id = undos[operation.at % undos.length];
      return void (undo_id && (await attempt('POST', `${TICKETS}bulk_update/undo/`, { undo_id })));
    }
    case 'merge': {
      const body = { target: pick(operation.into), allow_different_customers: true };
      return void (await attempt('POST', ticketPath(pick(operation.at), 'merge/'), body));
    }
    case 'unmerge':
      return call('POST', ticketPath(pick(operation.at), 'unmerge/'));
    case 'split': {
      const path = ticketPath(pick(operation.at), 'messages/');
      const { results = [] } = await attempt<{ results?: { id: string }[] }>('GET', path);
      const body = { message_ids: results.slice(0, 1).map(({ id }) => id) };
      const part = await attempt<{ id?: string; code?: string }>(
        'POST',
        ticketPath(pick(operation.at), 'split/'),
        body,
      );
      if (part.id) ids.push(part.id);
      return;
    }
    case 'rename':
      return void (await attempt('PATCH', `/api/projects/1/conversations/tags/${operation.from}/`, {
        name: operation.to,
      }));
    case 'unite':
      return void (await attempt('POST', '/api/projects/1/conversations/tags/merge/', {
        from: [operation.from],
        into: operation.to,
      }));
    case 'untag':
      return void (await attempt('DELETE', `/api/projects/1/conversations/tags/${operation.name}/`));
    case 'retag':
      return void (await applyTagOperations(run));
    case 'wake':
      // The first of the instants that tickets are snoozed to, and every other time the second one too.
      app.clock.advance(45 * 24 * 3_600_000);
      return void (await run(wakeSnoozedTickets));
    case 'receive':
      return void (await customerWrites(app, pick(operation.at), 'hello').catch(ignoreDeleted));
    case 'read':
      return call('POST', ticketPath(pick(operation.at), 'read/'));
    case 'delete':
      return call('DELETE', ticketPath(pick(operation.at)));
    case 'restore':
      return call('POST', ticketPath(pick(operation.at), 'restore/'));
    case 'purge':
      await app.database.kysely.deleteFrom('tickets').where('id', '=', pick(operation.at)).execute();
  }
}

async function importOne({ tag, status }: { tag: string; status: TicketStatus }): Promise<string> {
  const line = lineOf({ status, tags: [tag] });
  await importLines(app, [line]);
  return line.id;
}

function ignoreDeleted(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'not_found')) throw error;
}

describe('facet counts', () => {
  it('equal a recount after any sequence of operations', async () => {
    await fc.assert(
      fc.asyncProperty(operations(), async (sequence) => {
        await app.database.kysely.deleteFrom('tickets').execute();
        const [ids, undos]: [string[], string[]] = [[], []];
        for (const operation of sequence) await apply(operation, ids, undos);
        await expectTruth();
        while (await applyTagOperations(run));
        await expectTruth();
        while ((await fold()) > 0);
        await run(dropEmptyCells);
        await expectTruth();
        // The sums too are those of their cells.
        expect(await run((uow) => recountTickets(uow, 1))).toBe(0);
      }),
      { numRuns: 25, interruptAfterTimeLimit: 90_000, markInterruptAsFailure: true },
    );
  }, 120_000);

  it('hold while folding and writing go on at once', async () => {
    const writers = [0, 1, 2].map(async (writer) => {
      for (let index = 0; index < 8; index += 1) {
        const { id } = await createTicket(app, { tags: ['a'], message: 'hi' });
        await app.request('PATCH', ticketPath(id), {
          body: { status: TICKET_STATUSES[writer], tags: ['b'] },
        });
        await app.request('GET', ticketPath(id));
      }
    });
    let isWriting = true;
    const folding = (async () => {
      while (isWriting) {
        await fold();
        // Embedded, all of this loop is one chain of promises: nobody else would ever have a turn.
        await new Promise((resolve) => setImmediate(resolve));
        const { status, body } = await app.request<{ count: number; results: unknown[] }>('GET', TICKETS);
        expect(status).toBe(200);
        // The count is of an instant before the page's own: never more than what the page then shows.
        expect(body.count).toBeLessThanOrEqual(body.results.length);
      }
    })();
    await Promise.all(writers).finally(() => {
      isWriting = false;
    });
    await folding;
    await expectTruth();
    await fold();
    expect(await app.database.kysely.selectFrom('ticket_count_deltas').selectAll().execute()).toEqual([]);
    await expectTruth();
  });

  it('two folds at once move every delta once', async () => {
    await seedTickets(app, Array(50).fill({ tags: ['a'], unread_team_count: 2 }));
    const moved = await Promise.all([fold(), fold(), fold()]);
    expect(moved.reduce((sum, each) => sum + each)).toBe(100);
    await expectTruth();
  });

  it('of a transaction that fails are not written', async () => {
    await createTicket(app, {});
    const before = await heldCounts();
    await expect(
      run(async (uow) => {
        await sql`update tickets set status = 'resolved' where project_id = 1`.execute(uow.tx);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await heldCounts()).toEqual(before);
    await expectTruth();
  });
});

describe('recount', () => {
  const recount = (projectId = 1) => run((uow) => recountTickets(uow, projectId));

  it('finds nothing to correct where nothing is wrong', async () => {
    await seedTickets(app, [{ tags: ['a'] }, { status: 'resolved', unread_team_count: 3 }]);
    expect(await recount()).toBe(0);
    await fold();
    expect(await recount()).toBe(0);
  });

  it('corrects what is wrong, and says how many cells were', async () => {
    await seedTickets(app, [{ tags: ['a'], unread_team_count: 4 }, { status: 'open' }]);
    await fold();
    // Too many, lost, and made up.
    await sql`update ticket_count_cells set tickets = tickets + 7, unread = 0 where project_id = 1 and tag = 'a'`.execute(
      app.database.kysely,
    );
    await sql`delete from ticket_count_cells where project_id = 1 and status = 'open'`.execute(
      app.database.kysely,
    );
    await sql`insert into ticket_count_cells values (1, 'ghost', false, 'new', '', 'widget', '', false, 9, 9)`.execute(
      app.database.kysely,
    );
    // Three cells, each of them in a sum of every level.
    expect(await recount()).toBe(3 + 9);
    await expectTruth();
    expect(await recount()).toBe(0);
    expect(await run((uow) => countByFacets(uow, 1, { deleted: false }))).toBe(2);
    expect(await run((uow) => sumUnread(uow, 1))).toBe(4);
  });

  it('leaves other projects alone', async () => {
    await seedTickets(app, [{}], other.projectId);
    await sql`update ticket_count_deltas set tickets = 5 where project_id = ${other.projectId}`.execute(
      app.database.kysely,
    );
    expect(await recount()).toBe(0);
    expect(await recount(other.projectId)).toBe(1);
    expect(await heldCounts(other.projectId)).toEqual(await trueCounts(other.projectId));
  });

  it('two at once correct once, also while tickets are written', async () => {
    await seedTickets(app, Array(20).fill({}));
    await fold();
    await sql`update ticket_count_cells set tickets = 1 where project_id = 1`.execute(app.database.kysely);
    const writing = async () => {
      for (let index = 0; index < 5; index += 1) await createTicket(app, { tags: ['a'] });
    };
    const [first, second] = await Promise.all([recount(), recount(), writing()]);
    // One cell, and a sum of every level.
    expect(first + second).toBe(1 + 3);
    await expectTruth();
  });

  it('drops cells that came to hold nothing, and no others', async () => {
    await seedTickets(app, [{ status: 'new' }, { status: 'open' }]);
    await fold();
    await sql`update tickets set status = 'resolved' where project_id = 1 and status = 'new'`.execute(
      app.database.kysely,
    );
    await fold();
    await run(dropEmptyCells);
    const cells = await app.database.kysely
      .selectFrom('ticket_count_cells')
      .select('status')
      .orderBy('status')
      .execute();
    expect(cells.map(({ status }) => status)).toEqual(['open', 'resolved']);
    await expectTruth();
  });
});
