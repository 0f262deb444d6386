import type { Ticket } from '@parley/contract/tickets';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { applyTagOperations } from '#features/tags/tag-operations.apply.service.ts';
import { recountTickets } from '#features/ticket-counts/ticket-counts.recount.ts';
import {
  activitiesOf,
  addEmailConfig,
  eventsOf,
  getTicket,
  reply,
  SYSTEM,
  setProject,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { matchingNumbers, seedTicket, type TicketSeed } from '../../testing/ticket-rows.ts';
import { merge, state, unmerge } from './testing.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterEach(async () => {
  expect(await app.parley.unitOfWork.run(SYSTEM, (uow) => recountTickets(uow, 1))).toBe(0);
});
afterAll(() => app.close());

const make = async (seed: TicketSeed) => getTicket(app, (await seedTicket(app, seed)).id);
const into = async (source: Ticket, target: Ticket) => {
  const { status, text } = await merge(app, source.id, {
    target: target.id,
    allow_different_customers: true,
  });
  expect(status, text).toBe(200);
};
const tagsOf = async ({ id }: Ticket) => (await getTicket(app, id)).tags;
const ccOf = async ({ id }: Ticket) => (await getTicket(app, id)).cc_participants;
/** Until every ticket has the new tags. */
const changeTags = async (method: string, path: string, body?: object) => {
  const asked = await app.request(method, `/api/projects/1/conversations/tags/${path}`, body ? { body } : {});
  expect(asked.status, asked.text).toBe(202);
  while (await applyTagOperations((work) => app.parley.unitOfWork.run(SYSTEM, work)));
};

describe('the tags of merged tickets', () => {
  it('are the target’s too until the merge is taken back, counted and told', async () => {
    const target = await make({ tags: ['own'] });
    const source = await make({ tags: ['blue', 'own', 'red'] });
    const before = [await state(app, source.id), await state(app, target.id)];
    await into(source, target);
    expect(await tagsOf(target)).toEqual(['blue', 'own', 'red']);
    expect(await tagsOf(source)).toEqual(['blue', 'own', 'red']);
    expect(await matchingNumbers(app, { tags: '["red"]' })).toEqual([
      target.ticket_number,
      source.ticket_number,
    ]);
    const told = (await activitiesOf(app, target.id)).map(({ detail }) => detail.changes);
    expect(told.slice(0, 2)).toEqual([
      [{ type: 'Ticket', field: 'tag', action: 'created', after: 'blue' }],
      [{ type: 'Ticket', field: 'tag', action: 'created', after: 'red' }],
    ]);
    await unmerge(app, source.id);
    expect([await state(app, source.id), await state(app, target.id)]).toEqual(before);
    const { payload } =
      (await eventsOf(app, target.id)).findLast(({ name }) => name === 'tickets.update') ?? {};
    expect(payload).toMatchObject({ fields: ['tag'], removed_tags: ['blue', 'red'] });
  });

  it.each([
    [0, 1],
    [1, 0],
  ])('stay while another merge brings them too (%d, then %d)', async (first, second) => {
    const target = await make({ tags: ['own'] });
    const sources = [await make({ tags: ['x', 'y'] }), await make({ tags: ['own', 'x'] })];
    for (const source of sources) await into(source, target);
    await unmerge(app, sources[first]?.id ?? '');
    expect(await tagsOf(target)).toEqual(first === 0 ? ['own', 'x'] : ['own', 'x', 'y']);
    await unmerge(app, sources[second]?.id ?? '');
    expect(await tagsOf(target)).toEqual(['own']);
  });

  it('go on with a chain of merges, and out of its middle', async () => {
    const [first, middle, end] = [
      await make({ tags: ['a', 'both', 'shared'] }),
      await make({ tags: ['b', 'both'] }),
      await make({ tags: ['c'] }),
    ];
    await into(first, middle);
    await into(middle, end);
    await into(await make({ tags: ['shared'] }), end);
    expect(await tagsOf(end)).toEqual(['a', 'b', 'both', 'c', 'shared']);
    await unmerge(app, first.id);
    expect(await tagsOf(middle)).toEqual(['b', 'both']);
    expect(await tagsOf(end)).toEqual(['b', 'both', 'c', 'shared']);
    await unmerge(app, middle.id);
    expect(await tagsOf(end)).toEqual(['c', 'shared']);
  });

  it('that were taken off and put on again are the target’s own', async () => {
    const [target, source] = [await make({ tags: ['own'] }), await make({ tags: ['x', 'y'] })];
    await into(source, target);
    await updateTicket(app, target.id, { tags: ['own', 'y'] });
    await app.request('POST', `${TICKETS}bulk_update_tags/`, {
      body: { ids: [target.id, source.id], action: 'add', tags: ['x'] },
    });
    await unmerge(app, source.id);
    expect(await tagsOf(target)).toEqual(['own', 'x']);
  });

  it('follow a tag that is renamed or deleted meanwhile', async () => {
    const [target, source] = [await make({}), await make({ tags: ['kept', 'old', 'other', 'spam'] })];
    const mixed = await make({ tags: ['other'] });
    await into(source, target);
    await into(await make({ tags: ['kept'] }), mixed);
    await changeTags('PATCH', 'old/', { name: 'fresh' });
    await changeTags('DELETE', 'spam/');
    expect(await tagsOf(target)).toEqual(['fresh', 'kept', 'other']);
    // What becomes of a tag of its own and one that was brought is its own.
    await changeTags('POST', 'merge/', { from: ['kept'], into: 'other' });
    expect(await tagsOf(mixed)).toEqual(['other']);
    await updateTicket(app, target.id, { tags: ['fresh', 'other', 'spam'] });
    for (const id of [source.id, ...(await merged(mixed))]) await unmerge(app, id);
    expect([await tagsOf(target), await tagsOf(mixed)]).toEqual([['spam'], ['other']]);
  });

  it('are as many as a ticket may have', async () => {
    const names = (letter: string, count: number) =>
      Array.from({ length: count }, (_, n) => `${letter}${String(n).padStart(2, '0')}`);
    const [target, source] = [await make({ tags: names('a', 99) }), await make({ tags: names('b', 3) })];
    await into(source, target);
    expect(await tagsOf(target)).toEqual([...names('a', 99), 'b00']);
    await unmerge(app, source.id);
    expect(await tagsOf(target)).toEqual(names('a', 99));
  });
});

const merged = async ({ id }: Ticket) => {
  const { merged_ticket_ids } = await app.database.kysely
    .selectFrom('tickets')
    .select('merged_ticket_ids')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return merged_ticket_ids;
};

describe('the customer of a merged ticket', () => {
  const mail = (email_from: string, cc: string[] = []): TicketSeed => ({
    channel_source: 'email',
    email_from,
    cc_participants: JSON.stringify(cc),
  });

  it('gets copies of what is written to the target, until the merge is taken back', async () => {
    await setProject(app, { conversations_settings: { email_enabled: true } });
    const emailConfig = { email_config_id: await addEmailConfig(app) };
    const target = await make({ ...mail('ann@example.com', ['boss@example.com']), ...emailConfig });
    const source = await make(mail('Ben@Example.com', ['friend@example.com']));
    await into(source, target);
    expect(await ccOf(target)).toEqual(['boss@example.com', 'ben@example.com']);
    expect(await ccOf(source)).toEqual(['friend@example.com']);
    const { id } = await reply(app, target.id, 'to both');
    const sent = await app.database.kysely
      .selectFrom('outbox')
      .select('destination')
      .where('message_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(sent.destination).toMatchObject({
      to: 'ann@example.com',
      cc: ['boss@example.com', 'ben@example.com'],
    });
    const change = { type: 'Ticket', field: 'cc_participants' };
    const changesOf = async () => (await activitiesOf(app, target.id)).map(({ detail }) => detail.changes);
    expect(await changesOf()).toContainEqual([{ ...change, action: 'created', after: 'ben@example.com' }]);
    await unmerge(app, source.id);
    expect(await ccOf(target)).toEqual(['boss@example.com']);
    expect(await changesOf()).toContainEqual([{ ...change, action: 'deleted', before: 'ben@example.com' }]);
  });

  it.each([
    ['the target’s', mail('ann@example.com'), mail('ANN@example.com')],
    ['copied already', mail('ann@example.com', ['Ben@example.com']), mail('ben@example.com')],
    ['unknown', mail('ann@example.com'), {}],
  ])('is not added where the address is %s', async (_why, one, other) => {
    const [target, source] = [await make(one), await make(other)];
    await into(source, target);
    expect(await ccOf(target)).toEqual(target.cc_participants);
    await unmerge(app, source.id);
    expect(await ccOf(target)).toEqual(target.cc_participants);
  });

  it('goes along a chain, and stays while another ticket of theirs is merged too', async () => {
    const ben = [await make(mail('ben@example.com')), await make(mail('ben@example.com'))];
    const [middle, end] = [await make(mail('cleo@example.com')), await make(mail('ann@example.com'))];
    for (const ticket of ben) await into(ticket, middle);
    await into(middle, end);
    expect(await ccOf(middle)).toEqual(['ben@example.com']);
    expect(await ccOf(end)).toEqual(['cleo@example.com', 'ben@example.com']);
    await unmerge(app, ben[1]?.id ?? '');
    expect(await ccOf(end)).toEqual(['cleo@example.com', 'ben@example.com']);
    await unmerge(app, ben[0]?.id ?? '');
    expect([await ccOf(middle), await ccOf(end)]).toEqual([[], ['cleo@example.com']]);
    await app.request('POST', ticketPath(middle.id, 'unmerge/'));
    expect(await ccOf(end)).toEqual([]);
  });
});
