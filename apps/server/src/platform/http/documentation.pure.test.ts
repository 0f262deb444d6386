import { describeApi } from '@parley/contract/openapi/document';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addDocumentation } from './documentation.ts';
import { assertValid } from './validator.ts';

let app: FastifyInstance;

beforeEach(async () => {
  app = fastify({ routerOptions: { ignoreTrailingSlash: true } });
  addDocumentation(app, { version: '1.2.3', serverUrl: 'https://support.example.com' });
  await app.ready();
});

afterEach(() => app.close());

test('the document says which server and version it is about', async () => {
  const { info, servers } = (await app.inject('/api/schema/')).json();
  expect(info).toMatchObject({ title: 'Parley', version: '1.2.3' });
  expect(servers).toEqual([{ url: 'https://support.example.com' }]);
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

test('every example is one that the server would take, or give', () => {
  const { paths, components } = JSON.parse(JSON.stringify(describeApi({ version: '1.2.3' })));
  const examples: { schema: object; example: unknown }[] = [];
  JSON.stringify(paths, (_key, value) => {
    const isContent = value?.schema !== undefined && value?.example !== undefined;
    if (isContent) examples.push(value);
    return value;
  });
  for (const [title, schema] of Object.entries<{ examples?: unknown[] }>(components.schemas)) {
    const reference = { $ref: `#/components/schemas/${title}` };
    for (const example of schema.examples ?? []) examples.push({ schema: reference, example });
  }
  expect(examples.length).toBeGreaterThan(100);
  for (const { schema, example } of examples) {
    const check = () => assertValid({ ...schema, components }, example);
    expect(check, `${JSON.stringify(schema)} ${JSON.stringify(example)}`).not.toThrow();
  }
  const message = { $ref: '#/components/schemas/Message', components };
  expect(() => assertValid(message, { id: 'no uuid' })).toThrow();
});
