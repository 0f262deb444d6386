import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Database } from '@parley/db/database';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLogger } from '#platform/log.ts';
import { createParley, type Parley } from '../../app.ts';
import { parseConfig, type Role } from '../../config.ts';
import { createPlace, type Place } from '../../testing/crash-fixture.ts';
import { ManualClock } from '../../testing/test-app.ts';
import { answer, type Receiver, startReceiver } from './testing.ts';
import { LEASE_MS } from './webhooks.claim.ts';

const API_KEY = 'prl_test_key_of_the_bootstrap_administrator';
const CHILD = fileURLToPath(new URL('../../testing/webhook-crash-child.ts', import.meta.url));
const TIMEOUT = 120_000;

let receiver: Receiver;
let place: Place | undefined;
let child: ChildProcess | undefined;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
afterEach(async () => {
  child?.kill('SIGKILL');
  await place?.drop();
  place = undefined;
});

function start(database: Database, roles: readonly Role[], clock: ManualClock): Promise<Parley> {
  const environment = { PARLEY_RATE_LIMITS: 'off', LOG_LEVEL: 'fatal', PARLEY_OUTBOUND_ALLOW: '127.0.0.1' };
  const config = { ...parseConfig(environment), secret: 'a secret of tests that is long enough to be one' };
  return createParley({
    config: { ...config, roles: new Set(roles) },
    database,
    clock,
    log: createLogger('fatal'),
  });
}

async function post(parley: Parley, path: string, payload: object): Promise<void> {
  const headers = { authorization: `Bearer ${API_KEY}` };
  const response = await parley.api.inject({
    method: 'POST',
    url: `/api/projects/1/${path}`,
    headers,
    payload,
  });
  if (response.statusCode !== 201) throw new Error(response.body);
}

const deliveries = (database: Database) =>
  database.kysely.selectFrom('webhook_deliveries').select(['id', 'state']).execute();

const untilNumbered = (database: Database) =>
  vi.waitFor(
    async () => {
      const { rows } = await sql`select 1 from events where seq is null`.execute(database.kysely);
      expect(rows).toEqual([]);
    },
    { timeout: 10_000 },
  );

/** A numbered event that a webhook waits for, and nothing else to do. */
async function prepare(endpoint: string): Promise<Place> {
  const made = await createPlace({ changed: false });
  const database = await made.open();
  const parley = await start(database, ['http', 'scheduler'], new ManualClock(new Date()));
  await untilNumbered(database);
  await post(parley, 'webhooks/', { url: `${receiver.origin}${endpoint}`, events: ['tickets.create'] });
  await post(parley, 'conversations/tickets/', {});
  await untilNumbered(database);
  await parley.stop();
  await sql`delete from pgboss.job`.execute(database.kysely);
  await database.close();
  return made;
}

async function runUntilKilled({ argument }: Place, unit: string, step: string): Promise<unknown> {
  child = spawn(process.execPath, [CHILD, argument, unit, step], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [, signal] = await once(child, 'exit');
  return signal;
}

/** Another process, when the lease of the dead one has lapsed. */
async function recover({ open }: Place): Promise<Awaited<ReturnType<typeof deliveries>>> {
  const database = await open();
  const clock = new ManualClock(new Date(Date.now() + 2 * LEASE_MS));
  const parley = await start(database, ['http', 'worker'], clock);
  await vi.waitFor(
    async () => expect((await deliveries(database)).map(({ state }) => state)).toEqual(['delivered']),
    { timeout: 20_000 },
  );
  const rows = await deliveries(database);
  await parley.stop();
  await database.close();
  return rows;
}

const UNITS = ['', 'makes a delivery', 'claims it', 'records how it went'] as const;

describe('a process that is killed', () => {
  for (const unit of [1, 2, 3] as const) {
    for (const step of ['begun', 'rows', 'committed']) {
      it(`when it ${UNITS[unit]} (${step}) loses nothing`, { timeout: TIMEOUT }, async () => {
        const endpoint = `/${unit}-${step}`;
        place = await prepare(endpoint);
        expect(await runUntilKilled(place, String(unit), step)).toBe('SIGKILL');
        const [delivery] = await recover(place);
        const ids = receiver.received(endpoint).map(({ headers }) => headers['webhook-id']);
        expect(new Set(ids)).toEqual(new Set([delivery?.id]));
        // Only what was posted and not yet recorded is posted again.
        expect(ids).toHaveLength(unit === 3 && step !== 'committed' ? 2 : 1);
      });
    }
  }

  it('before it has an answer loses nothing either', { timeout: TIMEOUT }, async () => {
    place = await prepare('/unanswered');
    receiver.behave('/unanswered', () => {
      receiver.behave('/unanswered', answer(204));
      child?.kill('SIGKILL');
    });
    expect(await runUntilKilled(place, '0', 'never')).toBe('SIGKILL');
    const [delivery] = await recover(place);
    const ids = receiver.received('/unanswered').map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([delivery?.id, delivery?.id]);
  });
});
