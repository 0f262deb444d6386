import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import { createPlace, type Place, startParley } from '../../testing/crash-fixture.ts';
import { SYSTEM } from '../../testing/fixtures.ts';
import { foldTicketCounts } from './ticket-counts.fold.ts';
import { recountTickets } from './ticket-counts.recount.ts';

const CHILD = fileURLToPath(new URL('../../testing/counts-crash-child.ts', import.meta.url));

let place: Place | undefined;
afterEach(async () => {
  await place?.drop();
  place = undefined;
});

it('the counters equal a recount after random operations whose processes were killed', async () => {
  place = await createPlace({ changed: false });
  const seed = Math.floor(Math.random() * 2 ** 30);
  for (const [round, step] of ['rows', 'events', 'begun', 'committed', 'rows'].entries()) {
    const unit = String(10 + ((seed >> round) % 20));
    const args = [CHILD, place.argument, String(seed + round), unit, step];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const [, signal] = await once(child, 'exit');
    expect([seed, round, signal]).toEqual([seed, round, 'SIGKILL']);
  }
  const database = await place.open();
  const parley = await startParley(database, ['http']);
  const run = <T>(work: Parameters<typeof parley.unitOfWork.run<T>>[1]) =>
    parley.unitOfWork.run(SYSTEM, work);
  const { rows } = await sql`select 1 from tickets`.execute(database.kysely);
  expect(rows.length).toBeGreaterThan(5);
  expect([seed, await run((uow) => recountTickets(uow, 1))]).toEqual([seed, 0]);
  while ((await run(foldTicketCounts)) > 0);
  expect([seed, await run((uow) => recountTickets(uow, 1))]).toEqual([seed, 0]);
  await parley.stop();
  await database.close();
}, 180_000);
