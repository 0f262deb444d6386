import { defineRoute } from '@parley/contract/route';
import { JsonObject } from '@parley/contract/schemas';
import { afterEach, expect, expectTypeOf, it } from 'vitest';
import { createParleyClient } from './client.ts';
import type { Download } from './download.ts';
import { ParleyConnectionError } from './errors.ts';
import { type Answer, json, type ScriptedServer, startScriptedServer } from './testing.ts';

const things = defineRoute({
  id: 'things.export',
  method: 'GET',
  path: '/api/things/',
  summary: 'Export things',
  credentials: 'any',
  produces: ['application/x-ndjson', 'text/csv'],
  responses: { 200: JsonObject },
});

let server: ScriptedServer;
afterEach(() => server.close());

const open = (options: { signal?: AbortSignal; timeoutMs?: number } = {}) => {
  const { signal, timeoutMs = 5000 } = options;
  const client = createParleyClient({ baseUrl: server.baseUrl, apiKey: 'prl_x', timeoutMs });
  return client.call(things, { signal });
};

function file(type: string, parts: readonly string[], ending: 'end' | 'break' | 'open' = 'end'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': type, 'content-disposition': 'attachment; filename="t.x"' });
    for (const part of parts) response.write(part);
    if (ending === 'end') response.end();
    if (ending === 'break') response.socket?.destroySoon();
  };
}

const ndjson = (parts: readonly string[], ending?: 'end' | 'break' | 'open') =>
  file('application/x-ndjson; charset=utf-8', parts, ending);

async function read(rows: AsyncIterable<{ id?: unknown }>, seen: unknown[] = []): Promise<unknown[]> {
  for await (const { id } of rows) seen.push(id);
  return seen;
}

it('gives the rows as they come, however the bytes are cut', async () => {
  server = await startScriptedServer([ndjson(['{"id":1}\n{"i', 'd":2}\r\n\n{"id":3}'])]);
  const download = await open();
  expectTypeOf(download).toEqualTypeOf<Download<Record<string, unknown>>>();
  expect(download).toMatchObject({ contentType: 'application/x-ndjson', filename: 't.x' });
  expect(await read(download)).toEqual([1, 2, 3]);
  expect(server.received[0]?.headers.accept).toBe('application/x-ndjson, text/csv, application/json');
});

it('gives a table as text, and does not take it for rows', async () => {
  server = await startScriptedServer([file('text/csv', ['id,name\n', '1,"ä"\n'])]);
  expect(await (await open()).text()).toBe('id,name\n1,"ä"\n');
  await expect(read(await open())).rejects.toThrow('text/csv');
});

it('says that a file broke off, after the rows that came', async () => {
  server = await startScriptedServer([ndjson(['{"id":1}\n', '{"id":'], 'break')]);
  const seen: unknown[] = [];
  await expect(read(await open(), seen)).rejects.toThrow(ParleyConnectionError);
  expect(seen).toEqual([1]);
});

it('does not wait for ever, and takes silence for no end', async () => {
  server = await startScriptedServer([ndjson(['{"id":1}\n'], 'open')]);
  const seen: unknown[] = [];
  await expect(read(await open({ timeoutMs: 100 }), seen)).rejects.toThrow(ParleyConnectionError);
  expect(seen).toEqual([1]);
});

it('ends with the reason of the caller who gives up', async () => {
  server = await startScriptedServer([ndjson(['{"id":1}\n'], 'open')]);
  const giveUp = new AbortController();
  const reading = async () => {
    for await (const _ of await open({ signal: giveUp.signal })) giveUp.abort(new Error('enough'));
  };
  await expect(reading()).rejects.toThrow('enough');
});

it('throws a refusal before the first byte, and tries again where that helps', async () => {
  const away = { type: 'server_error', code: 'not_ready', detail: 'Starting.', attr: null };
  const denied = { ...away, code: 'permission_denied' };
  server = await startScriptedServer([json(503, away), ndjson(['{"id":1}\n']), json(403, denied)]);
  expect(await read(await open())).toEqual([1]);
  await expect(open()).rejects.toMatchObject({ code: 'permission_denied' });
  expect(server.received).toHaveLength(3);
});
