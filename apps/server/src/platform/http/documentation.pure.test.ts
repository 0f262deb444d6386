import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addDocumentation, addSchema } from './documentation.ts';

let app: FastifyInstance;

beforeEach(async () => {
  app = fastify({ routerOptions: { ignoreTrailingSlash: true } });
  await addSchema(app, '1.2.3');
  app.get('/api/things/:id/', { schema: { operationId: 'things.retrieve' } }, async () => ({}));
  addDocumentation(app);
  await app.ready();
});

afterEach(() => app.close());

test('the document names every route that is shown', async () => {
  const { info, paths } = (await app.inject('/api/schema/')).json();
  expect(info).toMatchObject({ title: 'Parley', version: '1.2.3' });
  expect(Object.keys(paths)).toEqual(['/api/things/{id}/']);
});

test('the page loads its script, and that reads the document', async () => {
  const page = await app.inject('/api/docs/');
  expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.body).toContain('/api/schema/');
  const source = /<script[^>]+src="([^"]+)"/.exec(page.body)?.[1] ?? '';
  const script = await app.inject(new URL(source, 'http://localhost/api/docs/').pathname);
  expect([script.statusCode, script.headers['content-type']]).toEqual([
    200,
    'application/javascript; charset=utf-8',
  ]);
});

test('without its last slash the address leads to the page', async () => {
  const answer = await app.inject('/api/docs');
  expect([answer.statusCode, answer.headers.location]).toEqual([301, '/api/docs/']);
});
