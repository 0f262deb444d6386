import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { describeMachine } from './machine.ts';
import { createBenchDatabase, withClient } from './postgres.ts';
import { residentMegabytes } from './process-figures.ts';
import { API_KEY, type StartedServer, startParley } from './server-process.ts';
import { percentile } from './statistics.ts';
import { openStreams } from './widget-streams.ts';

const USAGE =
  'Usage: npm run bench:widget -- [--streams N (5000)] [--seconds N (10)] [--connections N (16)]\n';
const BARS = { p99Ms: 250, kilobytes: 40, messagesPerSecond: 1500 };
const REPLIES_PER_SECOND = 50;

interface Options {
  streams: number;
  seconds: number;
  connections: number;
}

interface Visitor {
  session: string;
  ticketId: string;
}

function readOptions(): Options {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ options: { streams: text, seconds: text, connections: text } });
    const whole = (value: string | undefined, usual: number) => {
      const number = Number(value ?? usual);
      if (!Number.isInteger(number) || number < 1) throw new Error('Numbers must be whole, from 1.');
      return number;
    };
    return {
      streams: whole(values.streams, 5000),
      seconds: whole(values.seconds, 10),
      connections: whole(values.connections, 16),
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(1);
  }
}

/** What many visitors send at once: each opens a ticket, or writes on in theirs. */
function measureIntake(
  { url }: StartedServer,
  token: string,
  { seconds, connections }: Options,
  visitors: readonly Visitor[],
): Promise<{ perSecond: number; p99: number; failed: number }> {
  const latencies: number[] = [];
  let next = 0;
  const setupRequest = (one: autocannon.Request) => {
    next += 1;
    return { ...one, body: JSON.stringify(messageOf(next, visitors[next % Math.max(1, visitors.length)])) };
  };
  const path = '/api/conversations/v1/widget/message';
  const { promise, resolve, reject } = Promise.withResolvers<{
    perSecond: number;
    p99: number;
    failed: number;
  }>();
  const instance = autocannon(
    {
      url,
      connections,
      duration: seconds,
      sampleInt: 50,
      headers: { 'content-type': 'application/json', 'x-conversations-token': token },
      requests: [{ method: 'POST', path, setupRequest }],
    },
    (error, { errors, timeouts, non2xx }) => {
      if (error) return reject(error);
      const p99 = percentile(Float64Array.from(latencies).sort(), 0.99);
      resolve({ perSecond: latencies.length / seconds, p99, failed: errors + timeouts + non2xx });
    },
  );
  instance.on('response', (_client, _status, _bytes, milliseconds) => void latencies.push(milliseconds));
  return promise;
}

/** As the published client sends it. */
function messageOf(number: number, visitor: Visitor | undefined): object {
  const session = visitor?.session ?? randomUUID();
  return {
    message: `Where is my order ${number}?`,
    distinct_id: session,
    widget_session_id: session,
    ticket_id: visitor?.ticketId ?? null,
    traits: { name: null, email: null },
    session_context: { current_url: 'https://shop.example/cart' },
  };
}

async function makeVisitors({ url }: StartedServer, token: string, count: number): Promise<Visitor[]> {
  const visitors: Visitor[] = [];
  const make = async () => {
    const session = randomUUID();
    const response = await fetch(`${url}/api/conversations/v1/widget/message`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-conversations-token': token },
      body: JSON.stringify({ message: 'Hello', distinct_id: session, widget_session_id: session }),
    });
    const { ticket_id } = (await response.json()) as { ticket_id: string };
    visitors.push({ session, ticketId: ticket_id });
  };
  while (visitors.length < count) await Promise.all(Array.from({ length: 16 }, make));
  return visitors.slice(0, count);
}

/** Replies of the team to visitors at random: how long each takes from being asked for to the visitor's stream. */
async function measureDelivery(
  server: StartedServer,
  token: string,
  visitors: readonly Visitor[],
  seconds: number,
) {
  await delay(2000);
  const before = residentMegabytes(server.pid) ?? 0;
  const streams = await openStreams(
    server.url,
    token,
    visitors.map(({ session }) => session),
  );
  await delay(2000);
  const after = residentMegabytes(server.pid) ?? 0;
  const askedAt = new Map<number, number>();
  const times: number[] = [];
  streams.onArrival(({ stream, at, event }) => {
    const started = askedAt.get(stream);
    if (event !== 'message' || started === undefined) return;
    askedAt.delete(stream);
    times.push(at - started);
  });
  const total = REPLIES_PER_SECOND * seconds;
  for (let sent = 0; sent < total; sent += 1) {
    const index = Math.floor((sent * visitors.length) / total);
    askedAt.set(index, performance.now());
    const path = `/api/projects/1/conversations/tickets/${visitors[index]?.ticketId}/reply/`;
    void fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({ message: `Answer ${sent}` }),
    }).then((response) => response.text());
    await delay(1000 / REPLIES_PER_SECOND);
  }
  await delay(2000);
  const most = residentMegabytes(server.pid) ?? 0;
  const open = streams.count();
  streams.close();
  const sorted = Float64Array.from(times).sort();
  return {
    open,
    missing: total - times.length,
    kilobytes: ((after - before) * 1024) / visitors.length,
    most,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
  };
}

const options = readOptions();
const database = await createBenchDatabase(process.env.PARLEY_BENCH_POSTGRES_URL || undefined);
try {
  const machine = await withClient(database.url, describeMachine);
  const server = await startParley({ databaseUrl: database.url });
  try {
    const { rows } = await withClient(database.url, (client) =>
      client.query<{ widget_token: string }>('select widget_token from projects where id = 1'),
    );
    const token = rows[0]?.widget_token ?? '';
    const none: Visitor[] = [];
    const visitors = await makeVisitors(server, token, options.streams);
    // As autovacuum would within a minute: plans that were made for empty tables are good for those alone.
    await withClient(database.url, (client) => client.query('vacuum analyze'));
    const opening = await measureIntake(server, token, options, none);
    const writing = await measureIntake(server, token, options, visitors);
    const delivery = await measureDelivery(server, token, visitors, options.seconds);
    const bar = (isMet: boolean) => (isMet ? 'met' : 'MISSED');
    const lines = [
      `${JSON.stringify(machine)}`,
      '',
      '| figure | measured | wanted | |',
      '|---|---|---|---|',
      `| messages that open a ticket, ${options.connections} connections | ${opening.perSecond.toFixed(0)}/s, p99 ${opening.p99.toFixed(0)} ms, ${opening.failed} failed | | |`,
      `| messages to a ticket, ${options.connections} connections | ${writing.perSecond.toFixed(0)}/s, p99 ${writing.p99.toFixed(0)} ms, ${writing.failed} failed | >= ${BARS.messagesPerSecond}/s | ${bar(writing.perSecond >= BARS.messagesPerSecond)} |`,
      `| open streams | ${delivery.open} | ${options.streams} | ${bar(delivery.open === options.streams)} |`,
      `| memory of a stream | ${delivery.kilobytes.toFixed(1)} kB (process ${delivery.most.toFixed(0)} MB) | <= ${BARS.kilobytes} kB | ${bar(delivery.kilobytes <= BARS.kilobytes)} |`,
      `| reply until it is on the stream, ${REPLIES_PER_SECOND}/s | p50 ${delivery.p50.toFixed(1)} ms, p99 ${delivery.p99.toFixed(1)} ms, ${delivery.missing} missing | p99 <= ${BARS.p99Ms} ms | ${bar(delivery.p99 <= BARS.p99Ms && delivery.missing === 0)} |`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    await server.stop();
  }
} finally {
  await database.drop();
}
