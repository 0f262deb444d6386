import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { openStream, type StreamReader } from '../../testing/event-stream.ts';
import { addAdminKey } from '../../testing/fixtures.ts';
import { API_KEY, createTestApp, type TestApp } from '../../testing/test-app.ts';

const PATH = '/api/projects/1/events/stream/';

let app: TestApp;
let url: string;
const open: StreamReader[] = [];
beforeAll(async () => {
  app = await createTestApp({
    roles: ['http', 'realtime'],
    environment: { PARLEY_RATE_LIMITS: '{"streams": 2}' },
  });
  url = await app.listen();
});
afterEach(() => {
  for (const reader of open.splice(0)) reader.stop();
});
afterAll(() => app.close());

async function follow(key = API_KEY): Promise<StreamReader> {
  const reader = await openStream(url, key);
  open.push(reader);
  return reader;
}
async function refused(key = API_KEY): Promise<Response> {
  const response = await fetch(`${url}${PATH}`, { headers: { authorization: `Bearer ${key}` } });
  if (response.status === 200) await response.body?.cancel();
  return response;
}

it('a caller has so many streams, then 429; another one has its own, and a closed one makes room', async () => {
  const first = await follow();
  await follow();
  const answer = await refused();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '10']);
  expect(await answer.json()).toMatchObject({ code: 'throttled', type: 'throttled_error' });
  await follow(await addAdminKey(app, ['ticket:read']));
  first.stop();
  await vi.waitFor(async () => expect((await refused()).status).toBe(200));
});

it('gives back the place of whoever goes while the stream is being opened', async () => {
  for (let n = 0; n < 10; n += 1) {
    const abort = new AbortController();
    const opening = fetch(`${url}${PATH}`, {
      signal: abort.signal,
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    setImmediate(() => abort.abort());
    await opening.then((response) => response.body?.cancel()).catch(() => {});
  }
  await vi.waitFor(async () => expect((await refused()).status).toBe(200));
  await vi.waitFor(async () => {
    const { text } = await app.request('GET', '/metrics');
    expect(/^parley_stream_clients (\d+)$/m.exec(text)?.[1]).toBe('0');
  });
  await follow();
  await follow();
  expect((await refused()).status).toBe(429);
});
