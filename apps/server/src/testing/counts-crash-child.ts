import { connectPostgres, type Database, openEmbedded } from '@parley/db/database';
import { sql } from 'kysely';
import { applyTagOperations } from '#features/tags/tag-operations.apply.service.ts';
import { foldTicketCounts } from '#features/ticket-counts/ticket-counts.fold.ts';
import { wakeSnoozedTickets } from '#features/tickets/tickets.wake.ts';
import { systemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/log.ts';
import type { CommitStep, Uow } from '#platform/unit-of-work.ts';
import { createParley } from '../app.ts';
import { parseConfig } from '../config.ts';

/**
 * Does random things to tickets and kills itself at a given step of its n-th unit of work. Arguments: database (URL or
 * folder), seed, n, step. Run by ticket-counts.crash.test.ts.
 */
const API_KEY = 'prl_test_key_of_the_bootstrap_administrator';
const [place = '', seed = '', unit = '', step = ''] = process.argv.slice(2);
const database: Database = place.startsWith('postgres')
  ? await connectPostgres(place, { poolSize: 4 })
  : await openEmbedded(place);
let begun = Number.NEGATIVE_INFINITY;
const parley = await createParley({
  config: {
    ...parseConfig({ PARLEY_BOOTSTRAP_API_KEY: API_KEY, PARLEY_RATE_LIMITS: 'off', LOG_LEVEL: 'fatal' }),
    secret: 'a secret of tests that is long enough to be one',
    roles: new Set(['http'] as const),
  },
  database,
  clock: systemClock,
  log: createLogger('fatal'),
  probe: (reached: CommitStep) => {
    if (reached === 'begun') begun += 1;
    if (begun >= Number(unit) && reached === step) process.kill(process.pid, 'SIGKILL');
  },
});
// What comes before belongs to the start.
begun = 0;

/** A linear congruence: the same seed does the same things. */
let state = Number(seed);
function below(limit: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return Math.floor((state / 2 ** 31) * limit);
}
const one = <T>(values: readonly [T, ...T[]]): T => values[below(values.length)] ?? values[0];

const PROJECT = '/api/projects/1/conversations/';
async function send(method: 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object): Promise<void> {
  const headers = { authorization: `Bearer ${API_KEY}` };
  const url = `${PROJECT}${path}`;
  const answer = await parley.api.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  if (answer.statusCode >= 500) throw new Error(`${method} ${path} answered ${answer.statusCode}`);
}
const system = <T>(work: (uow: Uow) => Promise<T>) => parley.unitOfWork.run({ kind: 'system' }, work);

async function pick(): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select id from tickets where project_id = 1 order by ticket_number`.execute(database.kysely);
  return rows[below(rows.length)]?.id ?? '';
}

const tag = () => one(['a', 'b', 'c', 'd']);
const status = () => one(['new', 'open', 'pending', 'on_hold', 'resolved']);
const OPERATIONS = [
  () => send('POST', 'tickets/', { message: 'hello', tags: [tag()], status: status() }),
  async () => send('PATCH', `tickets/${await pick()}/`, { status: status(), tags: [tag(), tag()] }),
  async () =>
    send('POST', 'tickets/bulk_update/', {
      ids: [await pick(), await pick()],
      status: status(),
      tags: [tag()],
    }),
  async () => send('POST', 'tickets/bulk_update/', { ids: [await pick(), await pick()], delete: true }),
  async () =>
    send('POST', `tickets/${await pick()}/merge/`, { target: await pick(), allow_different_customers: true }),
  async () => send('POST', `tickets/${await pick()}/unmerge/`),
  async () => send('POST', `tickets/${await pick()}/restore/`),
  async () => send('POST', `tickets/${await pick()}/read/`),
  () => send('PATCH', `tags/${tag()}/`, { name: tag() }),
  () => send('POST', 'tags/merge/', { from: [tag()], into: tag() }),
  () => send('DELETE', `tags/${tag()}/`),
  async () =>
    send('POST', 'tickets/bulk_update/', { ids: [await pick()], snoozed_until: '2026-01-01T00:00:00Z' }),
  async () => void (await system(wakeSnoozedTickets)),
  async () => void (await applyTagOperations(system)),
  async () => void (await system(foldTicketCounts)),
] as const;
// A third of them makes tickets, so that there are some to do things to.
const [create] = OPERATIONS;
for (;;) await one([create, create, create, create, ...OPERATIONS])();
