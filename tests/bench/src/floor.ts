import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pg from 'pg';
import type { OperationPlan } from './capture.ts';
import { splitPath } from './operations.ts';
import { createFiller, type PlannedStatement, type Step } from './plan.ts';

/**
 * The least a server can do: the same statements in the same transactions as the real one, and nothing else. It checks
 * neither credentials nor input. Run by the benchmark as a process of its own.
 */

/** As many connections as the server's pool has. */
const POOL_SIZE = 10;

/** Numbers of the floor's own tickets: far above the server's, which takes its own from a counter in the database. */
let lastNumber = 1_500_000_000;

interface Row {
  json?: string;
}

type Filler = ReturnType<typeof createFiller>;
type Queryable = Pick<pg.Pool | pg.PoolClient, 'query'>;

const { DATABASE_URL = '', PLANS = '', HOST = '127.0.0.1', PORT = '0' } = process.env;
// The benchmark has just written this file.
const plans = JSON.parse(await readFile(PLANS, 'utf8')) as OperationPlan[];
const planOf = new Map(plans.map((plan) => [`${plan.method} ${plan.path}`, plan]));
const pool = new pg.Pool({
  connectionString: DATABASE_URL,
  max: POOL_SIZE,
  // Planned as the server has its statements planned.
  options: '-c jit=off -c timezone=UTC -c plan_cache_mode=force_generic_plan',
});

async function runStatement(target: Queryable, statement: PlannedStatement, fill: Filler): Promise<Row[]> {
  const { name, text, values } = statement;
  const query = { text, values: values.map(fill), ...(name ? { name } : {}) };
  return (await target.query<Row>(query)).rows;
}

/** The last rows that hold JSON are the answer. */
function later(rows: Row[], found: Row[]): Row[] {
  return found[0]?.json === undefined ? rows : found;
}

async function runStep(step: Step, fill: Filler): Promise<Row[]> {
  const [single] = step;
  if (step.length === 1 && single) return runStatement(pool, single, fill);
  const client = await pool.connect();
  let rows: Row[] = [];
  try {
    for (const statement of step) {
      rows = later(rows, await runStatement(client, statement, fill));
    }
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
  return rows;
}

function answerOf(plan: OperationPlan, rows: readonly Row[]): string {
  if (plan.isPage)
    return `{"count":${rows.length},"next":null,"results":[${rows.map((row) => row.json).join(',')}]}`;
  return rows[0]?.json ?? plan.body;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (request.method !== 'POST') return undefined;
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const body = JSON.parse(text) as { message?: string };
  return body.message;
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { path, ticket } = splitPath(request.url ?? '');
  if (path === '/_ready') return void response.end();
  const plan = planOf.get(`${request.method} ${path}`);
  if (!plan) return void response.writeHead(404).end();
  const fill = createFiller(ticket, await readBody(request), () => ++lastNumber);
  let rows: Row[] = [];
  for (const step of plan.steps) {
    rows = later(rows, await runStep(step, fill));
  }
  const body = answerOf(plan, rows);
  response.writeHead(plan.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    response.writeHead(500).end();
  });
});
server.listen(Number(PORT), HOST);
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void pool.end();
});
