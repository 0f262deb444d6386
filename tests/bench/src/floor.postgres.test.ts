import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { fill } from './bench.ts';
import { capturePlans, type OperationPlan } from './capture.ts';
import { startFloor } from './floor-process.ts';
import { bodyFor, messageText, OPERATIONS, type Operation, pathFor } from './operations.ts';
import { createBenchDatabase, withClient } from './postgres.ts';
import { API_KEY, type StartedServer, startParley } from './server-process.ts';
import { readTicketPools, type TicketPools } from './tickets.ts';

let databaseUrl: string;
let plans: OperationPlan[];
let pools: TicketPools;
let server: StartedServer;
let floor: StartedServer;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const database = await createBenchDatabase(inject('postgres').url);
  cleanups.push(database.drop);
  databaseUrl = database.url;
  // Proves the seeded counters on its way.
  await fill(databaseUrl, 500);
  pools = await withClient(databaseUrl, readTicketPools);
  plans = await capturePlans(databaseUrl, pools);
  [server, floor] = await Promise.all([startParley({ databaseUrl }), startFloor(databaseUrl, plans)]);
  cleanups.push(server.stop, floor.stop);
}, 120_000);

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** The rows an answer shows, or the one thing it is about. */
async function ask({ url }: StartedServer, operation: Operation, ticket: string | undefined, run: string) {
  const response = await fetch(url + pathFor(operation, ticket), {
    method: operation.method,
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    ...(operation.method === 'POST' ? { body: bodyFor(operation, run, 1) ?? '' } : {}),
  });
  const body = (await response.json()) as { results?: object[] };
  return { status: response.status, shown: { ...(body.results ?? body) } };
}

const reading = OPERATIONS.filter(({ name }) => /^(list|get)/.test(name));

test.each(reading)('the floor answers $name as the server does', async (operation) => {
  const ticket = operation.tickets && pools.take(operation.tickets, 1)[0];
  const expected = await ask(server, operation, ticket, 's');
  const answered = await ask(floor, operation, ticket, 'f');
  // What a request writes, the floor has written once more.
  const version = operation.once ? { version: expect.any(Number) } : {};
  expect(answered).toEqual({ ...expected, shown: { ...expected.shown, ...version } });
});

test('the floor stores replies as the server does', async () => {
  const operation = named('reply');
  const ticket = pools.take('settled', 1)[0];
  const before = await countMessages();
  const answers = [await ask(server, operation, ticket, 's'), await ask(floor, operation, ticket, 'f')];
  expect(answers).toMatchObject([
    { status: 201, shown: { author_type: 'support', content: messageText('s', 1) } },
    { status: 201, shown: { author_type: 'support', content: messageText('f', 1) } },
  ]);
  expect(await countMessages()).toBe(before + 2);
});

test.each([named('create'), named('create with a message')])(
  'the floor does $name as the server does',
  async (operation) => {
    const [made, again] = [
      await ask(server, operation, undefined, 's'),
      await ask(floor, operation, undefined, 'f'),
    ];
    const own = [
      'id',
      'ticket_number',
      'distinct_id',
      'created_at',
      'updated_at',
      'last_message_at',
    ] as const;
    const theirs = Object.fromEntries(
      own.filter((name) => name in made.shown).map((name) => [name, expect.anything()]),
    );
    const text = operation.message ? { last_message_text: messageText('f', 1) } : { last_message_at: null };
    expect([made.status, again.status]).toEqual([201, 201]);
    expect(again.shown).toEqual({ ...made.shown, ...theirs, ...text });
  },
);

test('a figure the server remembers is one the floor remembers', async () => {
  const answer = await ask(floor, named('unread count'), undefined, '');
  expect(answer).toEqual({ status: 200, shown: { count: expect.any(Number) } });
});

function named(name: string): Operation {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (!operation) throw new Error(`No operation is called ${name}.`);
  return operation;
}

async function countMessages(): Promise<number> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ n: number }>('select count(*)::integer as n from messages'),
  );
  return rows[0]?.n ?? 0;
}

test('each operation is recorded with its authentication and its transaction', () => {
  const texts = plans.map(({ steps }) => steps.map((step) => step.map(({ text }) => text)));
  // A connection on which something was planned anew before is set back first.
  const asked = (step: string[] = []) => step.filter((text) => !text.startsWith('set plan_cache_mode'));
  for (const steps of texts) expect(asked(steps[0])).toEqual([expect.stringContaining('from api_keys')]);
  const reply = texts[OPERATIONS.indexOf(named('reply'))]?.at(-1) ?? [];
  expect([reply[0], reply.at(-1)]).toEqual(['begin', 'commit']);
  expect(reply.join('\n')).toMatch(/insert into messages.*insert into "events"/s);
});
