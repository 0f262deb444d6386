import type { PageOf } from '@parley/contract/schemas';
import type { Tag } from '@parley/contract/tags';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addMember, addTenant } from '../../testing/tenants.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const TAGS = '/api/projects/1/conversations/tags/';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  const body = { tags: ['Billing', 'bug', ' 100% ', 'a_b', 'zürich'] };
  await app.request('POST', '/api/projects/1/conversations/tickets/', { body });
});
afterAll(() => app.close());

const names = async (query = '') =>
  (await app.request<PageOf<Tag>>('GET', `${TAGS}${query}`)).body.results.map(({ name }) => name);

it('lists the names of a project in order', async () => {
  expect(new Set(await names())).toEqual(new Set(['100%', 'a_b', 'billing', 'bug', 'zürich']));
  expect(await names('?search=b')).toEqual(['a_b', 'billing', 'bug']);
  const { body } = await app.request<PageOf<Tag>>('GET', `${TAGS}?search=B&limit=1&offset=1`);
  expect(body).toMatchObject({
    count: 3,
    results: [{ name: 'billing', created_at: '2026-03-02T10:00:00.000Z' }],
  });
  expect(new URL(body.next ?? '').search).toBe('?limit=1&offset=2&search=B');
});

it('takes what is sought as it is', async () => {
  expect(await names('?search=%25')).toEqual(['100%']);
  expect(await names('?search=_')).toEqual(['a_b']);
  expect(await names('?search=Z%C3%9CR')).toEqual(['zürich']);
  expect(await names("?search='--")).toEqual([]);
  expect(await names('?search=%00')).toEqual([]);
  expect(await names('?limit=-1&offset=x')).toHaveLength(5);
  expect(await names('?offset=1000000000')).toEqual([]);
});

it('shows them to readers of the project only', async () => {
  const other = await addTenant(app);
  const theirs = `/api/projects/${other.projectId}/conversations/tags/`;
  expect((await app.request('GET', theirs)).status).toBe(404);
  expect((await app.request<PageOf<Tag>>('GET', theirs, { key: other.owner.key })).body.count).toBe(0);
  const viewer = await addMember(app, { access: 'viewer', scopes: ['ticket:read'] });
  expect((await app.request('GET', TAGS, { key: viewer.key })).status).toBe(200);
  const views = await addMember(app, { scopes: ['conversation:read'] });
  expect((await app.request('GET', TAGS, { key: views.key })).status).toBe(403);
  expect((await app.request('GET', TAGS, { key: null })).status).toBe(401);
});
