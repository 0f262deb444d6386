import type { Database } from '@parley/db/database';
import { sql } from 'kysely';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPlace, type Place, runUntilKilled, startParley } from '../testing/crash-fixture.ts';

const TIMEOUT = 180_000;

let place: Place | undefined;
afterEach(async () => {
  await place?.drop();
  place = undefined;
});

/** What one change is made of, counted. */
async function readTraces(database: Database) {
  const { rows } = await sql<{
    tags: string[];
    status: string;
    updates: number;
    statuses: number;
    activities: number;
    jobs: number;
  }>`
    select t.tags, t.status,
      (select count(*) from events e where e.project_id = t.project_id and e.name = 'tickets.update')::integer as updates,
      (select count(*) from events e where e.project_id = t.project_id and e.name = 'tickets.change_status')::integer as statuses,
      (select count(*) from activities a where a.project_id = t.project_id and a.activity = 'updated')::integer as activities,
      (select count(*) from pgboss.job j where j.name = 'tags.clean')::integer as jobs
    from tickets t where t.project_id = 1 and t.ticket_number = 1`.execute(database.kysely);
  return rows[0];
}

async function readVocabulary(database: Database): Promise<string[]> {
  const rows = await database.kysely
    .selectFrom('tags')
    .select('name')
    .where('project_id', '=', 1)
    .orderBy('name')
    .execute();
  return rows.map((row) => row.name);
}

const NOTHING = { tags: ['lost'], status: 'new', updates: 0, statuses: 0, activities: 0, jobs: 0 };
// One activity for the status, one each for the tag that came and the tag that went.
const ALL = { tags: ['kept'], status: 'pending', updates: 1, statuses: 1, activities: 3, jobs: 1 };

describe('a process killed while it changes a ticket', () => {
  for (const step of ['begun', 'rows', 'events', 'jobs']) {
    it(`leaves nothing behind when killed at: ${step}`, { timeout: TIMEOUT }, async () => {
      place = await createPlace({ changed: false });
      expect(await runUntilKilled(place, 'change', step)).toBe('SIGKILL');
      const database = await place.open();
      expect(await readTraces(database)).toEqual(NOTHING);
      await database.close();
    });
  }

  for (const step of ['committed', 'answered']) {
    it(`leaves row, events and job together when killed at: ${step}`, { timeout: TIMEOUT }, async () => {
      place = await createPlace({ changed: false });
      expect(await runUntilKilled(place, 'change', step)).toBe('SIGKILL');
      const database = await place.open();
      expect(await readTraces(database)).toEqual(ALL);
      const parley = await startParley(database, ['worker', 'scheduler']);
      await vi.waitFor(async () => expect(await readVocabulary(database)).toEqual(['kept']), {
        timeout: 20_000,
      });
      await vi.waitFor(async () => expect(await readNumbers(database)).toEqual([1, 2, 3]), {
        timeout: 20_000,
      });
      expect(await readTraces(database)).toEqual(ALL);
      await parley.stop();
      await database.close();
    });
  }
});

/** Numbers of the events: creation, update, status. */
async function readNumbers(database: Database): Promise<(number | null)[]> {
  const rows = await database.kysely
    .selectFrom('events')
    .select('seq')
    .where('project_id', '=', 1)
    .orderBy('id')
    .execute();
  return rows.map((row) => row.seq);
}

/** A dead worker's heartbeat lapses. Time can't be moved on the server, so the heartbeat is. */
async function lapseHeartbeats(database: Database): Promise<void> {
  await sql`update pgboss.job set heartbeat_on = now() - interval '1 hour' where state = 'active'`.execute(
    database.kysely,
  );
}

describe('a worker killed while it handles a job', () => {
  for (const step of ['begun', 'rows', 'committed']) {
    it(`has its job done by the next one when killed at: ${step}`, { timeout: TIMEOUT }, async () => {
      place = await createPlace({ changed: true });
      expect(await runUntilKilled(place, 'job', step)).toBe('SIGKILL');
      const database = await place.open();
      await lapseHeartbeats(database);
      const parley = await startParley(database, ['worker', 'scheduler']);
      await parley.jobs.boss.supervise('tags.clean');
      const states = async () => {
        const { rows } = await sql<{
          state: string;
        }>`select state::text from pgboss.job where name = 'tags.clean'`.execute(database.kysely);
        return rows.map((row) => row.state);
      };
      await vi.waitFor(async () => expect(await states()).toEqual(['completed']), { timeout: 30_000 });
      expect(await readVocabulary(database)).toEqual(['kept']);
      expect(await readTraces(database)).toEqual(ALL);
      await parley.stop();
      await database.close();
    });
  }
});
