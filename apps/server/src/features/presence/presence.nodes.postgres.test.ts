import type { Presence } from '@parley/contract/presence';
import { connectPostgres, type Database } from '@parley/db/database';
import { createTestDatabase, type TestDatabase } from '@parley/db/testing';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/log.ts';
import { createParley, type Parley } from '../../app.ts';
import { parseConfig, type Role } from '../../config.ts';
import { openStream, type StreamReader } from '../../testing/event-stream.ts';

const KEY = 'prl_key_for_tests_of_several_nodes';
const TICKETS = '/api/projects/1/conversations/tickets/';

let test: TestDatabase;
let reader: StreamReader | undefined;
const nodes: { parley: Parley; database: Database }[] = [];
afterEach(async () => {
  reader?.stop();
  for (const { parley, database } of nodes.splice(0)) {
    await parley.stop();
    await database.close();
  }
  await test.drop();
});

async function startNode(roles: Role[], environment: Record<string, string>): Promise<Parley> {
  const database = await connectPostgres(test.url ?? '', { poolSize: 4 });
  const shared = { PARLEY_BOOTSTRAP_API_KEY: KEY, LOG_LEVEL: 'fatal', PARLEY_RATE_LIMITS: 'off' };
  const config = {
    ...parseConfig({ ...shared, ...environment }),
    roles: new Set(roles),
    secret: 'a secret of tests that is long enough to be one',
  };
  const parley = await createParley({ config, database, clock: systemClock, log: createLogger('fatal') });
  nodes.push({ parley, database });
  return parley;
}

async function call<T>(
  parley: Parley,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH',
  url: string,
  payload?: object,
): Promise<T> {
  const headers = { authorization: `Bearer ${KEY}` };
  const answer = await parley.api.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  if (answer.statusCode >= 300) throw new Error(answer.body);
  return answer.json();
}

async function urlOf(parley: Parley): Promise<string> {
  await parley.api.listen({ host: '127.0.0.1', port: 0 });
  const address = parley.api.server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

const redisUrl = inject('redisUrl');
const stores: [string, Record<string, string>][] = [
  ['PostgreSQL alone', {}],
  ...(redisUrl === undefined ? [] : ([['Redis', { REDIS_URL: redisUrl }]] as typeof stores)),
];

describe.each(stores)('nodes that share %s', (_name, environment) => {
  it('know who is on the other one, and tell their streams', { timeout: 60_000 }, async () => {
    test = await createTestDatabase();
    const front = await startNode(['http'], environment);
    const back = await startNode(['http', 'realtime'], environment);
    const streams = await urlOf(back);
    reader = await openStream(streams, KEY);
    const watched = reader;
    const { id } = await call<{ id: string }>(front, 'POST', TICKETS, {});
    const path = `${TICKETS}${id}/presence/`;
    const say = (state: string) => call(front, 'PUT', path, { state, client_id: 'desk' });
    const seen = async (node: Parley) =>
      (await call<{ results: Presence[] }>(node, 'GET', path)).results.map(({ state }) => state);
    const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000 });

    await say('viewing');
    expect(await seen(front)).toEqual(['viewing']);
    await until(async () => expect(await seen(back)).toEqual(['viewing']));
    await say('typing');
    await until(async () => expect(await seen(back)).toEqual(['typing']));
    await until(() =>
      expect(
        watched.events.filter(({ event }) => event === 'presence').map(({ data }) => data.state),
      ).toEqual(['viewing', 'typing']),
    );
    // The stream is on one node; who heard the heartbeats was the other one.
    const own = await openStream(streams, KEY, undefined, 'desk');
    await until(() => expect(own.events).toHaveLength(1));
    own.stop();
    await until(async () => expect(await seen(front)).toEqual([]));
  });

  it('tell a user of their notifications wherever the stream is', { timeout: 60_000 }, async () => {
    test = await createTestDatabase();
    const front = await startNode(['http', 'scheduler'], environment);
    const back = await startNode(['http', 'realtime'], environment);
    reader = await openStream(await urlOf(back), KEY);
    const watched = reader;
    const { id } = await call<{ id: string }>(front, 'POST', TICKETS, { message: 'Hi' });
    await call(front, 'POST', `${TICKETS}${id}/unread/`, {});
    await vi.waitFor(
      () =>
        expect(watched.events.filter(({ event }) => event === 'personal').map(({ data }) => data)).toEqual([
          { name: 'tickets.mark_unread', ticket_id: id },
        ]),
      { timeout: 15_000 },
    );
  });
});
