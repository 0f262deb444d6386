import type { Ticket } from '@parley/contract/tickets';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recountTickets } from '#features/ticket-counts/ticket-counts.recount.ts';
import {
  createTicket,
  customerWrites,
  getTicket,
  listMessages,
  projectOf,
  SYSTEM,
  TICKETS,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { deleteMessage } from '../messages/messages.delete.service.ts';
import { lockTicket } from '../tickets/tickets.service.ts';
import { merge, unmerge, wrongFigures } from './testing.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const at = fc.nat(20);
const operation = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      customer: fc.nat(1),
      tags: fc.subarray(['t', 'u', 'v']),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('merge' as const), at, into: at }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('bulk merge' as const), at: fc.array(at), into: at }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unmerge' as const), at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('split' as const), at, messages: fc.array(at) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('receive' as const), at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reply' as const), at, note: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('read' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete message' as const), at, message: at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** What a ticket has of itself. */
type Own = Pick<Ticket, 'tags' | 'cc_participants' | 'email_from'>;

class Play {
  private readonly ids: string[] = [];
  private readonly own = new Map<string, Own>();
  private undo: string | undefined;
  private words = 0;

  private id(n: number): string {
    return this.ids[n % this.ids.length] ?? '';
  }

  async do(step: Operation): Promise<void> {
    if (step.kind === 'create' || this.ids.length === 0) {
      const { customer, tags } = 'customer' in step ? step : { customer: 0, tags: ['t'] };
      const { id } = await createTicket(app, { distinct_id: `customer-${customer}`, message: 'hello', tags });
      const email_from = `customer-${customer}@example.com`;
      await app.database.kysely.updateTable('tickets').set({ email_from }).where('id', '=', id).execute();
      await this.add(id);
    } else if (step.kind === 'merge') {
      await merge(app, this.id(step.at), { target: this.id(step.into), allow_different_customers: true });
    } else if (step.kind === 'bulk merge' && step.at.length > 0) {
      const body = { ids: step.at.map((n) => this.id(n)), merge_into: this.id(step.into) };
      await this.bulk(body);
    } else if (step.kind === 'unmerge') await unmerge(app, this.id(step.at));
    else if (step.kind === 'split') await this.split(step.at, step.messages);
    else if (step.kind === 'receive') await this.receive(this.id(step.at));
    else if (step.kind === 'reply') {
      const body = { message: this.word(), is_private: step.note };
      await app.request('POST', ticketPath(this.id(step.at), 'reply/'), { body });
    } else if (step.kind === 'read') await app.request('POST', ticketPath(this.id(step.at), 'read/'));
    else if (step.kind === 'delete') await this.bulk({ ids: [this.id(step.at)], delete: true });
    else if (step.kind === 'delete message') await this.deleteMessage(step.at, step.message);
    else if (step.kind === 'undo' && this.undo !== undefined)
      await app.request('POST', `${TICKETS}bulk_update/undo/`, { body: { undo_id: this.undo } });
  }

  private async add(id: string): Promise<void> {
    this.ids.push(id);
    this.own.set(id, await getTicket(app, id));
  }

  private word(): string {
    this.words += 1;
    return `word ${this.words}`;
  }

  private async bulk(body: object): Promise<void> {
    const answer = await app.request<{ undo: { id: string } | null }>('POST', `${TICKETS}bulk_update/`, {
      body,
    });
    if (answer.status === 200) this.undo = answer.body.undo?.id ?? this.undo;
  }

  private async messages(id: string): Promise<string[]> {
    const answer = await app.request<{ results: { id: string }[] }>('GET', ticketPath(id, 'messages/'));
    return answer.status === 200 ? answer.body.results.map((message) => message.id) : [];
  }

  private async split(n: number, chosen: number[]): Promise<void> {
    const all = await this.messages(this.id(n));
    const message_ids = [...new Set(chosen.map((index) => all[index % all.length]))];
    const answer = await app.request<{ id: string }>('POST', ticketPath(this.id(n), 'split/'), {
      body: { message_ids },
    });
    if (answer.status === 201) await this.add(answer.body.id);
  }

  private async receive(id: string): Promise<void> {
    // A channel finds no deleted ticket.
    const answer = await app.request('GET', ticketPath(id, '?mark_read=false'));
    if (answer.status === 200) await customerWrites(app, id, this.word());
  }

  private async deleteMessage(n: number, message: number): Promise<void> {
    const all = await this.messages(this.id(n));
    const chosen = all[message % all.length];
    if (chosen === undefined) return;
    const project = await projectOf(app);
    await app.parley.unitOfWork.run(SYSTEM, async (uow) =>
      deleteMessage(uow, await lockTicket(uow, project, this.id(n)), chosen),
    );
  }

  /** Every ticket has what is its own, and what the tickets merged into it have. */
  async expectBrought(): Promise<void> {
    const rows = await app.database.kysely
      .selectFrom('tickets')
      .select(['id', 'tags', 'cc_participants', 'merged_into_id'])
      .execute();
    const customersOf = (id: string): string[] => {
      const own = this.own.get(id);
      const merged = rows.filter(({ merged_into_id }) => merged_into_id === id);
      const all = merged.flatMap((source) => [
        ...customersOf(source.id),
        this.own.get(source.id)?.email_from ?? '',
      ]);
      return all.filter((address) => ![own?.email_from, ...(own?.cc_participants ?? [])].includes(address));
    };
    const tagsOf = (id: string): Set<string> => {
      const merged = rows.filter(({ merged_into_id }) => merged_into_id === id);
      return new Set([
        ...(this.own.get(id)?.tags ?? []),
        ...merged.flatMap((source) => [...tagsOf(source.id)]),
      ]);
    };
    for (const { id, tags, cc_participants } of rows) {
      expect(tags).toEqual([...tagsOf(id)].sort());
      const cc = new Set([...(this.own.get(id)?.cc_participants ?? []), ...customersOf(id)]);
      expect([...cc_participants].sort()).toEqual([...cc].sort());
    }
  }

  /** Un-merged one after the other, every ticket that is not deleted shows its own messages alone. */
  async takeApart(): Promise<void> {
    for (const id of this.ids.toReversed()) await unmerge(app, id);
    const left = await sql`
      select 1 from tickets t where t.merged_into_id is not null and t.deleted_at is null
      union all select 1 from messages m join tickets t on t.id = m.via_ticket_id where t.merged_into_id is null`.execute(
      app.database.kysely,
    );
    expect(left.rows).toEqual([]);
  }
}

it('figures, counts and threads are those of a recount after any sequence of operations', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 25 }), async (steps) => {
      await app.database.kysely.deleteFrom('tickets').execute();
      const play = new Play();
      for (const step of steps) await play.do(step);
      expect(await wrongFigures(app)).toEqual([]);
      await play.expectBrought();
      expect(await app.parley.unitOfWork.run(SYSTEM, (uow) => recountTickets(uow, 1))).toBe(0);
      await play.takeApart();
      await play.expectBrought();
      expect(await wrongFigures(app)).toEqual([]);
    }),
    { numRuns: 12 },
  );
});

it('a chain of merges taken apart in any order leaves every thread as it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(at, at), { maxLength: 8 }),
      fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
      async (merges, order) => {
        await app.database.kysely.deleteFrom('tickets').execute();
        const ids: string[] = [];
        for (let n = 0; n < 5; n += 1) {
          ids.push((await createTicket(app, { distinct_id: 'chain', message: `of ${n}` })).id);
        }
        const read = () => Promise.all(ids.map(async (id) => (await listMessages(app, id)).map((m) => m.id)));
        const before = await read();
        for (const [from, into] of merges) await merge(app, ids[from % 5] ?? '', { target: ids[into % 5] });
        expect(await wrongFigures(app)).toEqual([]);
        for (const n of order) await unmerge(app, ids[n] ?? '');
        expect(await read()).toEqual(before);
        expect(await wrongFigures(app)).toEqual([]);
      },
    ),
    { numRuns: 10 },
  );
});
