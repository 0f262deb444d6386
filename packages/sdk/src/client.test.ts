import { contract } from '@parley/contract/contract';
import type { RouteDeclaration } from '@parley/contract/route';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_KEY, createTestApp, type TestApp } from '../../../apps/server/src/testing/test-app.ts';
import { createParleyClient, type ParleyClient } from './client.ts';
import type { ServerEvent } from './event-stream.ts';
import { paginate } from './paginate.ts';

let app: TestApp;
let baseUrl: string;
let client: ParleyClient;
beforeAll(async () => {
  app = await createTestApp();
  baseUrl = await app.listen();
  client = createParleyClient({ baseUrl, apiKey: API_KEY, project: '@current' });
});
afterAll(() => app.close());

describe('against the server', () => {
  it('reaches every declared operation under its one name', () => {
    const camel = (text: string) => text.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const declarations: RouteDeclaration[] = Object.values(contract).flatMap((group) => Object.values(group));
    const ids = declarations.filter(({ stream }) => !stream).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      const [group = '', name = ''] = id.split('.').map(camel);
      expect(Reflect.get(Reflect.get(client, group), name), id).toBeTypeOf('function');
    }
  });

  it('takes a ticket from its creation to its end', async () => {
    const { tickets, messages } = client;
    const ticket = await tickets.create({ body: { message: 'It is broken', tags: ['a'] } });
    const params = { id: ticket.ticket_number };
    const reply = await tickets.reply({ params, body: { message: 'Have a look' } });
    expect(reply).toMatchObject({ content: 'Have a look', is_private: false });
    const thread = await messages.list({ params });
    expect(thread.results.map(({ content }) => content)).toEqual(['It is broken', 'Have a look']);
    const resolved = await tickets.update({ params, body: { status: 'resolved', priority: 'high' } });
    expect(resolved).toMatchObject({ id: ticket.id, status: 'resolved', priority: 'high' });
    expect(await tickets.delete({ params })).toBeUndefined();
    await expect(tickets.retrieve({ params })).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });

  it('creates once under one key, and says so when the key is used for something else', async () => {
    const create = (message: string) =>
      client.tickets.create({ body: { message }, idempotencyKey: 'sdk-once' });
    const [first, second] = [await create('one'), await create('one')];
    expect(second).toEqual(first);
    await expect(create('two')).rejects.toMatchObject({ status: 409, code: 'idempotency_key_reused' });
  });

  it('throws what is wrong with a field', async () => {
    const anonymous = createParleyClient({ baseUrl, project: 1 });
    await expect(anonymous.tickets.list()).rejects.toMatchObject({ status: 401 });
    // @ts-expect-error no such status
    await expect(client.tickets.create({ body: { status: 'shut' } })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_choice',
      attr: 'status',
      type: 'validation_error',
    });
  });

  it('walks all pages, by offset and by cursor', async () => {
    for (let index = 0; index < 5; index += 1) {
      await client.tickets.create({ body: { tags: ['walk'] } });
    }
    const query = { tags: '["walk"]', order_by: 'ticket_number', limit: 2 };
    const walk = async (more: object) => {
      const numbers: number[] = [];
      for await (const ticket of paginate(client.tickets.list, { query: { ...query, ...more } })) {
        numbers.push(ticket.ticket_number);
      }
      return numbers;
    };
    const byOffset = await walk({});
    expect(byOffset).toHaveLength(5);
    expect(byOffset).toEqual([...byOffset].sort((a, b) => a - b));
    expect(await walk({ cursor: '' })).toEqual(byOffset);
  });

  it('hears of what changes, and goes on where it was', async () => {
    const events = client.events();
    const next = async (stream: typeof events) => {
      const { value } = await stream.next();
      if (!value) throw new Error('The stream ended.');
      return value;
    };
    expect(await next(events)).toMatchObject({ kind: 'ready' });
    const ticket = await client.tickets.create({ body: {} });
    let event: ServerEvent;
    do event = await next(events);
    while (event.kind !== 'change' || event.id !== ticket.id);
    expect(event).toMatchObject({ name: 'tickets.create', version: 1, ticket_id: ticket.id });
    await events.return();
    const other = await client.tickets.create({ body: {} });
    const resumed = client.events({ lastEventId: event.seq });
    expect(await next(resumed)).toEqual({ kind: 'ready', seq: event.seq });
    expect(await next(resumed)).toMatchObject({ kind: 'change', seq: event.seq + 1, id: other.id });
    await resumed.return();
  });
});
