import type { ErrorBody } from '@parley/contract/errors';
import type { PersonUpsert } from '@parley/contract/persons';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#platform/ids.ts';
import { addMember, addTenant } from '../../testing/tenants.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const PERSONS = '/api/projects/1/persons/';

interface Person {
  id: string;
  name: string;
  distinct_ids: string[];
  properties: Record<string, unknown>;
  created_at: string;
  is_identified: boolean;
}

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

async function upsert(body: PersonUpsert, status = 200): Promise<Person> {
  app.clock.advance(1000);
  const response = await app.request<Person>('POST', PERSONS, { body });
  expect([response.status, response.text]).toEqual([status, expect.stringContaining('distinct_ids')]);
  return response.body;
}
const find = async (query: Record<string, string>) =>
  (await app.request<PageOf<Person>>('GET', `${PERSONS}?${new URLSearchParams(query)}`)).body;
const eventsOf = (id: string) =>
  app.database.kysely
    .selectFrom('events')
    .select('payload')
    .where('project_id', '=', 1)
    .where('name', '=', 'persons.upsert')
    .where('resource_id', '=', id)
    .execute();

describe('#persons.upsert', () => {
  it('creates a person, then adds to them key by key', async () => {
    const distinct_id = newId();
    const created = await upsert({ distinct_id, properties: { name: 'Ann', plan: 'free' } }, 201);
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Ann',
      distinct_ids: [distinct_id],
      properties: { name: 'Ann', plan: 'free' },
      created_at: app.clock.now().toISOString(),
      is_identified: false,
    });
    const properties = { plan: null, nested: { a: [1] } };
    const updated = await upsert({ distinct_id, properties, is_identified: true });
    expect(updated).toEqual({
      ...created,
      properties: { name: 'Ann', plan: null, nested: { a: [1] } },
      is_identified: true,
    });
    expect(await upsert({ distinct_id })).toEqual(updated);
    expect((await app.request<Person>('GET', `${PERSONS}${created.id}/`)).body).toEqual(updated);
  });

  it('attaches distinct ids, and says nothing when nothing changes', async () => {
    const [a, b] = [newId(), newId()];
    const created = await upsert({ distinct_id: a, properties: { k: 1 } }, 201);
    const both = { distinct_id: a, distinct_ids: [b, b, a], properties: { k: 1 } };
    expect((await upsert(both)).distinct_ids).toEqual([a, b]);
    expect((await upsert(both)).id).toBe(created.id);
    expect((await upsert({ distinct_id: b })).id).toBe(created.id);
    expect(await eventsOf(created.id)).toHaveLength(2);
  });

  it('makes one of several persons: the oldest stays, the named one’s properties win', async () => {
    const [a, b, c, more] = [newId(), newId(), newId(), newId()];
    const oldest = await upsert({ distinct_id: a, properties: { x: 'a', y: 'a', z: 'a' } }, 201);
    const named = await upsert({ distinct_id: b, distinct_ids: [more], properties: { x: 'b', w: 'b' } }, 201);
    const third = await upsert({ distinct_id: c, properties: { y: 'c', v: 'c' }, is_identified: true }, 201);
    const merged = await upsert({ distinct_id: b, distinct_ids: [c, a], properties: { z: 'new' } });
    expect(merged).toMatchObject({
      id: oldest.id,
      created_at: oldest.created_at,
      is_identified: true,
      properties: { x: 'b', w: 'b', y: 'a', v: 'c', z: 'new' },
    });
    expect(new Set(merged.distinct_ids)).toEqual(new Set([a, b, c, more]));
    for (const gone of [named, third]) {
      expect((await app.request('GET', `${PERSONS}${gone.id}/`)).status).toBe(404);
    }
    expect(await upsert({ distinct_id: b, distinct_ids: [c, a] })).toEqual(merged);
    expect((await eventsOf(oldest.id)).at(-1)).toMatchObject({
      payload: { merged_ids: expect.arrayContaining([named.id, third.id]) },
    });
  });

  it('keeps the digits of numbers it does not touch', async () => {
    const distinct_id = newId();
    const { id } = await upsert({ distinct_id }, 201);
    await app.database.kysely
      .updateTable('persons')
      .set({ properties: '{"big":12345678901234567890}' })
      .where('project_id', '=', 1)
      .where('id', '=', id)
      .execute();
    const { text } = await app.request('POST', PERSONS, { body: { distinct_id, properties: { a: 1 } } });
    expect(text).toContain('12345678901234567890');
  });

  it('makes one person of parallel calls for the same new ids', async () => {
    for (let round = 0; round < 5; round += 1) {
      const ids = [newId(), newId(), newId()];
      const bodies = [
        { distinct_id: ids[0], distinct_ids: [ids[1]], properties: { a: 1 } },
        { distinct_id: ids[1], distinct_ids: [ids[0]], properties: { b: 1 } },
        { distinct_id: ids[2], properties: { c: 1 } },
        { distinct_id: ids[0], properties: { d: 1 } },
        { distinct_id: ids[1], distinct_ids: [ids[2]], properties: { e: 1 } },
        { distinct_id: ids[2], distinct_ids: [ids[0]], properties: { f: 1 } },
      ];
      const answers = await Promise.all(bodies.map((body) => app.request<Person>('POST', PERSONS, { body })));
      expect(answers.map(({ status }) => status).filter((status) => status > 201)).toEqual([]);
      const people = await Promise.all(ids.map((id) => find({ distinct_id: id })));
      expect(new Set(people.map(({ results }) => results[0]?.id)).size).toBe(1);
      expect(people[0]?.results[0]?.properties).toEqual({ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 });
    }
  });

  it('leaves nobody without a distinct id after a race', async () => {
    const ids = Array.from({ length: 6 }, newId);
    const body = (from: number) => ({
      distinct_id: ids[from],
      distinct_ids: ids.slice(from).concat(ids.slice(0, from)),
    });
    const answers = await Promise.all(
      ids.map((_, from) => app.request('POST', PERSONS, { body: body(from) })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const orphans = await app.database.kysely
      .selectFrom('persons as p')
      .select('p.id')
      .where('p.project_id', '=', 1)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('person_distinct_ids as d')
              .select('d.person_id')
              .where('d.project_id', '=', 1)
              .whereRef('d.person_id', '=', 'p.id'),
          ),
        ),
      )
      .execute();
    expect(orphans).toEqual([]);
  });

  it('answers a repeated request as the first time', async () => {
    const options = { body: { distinct_id: newId() }, headers: { 'idempotency-key': 'persons-1' } };
    const first = await app.request('POST', PERSONS, options);
    const second = await app.request('POST', PERSONS, options);
    expect([first.status, second.status, second.text]).toEqual([201, 201, first.text]);
  });

  it.each<[object, string, string]>([
    [{}, 'distinct_id', 'required'],
    [{ distinct_id: '' }, 'distinct_id', 'blank'],
    [{ distinct_id: null }, 'distinct_id', 'null'],
    [{ distinct_id: 7 }, 'distinct_id', 'invalid_input'],
    [{ distinct_id: 'x'.repeat(401) }, 'distinct_id', 'max_length'],
    [{ distinct_id: 'a\0' }, 'distinct_id', 'null_characters_not_allowed'],
    [{ distinct_id: 'x', distinct_ids: 'y' }, 'distinct_ids', 'invalid_input'],
    [{ distinct_id: 'x', distinct_ids: ['y', ''] }, 'distinct_ids__1', 'blank'],
    [{ distinct_id: 'x', distinct_ids: Array(101).fill('y') }, 'distinct_ids', 'max_length'],
    [{ distinct_id: 'x', properties: [] }, 'properties', 'invalid_input'],
    [{ distinct_id: 'x', properties: null }, 'properties', 'null'],
    [{ distinct_id: 'x', properties: { a: { b: '\0' } } }, 'properties__a__b', 'null_characters_not_allowed'],
    [{ distinct_id: 'x', properties: { a: 'x'.repeat(100_000) } }, 'properties', 'max_length'],
    [{ distinct_id: 'x', properties: { email: 'x'.repeat(401) } }, 'properties__email', 'max_length'],
    [{ distinct_id: 'x', is_identified: 'true' }, 'is_identified', 'invalid_input'],
  ])('refuses %j', async (body, attr, code) => {
    const response = await app.request<ErrorBody>('POST', PERSONS, { body });
    expect(response).toMatchObject({ status: 400, body: { type: 'validation_error', attr, code } });
    expect((await find({ distinct_id: 'x' })).count).toBe(0);
  });

  it('takes any other text as an id and as a property', async () => {
    const distinct_id = `'; -- \u0007 % 🙂 ${newId()}`;
    const properties = { "a'b": '\u2028\u0001', email: '🙂'.repeat(200), deep: [[[[{}]]]], n: 1e300 };
    const person = await upsert({ distinct_id, properties }, 201);
    expect(person).toMatchObject({ distinct_ids: [distinct_id], properties });
    expect((await find({ distinct_id })).results).toEqual([person]);
  });

  it('bounds what many requests pile up', async () => {
    const distinct_id = newId();
    const add = (key: string) =>
      app.request<ErrorBody>('POST', PERSONS, {
        body: { distinct_id, properties: { [key]: 'x'.repeat(90_000) } },
      });
    expect((await add('a')).status).toBe(201);
    expect((await add('b')).status).toBe(200);
    expect(await add('c')).toMatchObject({ status: 400, body: { attr: 'properties' } });
    expect(Object.keys((await find({ distinct_id })).results[0]?.properties ?? {})).toEqual(['a', 'b']);
  });
});

describe('#persons.list', () => {
  it('finds by words in the values, by id and by address, newest first', async () => {
    const mark = newId();
    const older = await upsert(
      { distinct_id: `${mark}-1`, properties: { company: `Acme 100% ${mark}` } },
      201,
    );
    const newer = await upsert({ distinct_id: `${mark}-2`, properties: { email: `Ann@${mark}.test` } }, 201);
    const ids = async (query: Record<string, string>) => (await find(query)).results.map(({ id }) => id);
    expect(await ids({ search: mark.toUpperCase() })).toEqual([newer.id, older.id]);
    expect(await ids({ search: `100% ${mark}` })).toEqual([older.id]);
    expect(await ids({ search: `100_ ${mark}` })).toEqual([]);
    expect(await ids({ search: `company${mark}` })).toEqual([]);
    expect(await ids({ distinct_id: `${mark}-1` })).toEqual([older.id]);
    expect(await ids({ email: `ANN@${mark}.TEST` })).toEqual([newer.id]);
    expect(await ids({ email: `ann@${mark}.test`, distinct_id: `${mark}-1` })).toEqual([]);
    const page = await find({ search: mark, limit: '1' });
    expect([page.count, page.results.length, new URL(page.next ?? '').searchParams.get('offset')]).toEqual([
      2,
      1,
      '1',
    ]);
    expect((await find({ search: mark, limit: '1', offset: '1' })).next).toBeNull();
  });

  it.each([
    "search=%00'--",
    'search=%25',
    'search=\\',
    'email=%00',
    'limit=-1',
    'offset=1000000000',
    `search=${'x'.repeat(500)}`,
    'distinct_id=%27%20or%201=1',
  ])('survives %s', async (query) => {
    expect((await app.request('GET', `${PERSONS}?${query}`)).status).toBe(200);
  });
});

describe('access to persons', () => {
  it('keeps tenants apart', async () => {
    const other = await addTenant(app);
    const theirPersons = `/api/projects/${other.projectId}/persons/`;
    const shared = newId();
    const mine = await upsert({ distinct_id: shared, properties: { email: `${shared}@x.test` } }, 201);
    const body = { distinct_id: shared, properties: { owner: 'other' } };
    const theirs = await app.request<Person>('POST', theirPersons, { body, key: other.owner.key });
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(mine.id);
    expect((await app.request('GET', `${PERSONS}${theirs.body.id}/`)).status).toBe(404);
    expect((await app.request('GET', `${theirPersons}${theirs.body.id}/`)).status).toBe(404);
    expect((await app.request('POST', theirPersons, { body })).status).toBe(404);
    expect((await app.request('GET', theirPersons)).status).toBe(404);
    expect((await find({ distinct_id: shared })).results).toEqual([mine]);
  });

  it('asks for a scope and for edit access', async () => {
    const reader = await addMember(app, { scopes: ['ticket:read'] });
    const viewer = await addMember(app, { access: 'viewer' });
    const body = { distinct_id: newId() };
    expect((await app.request('GET', PERSONS, { key: reader.key })).status).toBe(200);
    expect((await app.request('POST', PERSONS, { body, key: reader.key })).status).toBe(403);
    expect((await app.request('GET', PERSONS, { key: viewer.key })).status).toBe(200);
    expect((await app.request('POST', PERSONS, { body, key: viewer.key })).status).toBe(403);
    expect((await app.request('GET', PERSONS, { key: null })).status).toBe(401);
    for (const id of ['x', newId(), "'--", '%00']) {
      expect((await app.request('GET', `${PERSONS}${id}/`)).status).toBe(404);
    }
  });
});
