import { afterEach, describe, expect, it } from 'vitest';
import { createParleyClient } from './client.ts';
import { ParleyConnectionError } from './errors.ts';
import { broken, json, type ScriptedServer, startScriptedServer } from './testing.ts';

const DOWN = { type: 'server_error', code: 'not_ready', detail: 'Not ready.', attr: null };
const IN_USE = { type: 'invalid_request', code: 'idempotency_key_in_use', detail: 'In use.', attr: null };
const THROTTLED = { type: 'throttled_error', code: 'throttled', detail: 'Slow down.', attr: null };

let server: ScriptedServer;
afterEach(() => server.close());

const client = () => createParleyClient({ baseUrl: server.baseUrl, project: 1, retries: 2 });
const createTicket = () => client().tickets.create({ body: { message: 'Hello' } });
const keys = () => server.received.map(({ headers }) => headers['idempotency-key']);

describe('retries', () => {
  it('reads again after a failure, a broken answer and a refusal to serve so many', async () => {
    server = await startScriptedServer([json(503, DOWN), broken(), json(200, { count: 2 })]);
    expect(await client().tickets.unreadCount()).toEqual({ count: 2 });
    expect(server.received).toHaveLength(3);
  });

  it('gives up after the last try', async () => {
    server = await startScriptedServer([json(503, DOWN)]);
    await expect(client().tickets.unreadCount()).rejects.toMatchObject({ status: 503, code: 'not_ready' });
    expect(server.received).toHaveLength(3);
  });

  it('repeats a creation under the same key', async () => {
    server = await startScriptedServer([broken(), json(409, IN_USE), json(201, { id: 't1' })]);
    expect(await createTicket()).toEqual({ id: 't1' });
    expect(new Set(keys()).size).toBe(1);
    expect(keys()).toHaveLength(3);
  });

  it('takes a new key for the next creation, and the one it is given', async () => {
    server = await startScriptedServer([json(201, { id: 't1' })]);
    await createTicket();
    await createTicket();
    await client().tickets.create({ body: {}, idempotencyKey: 'mine' });
    expect(new Set(keys()).size).toBe(3);
    expect(keys()[2]).toBe('mine');
  });

  it('never repeats what might then happen twice', async () => {
    server = await startScriptedServer([json(503, DOWN)]);
    const params = { id: 1 };
    await expect(client().tickets.update({ params, body: {} })).rejects.toMatchObject({ status: 503 });
    await expect(client().tickets.delete({ params })).rejects.toMatchObject({ status: 503 });
    await expect(client().tickets.restore({ params })).rejects.toMatchObject({ status: 503 });
    expect(server.received.map(({ method }) => method)).toEqual(['PATCH', 'DELETE', 'POST']);
  });

  it('does not repeat what is the fault of the request', async () => {
    server = await startScriptedServer([json(404, { ...DOWN, code: 'not_found' })]);
    await expect(client().tickets.unreadCount()).rejects.toMatchObject({ code: 'not_found' });
    expect(server.received).toHaveLength(1);
  });

  it('waits as long as it is asked to', async () => {
    server = await startScriptedServer([
      json(429, THROTTLED, { 'retry-after': '1' }),
      json(200, { count: 0 }),
    ]);
    const started = performance.now();
    await client().tickets.unreadCount();
    expect(performance.now() - started).toBeGreaterThan(950);
  });

  it('does not wait for an hour', async () => {
    server = await startScriptedServer([json(429, THROTTLED, { 'retry-after': '3600' })]);
    await expect(client().tickets.unreadCount()).rejects.toMatchObject({ status: 429, retryAfter: 3600 });
    expect(server.received).toHaveLength(1);
  });

  it('ends the wait when the caller gives up', async () => {
    const giveUp = new AbortController();
    server = await startScriptedServer([
      (response, request) => {
        json(429, THROTTLED, { 'retry-after': '60' })(response, request);
        response.on('close', () => giveUp.abort(new Error('enough')));
      },
    ]);
    await expect(client().tickets.unreadCount({ signal: giveUp.signal })).rejects.toThrow('enough');
    expect(server.received).toHaveLength(1);
  });

  it('tells a caller who gave up from a server that is gone', async () => {
    server = await startScriptedServer([json(200, {})]);
    const { baseUrl } = server;
    await server.close();
    const gone = createParleyClient({ baseUrl, project: 1, retries: 0 });
    await expect(gone.tickets.unreadCount()).rejects.toThrow(ParleyConnectionError);
    await expect(gone.tickets.unreadCount()).rejects.toThrow(/^No answer from http:.*ECONNREFUSED/);
    await expect(gone.tickets.unreadCount({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    );
    server = await startScriptedServer([json(200, {})]);
  });

  it('gives up a try that takes too long', async () => {
    server = await startScriptedServer([() => {}, json(200, { count: 1 })]);
    const impatient = createParleyClient({ baseUrl: server.baseUrl, project: 1, timeoutMs: 100 });
    expect(await impatient.tickets.unreadCount()).toEqual({ count: 1 });
    expect(server.received).toHaveLength(2);
  });
});
