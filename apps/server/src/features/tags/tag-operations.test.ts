import type { PageOf } from '@parley/contract/schemas';
import type { TagOperation } from '@parley/contract/tag-management';
import type { Tag } from '@parley/contract/tags';
import type { View } from '@parley/contract/views';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  addTenant,
  createTicket,
  getTicket,
  SYSTEM,
  type Tenant,
  TICKETS,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { addMember } from '../../testing/tenants.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { applyTagOperations } from './tag-operations.apply.service.ts';

const PROJECT = '/api/projects/1/conversations/';
const TAGS = `${PROJECT}tags/`;

let app: TestApp;
let other: Tenant;
beforeAll(async () => {
  // Without the scheduler: these tests apply when they say so.
  app = await createTestApp({ roles: ['http'] });
  other = await addTenant(app, 'other');
});
afterAll(() => app.close());
beforeEach(async () => {
  for (const table of [
    'tickets',
    'tags',
    'tag_operations',
    'ticket_views',
    'quick_actions',
    'events',
  ] as const)
    await app.database.kysely.deleteFrom(table).execute();
});

const run = <T>(work: Parameters<typeof app.parley.unitOfWork.run<T>>[1]) =>
  app.parley.unitOfWork.run(SYSTEM, work);
const step = () => applyTagOperations(run);
const finish = async () => {
  while (await step());
};
const tagPath = (name: string) => `${TAGS}${encodeURIComponent(name)}/`;
const names = async (project = PROJECT, key?: string) => {
  const answer = await app.request<PageOf<Tag>>('GET', `${project}tags/`, key ? { key } : {});
  return answer.body.results.map(({ name }) => name);
};
const rename = (from: string, name: string) =>
  app.request<TagOperation>('PATCH', tagPath(from), { body: { name } });
const merge = (from: string[], into: string) =>
  app.request<TagOperation>('POST', `${TAGS}merge/`, { body: { from, into } });
const remove = (name: string) => app.request<TagOperation>('DELETE', tagPath(name));
const tagsOf = async (id: string) => (await getTicket(app, id)).tags;
const code = ({ status, body }: { status: number; body: unknown }) => {
  const { code: name, attr } = body as { code: string; attr: string | null };
  return [status, name, attr];
};

/** Every count per tag that the cells hold, against the tickets themselves. */
async function expectTrueCounts(): Promise<void> {
  const { rows } = await sql<{ tag: string; n: number }>`
    select tag, count(*)::integer as n from tickets, unnest(tags) as tag
    where project_id = 1 and deleted_at is null group by 1 order by 1`.execute(app.database.kysely);
  const { body } = await app.request<PageOf<Tag>>('GET', `${TAGS}?counts=true`);
  const shown = body.results.map(({ name, ticket_count }) => ({ tag: name, n: ticket_count }));
  expect(shown.filter(({ n }) => n !== 0)).toEqual(rows);
}

/** Tickets with these tags, written by the database: as many as take several batches. */
async function seedMany(count: number, tags: string[]): Promise<void> {
  const now = app.clock.now();
  await sql`
    insert into tags (project_id, name, created_at)
    select 1, name, ${now} from unnest(${tags}::text[]) as name on conflict do nothing`.execute(
    app.database.kysely,
  );
  await sql`
    insert into tickets (project_id, id, ticket_number, channel_source, distinct_id, status, tags, created_at, updated_at)
    select 1, gen_random_uuid(), n, 'widget', 'd', 'new', ${tags}, ${now}, ${now}
    from generate_series(1000, 999 + ${count}::integer) n`.execute(app.database.kysely);
}

describe('#tags.rename', () => {
  it('shows the new name at once, and brings it to every ticket in the background', async () => {
    const one = await createTicket(app, { tags: ['billing', 'urgent'] });
    const deleted = await createTicket(app, { tags: ['billing'] });
    await app.request('DELETE', ticketPath(deleted.id));
    app.clock.advance(60_000);
    const { status, body } = await rename('billing', ' Money ');
    expect(status).toBe(202);
    expect(body).toMatchObject({
      kind: 'rename',
      from: ['billing'],
      into: 'money',
      state: 'running',
      tickets_total: 2,
      tickets_changed: 0,
      finished_at: null,
    });
    expect(await names()).toEqual(['money', 'urgent']);
    expect(await tagsOf(one.id)).toEqual(['billing', 'urgent']);
    await finish();
    const after = await getTicket(app, one.id);
    expect(after).toMatchObject({
      tags: ['money', 'urgent'],
      version: one.version + 1,
      updated_at: one.updated_at,
    });
    await app.request('POST', ticketPath(deleted.id, 'restore/'));
    expect(await tagsOf(deleted.id)).toEqual(['money']);
    const shown = await app.request<TagOperation>('GET', `${TAGS}operations/${body.id}/`);
    expect(shown.body).toMatchObject({ state: 'done', tickets_changed: 2, finished_at: expect.any(String) });
    const listed = await app.request<PageOf<TagOperation>>('GET', `${TAGS}operations/`);
    expect(listed.body).toMatchObject({ count: 1, results: [shown.body] });
    await expectTrueCounts();
  });

  it('is reported once as it begins and once as it ends, and no ticket by itself', async () => {
    await createTicket(app, { tags: ['a'] });
    await app.database.kysely.deleteFrom('events').execute();
    await rename('a', 'b');
    await finish();
    const { rows } = await sql<{ name: string; payload: object }>`
      select name, payload from events where project_id = 1 order by id`.execute(app.database.kysely);
    expect(rows).toMatchObject([
      { name: 'tags.rename', payload: { from: ['a'], into: 'b' } },
      { name: 'tags.finish', payload: { kind: 'rename', from: ['a'], into: 'b', tickets_changed: 1 } },
    ]);
    const { rows: audited } = await sql`
      select act, target, detail from audit_log where act = 'tags.rename'`.execute(app.database.kysely);
    expect(audited.at(-1)).toMatchObject({
      target: { type: 'tag', name: 'a' },
      detail: { from: ['a'], into: 'b' },
    });
  });

  it('takes names with slashes, dots, percent signs and letters of any script', async () => {
    const awkward = [
      'a/b',
      '50%',
      'zürich',
      '東京',
      '🎉',
      'a b',
      'a.b',
      "'; drop",
      'operations',
      'merge',
      'ß'.repeat(255),
    ];
    const { id } = await createTicket(app, { tags: awkward });
    for (const [index, name] of awkward.entries()) {
      expect([name, (await rename(name, `n${index}`)).status]).toEqual([name, 202]);
    }
    await finish();
    expect(await tagsOf(id)).toEqual(awkward.map((_, index) => `n${index}`).sort());
    // Found however it is written.
    expect((await rename(' N0 ', '東/京')).status).toBe(202);
    await finish();
    expect((await remove('東/京')).status).toBe(202);
  });

  it('refuses a name that is taken, blank or too long, and a tag that is not there', async () => {
    await createTicket(app, { tags: ['a', 'b'] });
    expect(code(await rename('a', 'B '))).toEqual([400, 'unique', 'name']);
    expect(code(await rename('a', 'A'))).toEqual([400, 'unique', 'name']);
    expect(code(await rename('a', '   '))).toEqual([400, 'blank', 'name']);
    expect(code(await rename('a', 'x'.repeat(256)))).toEqual([400, 'max_length', 'name']);
    // Growing when it is made lower case.
    expect(code(await rename('a', 'İ'.repeat(200)))).toEqual([400, 'max_length', 'name']);
    expect(code(await rename('a', 'a\0'))).toEqual([400, 'null_characters_not_allowed', 'name']);
    for (const name of ['none', '\0', ' ', 'x'.repeat(400), '%'])
      expect([name, (await rename(name, 'new')).status]).toEqual([name, 404]);
    expect((await app.request('PATCH', `${TAGS}%E0%A4%A/`, { body: { name: 'new' } })).status).toBeLessThan(
      500,
    );
    expect(code(await app.request('PATCH', tagPath('a'), { body: {} }))).toEqual([400, 'required', 'name']);
    expect((await app.request('GET', `${TAGS}operations/none/`)).status).toBe(404);
    expect(await names()).toEqual(['a', 'b']);
  });

  it('brings back no old name that somebody uses meanwhile', async () => {
    const one = await createTicket(app, { tags: ['old'] });
    await rename('old', 'new');
    await step();
    const late = await createTicket(app, { tags: ['old', 'x'] });
    await updateTicket(app, one.id, { tags: ['old', 'new'] });
    expect(await names()).toEqual(['new', 'x']);
    await finish();
    expect(await tagsOf(one.id)).toEqual(['new']);
    expect(await tagsOf(late.id)).toEqual(['new', 'x']);
    expect(await names()).toEqual(['new', 'x']);
    // When it is done, the old name is one like any other.
    await createTicket(app, { tags: ['old'] });
    expect(await names()).toEqual(['new', 'old', 'x']);
    await expectTrueCounts();
  });

  it('leaves other projects alone', async () => {
    const theirs = `/api/projects/${other.projectId}/conversations/`;
    await app.request('POST', other.tickets, { key: other.key, body: { tags: ['a'] } });
    await createTicket(app, { tags: ['a'] });
    await rename('a', 'b');
    await finish();
    expect(await names(theirs, other.key)).toEqual(['a']);
    const { rows } = await sql<{ tags: string[] }>`
      select tags from tickets where project_id = ${other.projectId}`.execute(app.database.kysely);
    expect(rows).toEqual([{ tags: ['a'] }]);
  });

  it('is for managers; everybody who reads sees how far it is', async () => {
    await createTicket(app, { tags: ['a'] });
    const editor = await addMember(app, { access: 'editor' });
    const reader = await addMember(app, { access: 'manager', scopes: ['ticket:read'] });
    for (const { key } of [editor, reader]) {
      expect((await app.request('PATCH', tagPath('a'), { key, body: { name: 'b' } })).status).toBe(403);
      expect((await app.request('DELETE', tagPath('a'), { key })).status).toBe(403);
      const body = { from: ['a'], into: 'b' };
      expect((await app.request('POST', `${TAGS}merge/`, { key, body })).status).toBe(403);
      expect((await app.request('GET', `${TAGS}operations/`, { key })).status).toBe(200);
    }
    expect(await names()).toEqual(['a']);
  });
});

describe('#tags.merge', () => {
  it('puts one tag in the place of several, once per ticket', async () => {
    const both = await createTicket(app, { tags: ['bug', 'bugs', 'x'] });
    const all = await createTicket(app, { tags: ['bug', 'bugs', 'defect'] });
    const { status, body } = await merge(['Bug', 'bugs', 'bug', 'defect'], 'defect');
    expect([status, body.from, body.into]).toEqual([202, ['bug', 'bugs'], 'defect']);
    expect(await names()).toEqual(['defect', 'x']);
    await finish();
    expect(await tagsOf(both.id)).toEqual(['defect', 'x']);
    expect(await tagsOf(all.id)).toEqual(['defect']);
    await expectTrueCounts();
  });

  it('answers a repeated request with the first operation', async () => {
    await createTicket(app, { tags: ['a', 'b'] });
    const options = { body: { from: ['a'], into: 'c' }, headers: { 'idempotency-key': 'once' } };
    const first = await app.request<TagOperation>('POST', `${TAGS}merge/`, options);
    const again = await app.request<TagOperation>('POST', `${TAGS}merge/`, options);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
  });

  it('refuses tags that are not there, and nothing to merge', async () => {
    await createTicket(app, { tags: ['a'] });
    expect(code(await merge(['a', 'none'], 'b'))).toEqual([400, 'does_not_exist', 'from__1']);
    expect(code(await merge(['a'], 'A'))).toEqual([400, 'empty', 'from']);
    expect(code(await merge([' '], 'b'))).toEqual([400, expect.any(String), 'from__0']);
    expect((await merge([], 'b')).status).toBe(400);
    expect((await merge(Array(101).fill('a'), 'b')).status).toBe(400);
    expect(await names()).toEqual(['a']);
  });

  it('follows a target that is itself renamed or deleted meanwhile', async () => {
    await seedMany(600, ['a']);
    await merge(['a'], 'b');
    await step();
    expect((await rename('b', 'c')).status).toBe(202);
    expect(code(await rename('c', 'a'))).toEqual([409, 'conflict', null]);
    await step();
    expect((await remove('c')).status).toBe(202);
    await finish();
    const { rows } = await sql`select distinct tags from tickets where project_id = 1`.execute(
      app.database.kysely,
    );
    expect(rows).toEqual([{ tags: [] }]);
    expect(await names()).toEqual([]);
  });

  it('goes batch by batch, and says how far it is', async () => {
    await seedMany(1100, ['a', 'b']);
    const { body } = await merge(['a', 'b'], 'c');
    const changed = async () =>
      (await app.request<TagOperation>('GET', `${TAGS}operations/${body.id}/`)).body.tickets_changed;
    const seen: number[] = [];
    while (await step()) seen.push(await changed());
    expect(seen).toEqual([500, 1000, 1100]);
    expect(await changed()).toBe(1100);
    await expectTrueCounts();
  });

  it('may be done by several nodes at once, while others write', async () => {
    await seedMany(1100, ['a']);
    await merge(['a'], 'b');
    const writing = async () => {
      for (let index = 0; index < 10; index += 1) {
        const { id } = await createTicket(app, { tags: ['a'] });
        await app.request('POST', `${TICKETS}bulk_update_tags/`, {
          body: { ids: [id], action: 'add', tags: ['a', 'z'] },
        });
      }
    };
    // Too few batches to be done before the last write: after that the old name is one like any other.
    await Promise.all([step(), step(), writing()]);
    await Promise.all([finish(), finish()]);
    const { rows } = await sql`select 1 from tickets where project_id = 1 and 'a' = any(tags)`.execute(
      app.database.kysely,
    );
    expect(rows).toEqual([]);
    expect(await names()).toEqual(['b', 'z']);
    await expectTrueCounts();
  });
});

describe('#tags.delete', () => {
  it('takes the tag off every ticket', async () => {
    const { id } = await createTicket(app, { tags: ['a', 'b'] });
    const { status, body } = await remove('a');
    expect([status, body.kind, body.into]).toEqual([202, 'delete', null]);
    expect((await remove('a')).status).toBe(404);
    await finish();
    expect(await tagsOf(id)).toEqual(['b']);
    expect(await names()).toEqual(['b']);
  });
});

describe('what is stored with tags', () => {
  const view = async (filters: object): Promise<View> => {
    const answer = await app.request<View>('POST', `${PROJECT}views/`, { body: { name: 'View', filters } });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const filtersOf = async ({ short_id }: View) =>
    (await app.request<View>('GET', `${PROJECT}views/${short_id}/`)).body;
  const quickAction = async (actions: object) => {
    const body = { name: 'Quick', content: 'Hi', actions };
    const answer = await app.request<{ short_id: string }>('POST', `${PROJECT}quick_actions/`, { body });
    expect(answer.status).toBe(201);
    return async () => {
      const path = `${PROJECT}quick_actions/${answer.body.short_id}/`;
      return (await app.request<{ actions: object }>('GET', path)).body.actions;
    };
  };

  it('a ticket that is still to be composed has the new name, and not one that is gone', async () => {
    const draft = `${PROJECT}drafts/compose/`;
    await createTicket(app, { tags: ['a', 'b', 'c'] });
    const saved = await app.request('PUT', draft, { body: { message: 'x', tags: ['a', 'b', 'c'] } });
    expect(saved.status).toBe(200);
    const drafted = async () =>
      (await app.request<{ draft: { tags: string[] } }>('GET', draft)).body.draft.tags;
    await rename('a', 'z');
    expect(await drafted()).toEqual(['z', 'b', 'c']);
    await merge(['c'], 'z');
    expect(await drafted()).toEqual(['z', 'b']);
    await remove('b');
    expect(await drafted()).toEqual(['z']);
  });

  it('says the new name, in the order in which it was written', async () => {
    await createTicket(app, { tags: ['a', 'b', 'c'] });
    const any = await view({ zeta: 1, tags: ['c', 'a', 'b'], status: ['open'] });
    const excluded = await view({ tagsExclude: ['a'], own: { tags: ['a'] } });
    const untouched = await view({ tags: ['c'], search: 'a' });
    const quick = await quickAction({ tags: ['A', 'c'], status: 'open' });
    await merge(['a', 'b'], 'new');
    expect(JSON.stringify((await filtersOf(any)).filters)).toBe(
      '{"zeta":1,"tags":["c","new"],"status":["open"]}',
    );
    expect((await filtersOf(any)).version).toBe(2);
    expect((await filtersOf(excluded)).filters).toEqual({ tagsExclude: ['new'], own: { tags: ['a'] } });
    expect(await filtersOf(untouched)).toEqual(untouched);
    expect(await quick()).toEqual({ status: 'open', tags: ['new', 'c'] });
  });

  it('shows no more than before when a tag is deleted', async () => {
    await createTicket(app, { tags: ['a', 'b'] });
    const choice = await view({ tags: ['a', 'b'] });
    const only = await view({ tags: ['a'] });
    const every = await view({ tags: ['a', 'b'], tagsMatch: 'all' });
    const excluded = await view({ tagsExclude: ['a'] });
    const quick = await quickAction({ tags: ['a'], priority: 'low' });
    await remove('a');
    expect((await filtersOf(choice)).filters).toEqual({ tags: ['b'] });
    expect((await filtersOf(only)).filters).toEqual({ tags: ['a'] });
    expect((await filtersOf(every)).filters).toEqual({ tags: ['a', 'b'], tagsMatch: 'all' });
    expect((await filtersOf(excluded)).filters).toEqual({ tagsExclude: [] });
    expect(await quick()).toEqual({ priority: 'low' });
  });
});

describe('#tags.list with counts', () => {
  it('counts tickets that have each tag, without deleted ones', async () => {
    await createTicket(app, { tags: ['a', 'b'] });
    await createTicket(app, { tags: ['a'] });
    const gone = await createTicket(app, { tags: ['c'] });
    await app.request('DELETE', ticketPath(gone.id));
    const { body } = await app.request<PageOf<Tag>>('GET', `${TAGS}?counts=true`);
    expect(body.results.map(({ name, ticket_count }) => [name, ticket_count])).toEqual([
      ['a', 2],
      ['b', 1],
      ['c', 0],
    ]);
    expect((await app.request<PageOf<Tag>>('GET', TAGS)).body.results[0]).not.toHaveProperty('ticket_count');
  });
});
