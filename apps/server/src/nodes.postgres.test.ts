import { connectPostgres, type Database } from '@parley/db/database';
import { createTestDatabase, type TestDatabase } from '@parley/db/testing';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/log.ts';
import { createParley, type Parley } from './app.ts';
import { parseConfig, type Role } from './config.ts';
import { openStream } from './testing/event-stream.ts';

const KEY = 'prl_key_for_tests_of_several_nodes';
const TICKETS = '/api/projects/1/conversations/tickets/';

let test: TestDatabase;
const nodes: { parley: Parley; database: Database }[] = [];

afterEach(async () => {
  for (const { parley, database } of nodes.splice(0)) {
    await parley.stop();
    await database.close();
  }
  await test.drop();
});

async function startNode(roles: Role[], environment: Record<string, string> = {}): Promise<Parley> {
  const database = await connectPostgres(test.url ?? '', { poolSize: 4 });
  const parsed = parseConfig({
    PARLEY_BOOTSTRAP_API_KEY: KEY,
    LOG_LEVEL: 'fatal',
    PARLEY_RATE_LIMITS: 'off',
    ...environment,
  });
  const config = {
    ...parsed,
    roles: new Set(roles),
    secret: 'a secret of tests that is long enough to be one',
  };
  const parley = await createParley({ config, database, clock: systemClock, log: createLogger('fatal') });
  nodes.push({ parley, database });
  return parley;
}

function call(parley: Parley, method: 'GET' | 'POST', url: string, payload?: object) {
  const headers = { authorization: `Bearer ${KEY}` };
  return parley.api.inject({ method, url, headers, ...(payload ? { payload } : {}) });
}

const redisUrl = inject('redisUrl');
const stores: [string, Record<string, string>][] = [
  ['PostgreSQL alone', {}],
  ...(redisUrl === undefined
    ? []
    : ([['Redis', { REDIS_URL: redisUrl }]] as [string, Record<string, string>][])),
];

describe.each(stores)('two nodes that share %s', (_name, environment) => {
  it('hear of each other’s changes: streams, caches and jobs', { timeout: 60_000 }, async () => {
    test = await createTestDatabase();
    const front = await startNode(['http'], environment);
    const back = await startNode(['http', 'worker', 'scheduler', 'realtime'], environment);
    await back.api.listen({ host: '127.0.0.1', port: 0 });
    const address = back.api.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const reader = await openStream(`http://127.0.0.1:${port}`, KEY);

    const count = async (node: Parley) => (await call(node, 'GET', `${TICKETS}unread_count/`)).json().count;
    expect([await count(front), await count(back)]).toEqual([0, 0]);
    await call(front, 'POST', TICKETS, { message: 'written on the front node', tags: ['unused'] });
    await vi.waitFor(() => expect(reader.events.map((event) => event.event)).toContain('messages.receive'), {
      timeout: 10_000,
    });
    // Cached for 30 s on both nodes, unless the write on one drops it on the other.
    await vi.waitFor(async () => expect([await count(front), await count(back)]).toEqual([1, 1]), {
      timeout: 10_000,
    });

    await front.api.inject({
      method: 'PATCH',
      url: `${TICKETS}1/`,
      headers: { authorization: `Bearer ${KEY}` },
      payload: { tags: [] },
    });
    const tags = async () => (await call(front, 'GET', '/api/projects/1/conversations/tags/')).json().count;
    await vi.waitFor(async () => expect(await tags()).toBe(0), { timeout: 15_000 });
    reader.stop();
  });
});

describe('limits on nodes without a shared store', () => {
  it('divide by the nodes that live', { timeout: 60_000 }, async () => {
    test = await createTestDatabase();
    const limits = { PARLEY_RATE_LIMITS: '{"key": 10}' };
    await startNode(['http'], limits);
    const second = await startNode(['http'], limits);
    const statuses: number[] = [];
    for (let i = 0; i < 8; i += 1) statuses.push((await call(second, 'GET', TICKETS)).statusCode);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  });
});
