import type { ContentArticle } from '@parley/contract/content-articles';
import type { ErrorBody } from '@parley/contract/errors';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addKey, addTenant, addUser } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const ARTICLES = '/api/projects/1/conversations/content_articles/';

let app: TestApp;
let viewer: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  viewer = await addKey(app, (await addUser(app, 'vic@example.com', { access: 'viewer' })).id);
});
afterAll(() => app.close());

const call = (method: string, path: string, body?: object, key?: string) =>
  app.request<ContentArticle & ErrorBody>(method, path, {
    ...(body ? { body } : {}),
    ...(key ? { key } : {}),
  });
async function create(body: object): Promise<ContentArticle> {
  app.clock.advance(1000);
  const answer = await call('POST', ARTICLES, { title: 'Returns', ...body });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}
const titles = async (query: string) =>
  (await app.request<PageOf<ContentArticle>>('GET', `${ARTICLES}${query}`)).body.results.map(
    ({ title }) => title,
  );

describe('#content_articles', () => {
  it('is created with what holds without saying', async () => {
    const article = await create({ title: ' Refunds ' });
    expect(article).toMatchObject({
      title: 'Refunds',
      body: '',
      is_enabled: true,
      channels: [],
      embeddings: null,
      created_by: { email: 'ada@example.com' },
    });
    expect((await call('GET', `${ARTICLES}${article.id}/`, undefined, viewer)).body).toEqual(article);
  });

  it('changes by PATCH and PUT, and is gone for good after DELETE', async () => {
    const article = await create({
      body: 'Send it back',
      channels: ['email', 'email'],
      embeddings: [0.1, 0.2],
    });
    expect(article).toMatchObject({ channels: ['email'], embeddings: [0.1, 0.2] });
    const path = `${ARTICLES}${article.id}/`;
    app.clock.advance(1000);
    const patched = await call('PATCH', path, { is_enabled: false, embeddings: null });
    expect(patched.body).toMatchObject({ body: 'Send it back', is_enabled: false, embeddings: null });
    expect(patched.body.updated_at > article.updated_at).toBe(true);
    expect((await call('PUT', path, { body: 'x' })).body).toMatchObject({ attr: 'title', code: 'required' });
    expect((await call('PUT', path, { title: 'New' })).body).toMatchObject({
      title: 'New',
      body: 'Send it back',
    });
    expect((await call('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await call(method, path)).status).toBe(404);
    const events = await app.database.kysely
      .selectFrom('events')
      .select(['name', 'resource_version'])
      .where('resource_id', '=', article.id)
      .orderBy('id')
      .execute();
    expect(events.map((event) => [event.name, event.resource_version])).toEqual([
      ['content_articles.create', 1],
      ['content_articles.update', 2],
      ['content_articles.update', 3],
      ['content_articles.delete', 4],
    ]);
  });

  it('is listed newest first, by title and by whether it is enabled', async () => {
    await create({ title: 'List 100%_a' });
    await create({ title: 'List b', is_enabled: false });
    await create({ title: 'List c' });
    expect(await titles('?search=LIST')).toEqual(['List c', 'List b', 'List 100%_a']);
    expect(await titles('?search=0%25_')).toEqual(['List 100%_a']);
    expect(await titles('?search=list&is_enabled=TRUE')).toEqual(['List c', 'List 100%_a']);
    for (const value of ['false', '1', '', 'yes'])
      expect(await titles(`?search=list&is_enabled=${value}`)).toEqual(['List b']);
    expect(await titles('?search=list&limit=1&offset=1')).toEqual(['List b']);
    expect(await titles(`?search=${'x'.repeat(5000)}%00`)).toEqual([]);
  });

  it.each([
    ['title', 'required', { title: undefined }],
    ['title', 'blank', { title: ' ' }],
    ['title', 'max_length', { title: 'x'.repeat(501) }],
    ['body', 'max_length', { body: 'x'.repeat(100_001) }],
    ['body', 'null', { body: null }],
    ['is_enabled', 'invalid_input', { is_enabled: 'true' }],
    ['channels', 'invalid_input', { channels: 'email' }],
    ['channels__0', 'invalid_choice', { channels: ['fax'] }],
    ['embeddings', 'max_length', { embeddings: 'x'.repeat(100_000) }],
  ])('refuses a wrong %s: %s', async (attr, code, body) => {
    const answer = await call('POST', ARTICLES, { title: 'Wrong', ...body });
    expect(answer).toMatchObject({ status: 400, body: { attr, code } });
    expect(await titles('?search=wrong')).toEqual([]);
  });

  it('is for editors of its project', async () => {
    const article = await create({ title: 'Ours' });
    const path = `${ARTICLES}${article.id}/`;
    expect((await call('POST', ARTICLES, { title: 'x' }, viewer)).status).toBe(403);
    for (const method of ['PATCH', 'PUT', 'DELETE'])
      expect(
        (await call(method, path, method === 'DELETE' ? undefined : { title: 'x' }, viewer)).status,
      ).toBe(403);
    const tenant = await addTenant(app, 'theirs');
    const theirs = `/api/projects/${tenant.projectId}/conversations/content_articles/`;
    expect((await call('GET', `${theirs}${article.id}/`, undefined, tenant.key)).status).toBe(404);
    expect((await call('GET', path, undefined, tenant.key)).status).toBe(404);
    expect((await call('GET', `${ARTICLES}nope/`)).status).toBe(404);
  });
});
