import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addPerson, addTenant, customerWrites } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import {
  matchingNumbers,
  seedMessage,
  seedNamed,
  seedTicket,
  type TicketSeed,
} from '../../testing/ticket-rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.database.kysely.deleteFrom('tickets').execute();
  await app.database.kysely.deleteFrom('persons').execute();
});

/** Seeds tickets under names; the answer finds the names of those a search finds. */
async function seed(tickets: Record<string, TicketSeed>) {
  const find = await seedNamed(app, tickets);
  return (search: string) => find({ search });
}

const traits = (value: unknown) => ({ anonymous_traits: JSON.stringify(value) });

describe('a number', () => {
  it('case 33: finds exactly its ticket', async () => {
    const { ticket_number: number } = await seedTicket(app);
    await seedTicket(app, { email_subject: `About ${number}` });
    expect(await matchingNumbers(app, { search: number })).toEqual([number]);
    expect(await matchingNumbers(app, { search: 99_999 })).toEqual([]);
  });

  it('case 34: may have a # before it', async () => {
    const { ticket_number: number } = await seedTicket(app);
    await seedTicket(app);
    expect(await matchingNumbers(app, { search: `#${number}` })).toEqual([number]);
    expect(await matchingNumbers(app, { search: ` #${number} ` })).toEqual([number]);
  });

  it('case 35: digits that are not ASCII are text', async () => {
    const find = await seed({
      squared: { email_subject: '10 m² of office' },
      other: { email_subject: '٣ rooms' },
    });
    expect(await find('²')).toEqual(['squared']);
    expect(await find('#²')).toEqual([]);
    expect(await find('٣')).toEqual(['other']);
  });

  it('beyond any ticket finds nothing, and a lone # is text', async () => {
    const find = await seed({ sharp: { email_subject: 'C# crashes' }, other: {} });
    expect(await find('9'.repeat(200))).toEqual([]);
    expect(await find('2147483648')).toEqual([]);
    expect(await find('#')).toEqual(['sharp']);
  });
});

describe('text', () => {
  it('case 36: is sought in the customer’s name and e-mail trait, in any case', async () => {
    const find = await seed({
      alice: traits({ name: 'Alice Wonder' }),
      mail: traits({ email: 'ALICE@example.com' }),
      other: traits({ nickname: 'alice' }),
      odd: traits(['alice']),
    });
    expect(await find('alice')).toEqual(['alice', 'mail']);
    expect(await find('ice won')).toEqual(['alice']);
  });

  it('case 37: in the subject', async () => {
    const find = await seed({ a: { email_subject: 'Your Billing question' }, b: { email_subject: 'Other' } });
    expect(await find('billing')).toEqual(['a']);
  });

  it('in the sender, the CC addresses, and the tags (decision 12)', async () => {
    const find = await seed({
      from: { email_from: 'Grace@Navy.mil' },
      cc: { cc_participants: JSON.stringify(['x@example.com', 'Hopper@navy.mil']) },
      tag: { tags: ['navy-blue'] },
      none: {},
    });
    expect(await find('navy')).toEqual(['from', 'cc', 'tag']);
    expect(await find('hopper@NAVY')).toEqual(['cc']);
  });

  it('in the properties of the person, whatever their kind and depth, but not in their names', async () => {
    await addPerson(app, ['p-1', 'p-2'], { company: 'Globex', nested: { city: 'Springfield' }, seats: 4711 });
    const find = await seed({
      one: { distinct_id: 'p-1' },
      two: { distinct_id: 'p-2' },
      three: { distinct_id: 'p-3' },
    });
    expect(await find('globex')).toEqual(['one', 'two']);
    expect(await find('springfield')).toEqual(['one', 'two']);
    expect(await find('company')).toEqual([]);
  });

  it('in the properties of the person an e-mail ticket is shown with, found by the address', async () => {
    await addPerson(app, ['elsewhere'], { email: 'Bart@Example.com', company: 'Krusty' });
    const find = await seed({
      email: { channel_source: 'email', email_from: 'bart@example.com' },
      widget: { channel_source: 'widget', email_from: 'bart@example.com' },
    });
    expect(await find('krusty')).toEqual(['email']);
  });

  it('case 38: in every message, notes included', async () => {
    const [old, note] = [await seedTicket(app), await seedTicket(app)];
    await seedMessage(app, old.id, { content: 'The FLUX capacitor is broken' });
    await seedMessage(app, old.id, { content: 'Never mind' });
    const item_context = JSON.stringify({ author_type: 'support', is_private: true });
    await seedMessage(app, note.id, { content: 'flux again', item_context });
    expect(await matchingNumbers(app, { search: 'flux' })).toEqual([old.ticket_number, note.ticket_number]);
  });

  it('case 39: but not in a deleted one', async () => {
    const { id } = await seedTicket(app);
    await seedMessage(app, id, { content: 'flux', deleted_at: app.clock.now() });
    expect(await matchingNumbers(app, { search: 'flux' })).toEqual([]);
  });

  it('finds a message at once (decision 12)', async () => {
    const { id, ticket_number } = await seedTicket(app);
    await customerWrites(app, id, 'Is anybody there?');
    expect(await matchingNumbers(app, { search: 'anybody' })).toEqual([ticket_number]);
  });

  it('works with one character, and with letters of any script (decision 12)', async () => {
    const find = await seed({ a: { email_subject: 'Zürich' }, b: { email_subject: '東京 ÉCOLE' }, c: {} });
    expect(await find('z')).toEqual(['a']);
    expect(await find('ü')).toEqual(['a']);
    expect(await find('京')).toEqual(['b']);
    expect(await find('école')).toEqual(['b']);
  });

  it('takes %, _, \\ and quotes as they are', async () => {
    const find = await seed({
      percent: { email_subject: '100% sure' },
      under: { email_subject: 'snake_case' },
      back: { email_subject: 'C:\\temp' },
      quote: { email_subject: `O'Brien said "no"`, cc_participants: JSON.stringify([`"O'B" <ob@x>`]) },
      none: { email_subject: 'plain' },
    });
    expect(await find('%')).toEqual(['percent']);
    expect(await find('_')).toEqual(['under']);
    expect(await find('\\')).toEqual(['back']);
    expect(await find('\\t')).toEqual(['back']);
    expect(await find("o'b")).toEqual(['quote']);
    expect(await find('"no"')).toEqual(['quote']);
    expect(await find('"o\'b" <')).toEqual(['quote']);
    expect(await find("' or true --")).toEqual([]);
  });

  it('finds no signs that are only in how the words are stored', async () => {
    await addPerson(app, ['p-1'], { a: 'one', b: ['two', 'three'] });
    const find = await seed({
      person: { distinct_id: 'p-1' },
      cc: { cc_participants: '["a@x", "b@x"]' },
      none: {},
    });
    for (const sign of ['[', ']', '"', ', ', '", "', '{', '[]'])
      expect([sign, await find(sign)]).toEqual([sign, []]);
  });

  it('case 40: longer than 200 characters it is ignored', async () => {
    const find = await seed({ a: {}, b: {} });
    expect(await find('x'.repeat(201))).toEqual(['a', 'b']);
    expect(await find('x'.repeat(200))).toEqual([]);
    expect(await find('  ')).toEqual(['a', 'b']);
  });

  it('never looks into another project', async () => {
    const other = await addTenant(app, 'other');
    const theirs = await seedTicket(app, { email_subject: 'flux', distinct_id: 'p' }, other.projectId);
    await seedMessage(app, theirs.id, { content: 'flux', project_id: other.projectId });
    await addPerson(app, ['p'], { name: 'flux' }, other.projectId);
    await seedTicket(app, { distinct_id: 'p' });
    expect(await matchingNumbers(app, { search: 'flux' })).toEqual([]);
  });
});
