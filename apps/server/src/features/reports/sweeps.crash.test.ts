import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Database } from '@parley/db/database';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { applyTagOperations } from '#features/tags/tag-operations.apply.service.ts';
import type { Parley } from '../../app.ts';
import { createPlace, type Place, startParley } from '../../testing/crash-fixture.ts';
import { SYSTEM } from '../../testing/fixtures.ts';
import { recountReports } from './reports.recount.ts';
import { comparable, heldFigures, projectAll, trueFigures } from './testing.ts';

const CHILD = fileURLToPath(new URL('../../testing/sweep-crash-child.ts', import.meta.url));
const TIMEOUT = 120_000;
const API_KEY = 'prl_test_key_of_the_bootstrap_administrator';
const STEPS = ['begun', 'rows', 'events', 'committed'];

let place: Place | undefined;
afterEach(async () => {
  await place?.drop();
  place = undefined;
});

async function runUntilKilled({ argument }: Place, ...args: string[]): Promise<unknown> {
  const child = spawn(process.execPath, [CHILD, argument, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = await once(child, 'exit');
  return signal;
}

async function inside<T>(
  { open }: Place,
  work: (parts: { database: Database; parley: Parley }) => Promise<T>,
) {
  const database = await open();
  const parley = await startParley(database, ['http']);
  const result = await work({ database, parley });
  await parley.stop();
  await database.close();
  return result;
}

describe('a process killed while it works out figures', () => {
  for (const step of STEPS) {
    it(`leaves each ticket in them once (${step})`, { timeout: TIMEOUT }, async () => {
      place = await createPlace({ changed: true });
      // The first looks for projects that are behind, the second is the step of one.
      expect(await runUntilKilled(place, 'reports', '2', step)).toBe('SIGKILL');
      await inside(place, async (parts) => {
        const { rows } = await sql<{
          seq: number;
        }>`select seq from report_progress where project_id = 1`.execute(parts.database.kysely);
        expect(rows.map(({ seq }) => seq > 0)).toEqual(step === 'committed' ? [true] : []);
        await projectAll(parts);
        const held = comparable(await heldFigures(parts));
        expect(Object.keys(held).length).toBeGreaterThan(0);
        expect(held).toEqual(await trueFigures(parts));
        expect(await recountReports((work) => parts.parley.unitOfWork.run(SYSTEM, work), 1)).toBe(0);
      });
    });
  }
});

describe('a process killed while it renames a tag', () => {
  /** The second unit of work is a batch, the fourth the end. */
  for (const [unit, what] of [
    ['2', 'in a batch'],
    ['4', 'at the end'],
  ] as const) {
    for (const step of STEPS) {
      it(`has its work finished by the next one: ${what} (${step})`, { timeout: TIMEOUT }, async () => {
        place = await createPlace({ changed: false });
        await inside(place, async ({ parley }) => {
          const answer = await parley.api.inject({
            method: 'PATCH',
            url: '/api/projects/1/conversations/tags/lost/',
            headers: { authorization: `Bearer ${API_KEY}` },
            payload: { name: 'found' },
          });
          expect(answer.statusCode).toBe(202);
        });
        expect(await runUntilKilled(place, 'tags', unit, step)).toBe('SIGKILL');
        await inside(place, async ({ database, parley }) => {
          while (await applyTagOperations((work) => parley.unitOfWork.run(SYSTEM, work)));
          const { rows } = await sql`
            select t.tags, t.version, o.state, o.tickets_changed,
              (select array_agg(g.name) from tags g where g.project_id = 1) as names,
              (select count(*)::integer from events e where e.project_id = 1 and e.name = 'tags.finish') as reported
            from tickets t join tag_operations o on o.project_id = t.project_id
            where t.project_id = 1`.execute(database.kysely);
          expect(rows).toEqual([
            { tags: ['found'], version: 2, state: 'done', tickets_changed: 1, names: ['found'], reported: 1 },
          ]);
        });
      });
    }
  }
});
