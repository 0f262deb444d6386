import type { Ticket } from '@parley/contract/tickets';
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import { createParleyClient } from './client.ts';
import { ParleyError } from './errors.ts';
import { paginate } from './paginate.ts';
import { json, type ScriptedServer, startScriptedServer } from './testing.ts';

let server: ScriptedServer;
afterEach(() => server.close());

const client = (apiKey?: string) =>
  createParleyClient({ baseUrl: `${server.baseUrl}/`, apiKey, project: '@current' });

describe('calls', () => {
  it('sends what the declaration says', async () => {
    server = await startScriptedServer([json(201, { id: 'm1' })]);
    const message = await client('prl_x').tickets.reply({ params: { id: 7 }, body: { message: 'Hi' } });
    expect(message).toEqual({ id: 'm1' });
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatchObject({
      method: 'POST',
      url: '/api/projects/@current/conversations/tickets/7/reply/',
      body: '{"message":"Hi"}',
      headers: { authorization: 'Bearer prl_x', 'content-type': 'application/json' },
    });
    expect(server.received[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('names another project for one call, leaves undefined parameters out and writes the others as text', async () => {
    server = await startScriptedServer([json(200, { count: 0, next: null, previous: null, results: [] })]);
    await client().tickets.list({
      params: { project_id: 3 },
      query: { limit: 5, search: 'a&b', status: undefined },
    });
    expect(server.received[0]?.url).toBe('/api/projects/3/conversations/tickets/?limit=5&search=a%26b');
    expect(server.received[0]?.headers.authorization).toBeUndefined();
    expect(server.received[0]?.headers['content-type']).toBeUndefined();
  });

  it('answers undefined where there is no body', async () => {
    server = await startScriptedServer([(response) => response.writeHead(204).end()]);
    expect(await client().tickets.delete({ params: { id: 1 } })).toBeUndefined();
  });

  it('never lets a parameter change the path', async () => {
    server = await startScriptedServer([json(200, {})]);
    await client().tickets.retrieve({ params: { id: 'a/b?c' } });
    expect(server.received[0]?.url).toBe('/api/projects/@current/conversations/tickets/a%2Fb%3Fc/');
    for (const id of ['..', '.', '']) {
      await expect(client().tickets.delete({ params: { id } })).rejects.toThrow(
        'The parameter id is missing.',
      );
    }
    expect(server.received).toHaveLength(1);
  });

  it('throws what the server says', async () => {
    const body = { type: 'validation_error', code: 'blank', detail: 'May not be blank.', attr: 'message' };
    server = await startScriptedServer([json(400, body)]);
    const error = await client()
      .tickets.retrieve({ params: { id: 1 } })
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ParleyError);
    expect(error).toMatchObject({ status: 400, ...body, message: 'May not be blank. (blank, message)' });
  });

  it('throws when something else than Parley answers', async () => {
    server = await startScriptedServer([(response) => response.end('<html>')]);
    await expect(client().tickets.list()).rejects.toMatchObject({ status: 200, code: 'unknown_error' });
  });

  it('is typed by the contract', async () => {
    server = await startScriptedServer([json(200, {})]);
    const { tickets } = client();
    expectTypeOf<Awaited<ReturnType<typeof tickets.retrieve>>>().toEqualTypeOf<Ticket>();
    expectTypeOf(tickets.list).toBeCallableWith();
    expectTypeOf(tickets.suggestReply).toBeCallableWith({ params: { id: 1 } });
    // @ts-expect-error a reply needs a ticket and a body
    expectTypeOf(tickets.reply).toBeCallableWith();
    expectTypeOf<Parameters<typeof tickets.create>[0]>().toHaveProperty('idempotencyKey');
    expectTypeOf<Parameters<typeof tickets.delete>[0]>().not.toHaveProperty('idempotencyKey');
  });
});

const page = (ids: string[], next: string | null) =>
  json(200, { count: 3, previous: null, next, results: ids.map((id) => ({ id })) });

async function collect(items: AsyncIterable<{ id: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of items) ids.push(id);
  return ids;
}

const queries = () => server.received.map(({ url }) => url?.split('?')[1]);

describe('paginate', () => {
  it('goes by cursor, follows the query of the next links, and never their host', async () => {
    const next = 'http://elsewhere.example/api/?cursor=abc&limit=2';
    server = await startScriptedServer([page(['a', 'b'], next), page(['c'], null)]);
    const { tickets } = client('prl_x');
    const all = paginate(tickets.list, { query: { status: 'new', limit: 2, offset: undefined } });
    expect(await collect(all)).toEqual(['a', 'b', 'c']);
    expect(queries()).toEqual(['status=new&limit=2&cursor=', 'cursor=abc&limit=2']);
  });

  it('starts where the caller says', async () => {
    server = await startScriptedServer([page(['a'], '/api/?offset=7&limit=1'), page(['b'], null)]);
    const { messages } = client();
    const thread = paginate(messages.list, { params: { id: 7 }, query: { offset: 6, limit: 1 } });
    expect(await collect(thread)).toEqual(['a', 'b']);
    expect(queries()).toEqual(['offset=6&limit=1', 'offset=7&limit=1']);
    expect(new Set(server.received.map(({ url }) => url?.split('?')[0])).size).toBe(1);
  });

  it('asks for no page that nobody wants', async () => {
    server = await startScriptedServer([page(['a', 'b'], 'http://localhost/?cursor=b')]);
    for await (const { id } of paginate(client().tickets.list)) if (id === 'a') break;
    expect(server.received).toHaveLength(1);
  });

  it('needs options where the list needs some', () => {
    const { messages, tickets } = createParleyClient({ baseUrl: 'http://localhost' });
    // @ts-expect-error messages belong to a ticket
    paginate(messages.list);
    expectTypeOf(paginate(tickets.list)).toEqualTypeOf<AsyncGenerator<Ticket, void, undefined>>();
  });
});
