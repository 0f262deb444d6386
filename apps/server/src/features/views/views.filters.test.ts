import type { ErrorBody } from '@parley/contract/errors';
import type { View } from '@parley/contract/views';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#platform/ids.ts';
import { addTenant, ownOrganization, type TestTenant } from '../../testing/tenants.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const VIEWS = '/api/projects/1/conversations/views/';
const ROLE = '0191d4b8-0000-7000-8000-000000000001';

let app: TestApp;
let other: TestTenant;
let foreignRole: string;
beforeAll(async () => {
  app = await createTestApp();
  other = await addTenant(app);
  foreignRole = newId();
  const created_at = app.clock.now();
  const own = { id: ROLE, organization_id: await ownOrganization(app), name: 'Own', created_at };
  const foreign = { id: foreignRole, organization_id: other.organizationId, name: 'Foreign', created_at };
  await app.database.kysely.insertInto('roles').values([own, foreign]).execute();
});
afterAll(() => app.close());

const create = (filters: unknown) =>
  app.request<View & ErrorBody>('POST', VIEWS, { body: { name: 'x', filters } });

describe('filters of a view on write', () => {
  it.each([
    {
      status: ['new', 'on_hold'],
      priority: ['critical'],
      channel: 'all',
      sla: 'at-risk',
      aiTriageResult: ['in_progress'],
      assignee: ['me', 'unassigned', { type: 'user', id: 1 }, { type: 'role', id: ROLE.toUpperCase() }],
      tags: ['A', 'b'],
      tagsMatch: 'all',
      tagsExclude: [],
      dateFrom: '-1mStart',
      dateTo: null,
      createdFrom: '2026-01-31',
      createdTo: 'all',
      snoozed: true,
      unread: 'mine',
      sorting: { columnKey: 'created_at', order: -1, more: 1 },
      search: ' a ',
    },
    { sorting: null, dateFrom: '', unread: true, snoozed: false, channel: 'email' },
    { surprise: { nested: [1, null, 'x'] }, zebra: 1, apple: 1.5, '': '' },
    { assignee: 'me' },
    { assignee: 'unassigned' },
    { assignee: 'all' },
    { assignee: { type: 'user', id: 1 } },
    { assignee: 'user:1' },
    { assignee: `role:${ROLE}` },
    { search: 'tab\t bell\u0007 🙂 \u2028 "quote" \\ </script>' },
  ])('come back exactly as sent: %j', async (filters) => {
    const created = await create(filters);
    expect(created.status).toBe(201);
    const { text } = await app.request('GET', `${VIEWS}${created.body.short_id}/`);
    expect(text).toContain(`"filters" : ${JSON.stringify(filters)},`);
  });

  it.each<[unknown, string, string]>([
    [[], 'filters', 'invalid_input'],
    ['x', 'filters', 'invalid_input'],
    [null, 'filters', 'null'],
    [{ status: ['open', 'closed'] }, 'filters__status__1', 'invalid_choice'],
    [{ status: 'open' }, 'filters__status', 'invalid_input'],
    [{ status: null }, 'filters__status', 'null'],
    [{ priority: [''] }, 'filters__priority__0', 'invalid_choice'],
    [{ channel: 'fax' }, 'filters__channel', 'invalid_choice'],
    [{ channel: ['email'] }, 'filters__channel', 'invalid_choice'],
    [{ sla: 'late' }, 'filters__sla', 'invalid_choice'],
    [{ aiTriageResult: [1] }, 'filters__aiTriageResult__0', 'invalid_choice'],
    [{ tags: [1] }, 'filters__tags__0', 'invalid_input'],
    [{ tags: 'a' }, 'filters__tags', 'invalid_input'],
    [{ tagsMatch: 'none' }, 'filters__tagsMatch', 'invalid_choice'],
    [{ tagsExclude: [null] }, 'filters__tagsExclude__0', 'null'],
    [{ dateFrom: 'yesterday' }, 'filters__dateFrom', 'invalid_input'],
    [{ dateTo: 7 }, 'filters__dateTo', 'invalid_input'],
    [{ createdFrom: '2026-02-30' }, 'filters__createdFrom', 'invalid_input'],
    [{ createdTo: '7d' }, 'filters__createdTo', 'invalid_input'],
    [{ snoozed: 'true' }, 'filters__snoozed', 'invalid_input'],
    [{ unread: 'team' }, 'filters__unread', 'invalid_choice'],
    [{ sorting: {} }, 'filters__sorting__columnKey', 'required'],
    [{ sorting: { columnKey: 'created_at', order: 0 } }, 'filters__sorting__order', 'invalid_choice'],
    [{ search: 'x'.repeat(201) }, 'filters__search', 'max_length'],
    [{ search: 'a\0b' }, 'filters__search', 'null_characters_not_allowed'],
    [{ more: 'x'.repeat(10_000) }, 'filters', 'max_length'],
  ])('refuses a wrong shape: %j', async (filters, attr, code) => {
    expect(await create(filters)).toMatchObject({
      status: 400,
      body: { type: 'validation_error', attr, code },
    });
  });

  it.each<[unknown, string]>([
    [null, 'filters__assignee'],
    [7, 'filters__assignee'],
    ['nobody', 'filters__assignee'],
    ['user:x', 'filters__assignee'],
    ['user:999999', 'filters__assignee'],
    [Array.from({ length: 101 }, () => 'me'), 'filters__assignee'],
    [['me', 'all'], 'filters__assignee__1'],
    [['user:1'], 'filters__assignee__0'],
    [[null], 'filters__assignee__0'],
    [[{}], 'filters__assignee__0'],
    [[{ type: 'team', id: 1 }], 'filters__assignee__0'],
    [[{ type: 'user', id: 'abc' }], 'filters__assignee__0'],
    [[{ type: 'user', id: '1' }], 'filters__assignee__0'],
    [[{ type: 'user', id: 2 ** 31 }], 'filters__assignee__0'],
    [[{ type: 'user', id: 1.5 }], 'filters__assignee__0'],
    [['me', { type: 'user', id: 999_999 }], 'filters__assignee__1'],
    [[{ type: 'role', id: 1 }], 'filters__assignee__0'],
    [[{ type: 'role', id: 'x' }], 'filters__assignee__0'],
    [[{ type: 'role', id: newId() }], 'filters__assignee__0'],
  ])('refuses assignees that are malformed or unknown: %j', async (assignee, attr) => {
    expect(await create({ assignee })).toMatchObject({ status: 400, body: { attr } });
  });

  it('refuses assignees of another organization', async () => {
    const user = await create({ assignee: [{ type: 'user', id: other.owner.id }] });
    expect(user).toMatchObject({
      status: 400,
      body: { code: 'does_not_exist', attr: 'filters__assignee__0' },
    });
    const role = await create({ assignee: [{ type: 'role', id: foreignRole }] });
    expect(role).toMatchObject({
      status: 400,
      body: { code: 'does_not_exist', attr: 'filters__assignee__0' },
    });
  });

  it('counts the size exactly', async () => {
    const ofLength = (length: number) => ({ more: 'x'.repeat(length - '{"more":""}'.length) });
    expect((await create(ofLength(10_000))).status).toBe(201);
    expect((await create(ofLength(10_001))).status).toBe(400);
  });
});

describe('filters of a view on read', () => {
  it('survive whatever an older version stored', async () => {
    const { body: view } = await create({});
    for (const stored of [
      '"all"',
      '[1]',
      '{"status":"closed","assignee":{"type":"user","id":"x"}}',
      'null',
      '{"tags":7}',
    ]) {
      await app.database.kysely
        .updateTable('ticket_views')
        .set({ filters: stored })
        .where('project_id', '=', 1)
        .where('id', '=', view.id)
        .execute();
      const read = await app.request<View>('GET', `${VIEWS}${view.short_id}/`);
      expect([read.status, JSON.stringify(read.body.filters)]).toEqual([200, stored]);
      const list = await app.request('GET', `/api/projects/1/conversations/tickets/?view=${view.short_id}`);
      expect(list.status).toBe(200);
    }
  });
});
