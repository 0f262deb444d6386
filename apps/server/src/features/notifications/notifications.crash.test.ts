import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Database } from '@parley/db/database';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { sequenceEvents } from '#platform/events/sequencer.ts';
import type { Parley } from '../../app.ts';
import { createPlace, type Place, startParley } from '../../testing/crash-fixture.ts';
import { SYSTEM } from '../../testing/fixtures.ts';
import { projectNotifications } from './notifications.project.service.ts';

const API_KEY = 'prl_test_key_of_the_bootstrap_administrator';
const CHILD = fileURLToPath(new URL('../../testing/notification-crash-child.ts', import.meta.url));
const TIMEOUT = 120_000;

let place: Place | undefined;
afterEach(async () => {
  await place?.drop();
  place = undefined;
});

async function send(parley: Parley, method: 'PATCH' | 'POST', below: string, payload: object): Promise<void> {
  const url = `/api/projects/1/conversations/tickets/1/${below}`;
  const headers = { authorization: `Bearer ${API_KEY}` };
  const answer = await parley.api.inject({ method, url, headers, payload });
  if (answer.statusCode >= 300) throw new Error(answer.body);
}

/** Another member with three things to hear of, numbered, and nobody who has told them. */
async function prepare(): Promise<Place> {
  const made = await createPlace({ changed: false });
  const database = await made.open();
  const parley = await startParley(database, ['http']);
  const { rows } = await sql<{ id: number }>`
    insert into users (email) values ('ana@example.com') returning id`.execute(database.kysely);
  const id = rows[0]?.id ?? 0;
  await sql`
    insert into memberships (organization_id, user_id, level, created_at)
    select organization_id, ${id}, 'member', now() from projects where id = 1`.execute(database.kysely);
  await send(parley, 'PATCH', '', { assignee: { type: 'user', id } });
  for (const text of ['one', 'two'])
    await send(parley, 'POST', 'reply/', { message: `@[Ana](user:${id}) ${text}`, is_private: true });
  await sequenceEvents(database);
  await parley.stop();
  await database.close();
  return made;
}

async function runUntilKilled({ argument }: Place, step: string): Promise<unknown> {
  const child = spawn(process.execPath, [CHILD, argument, step], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [, signal] = await once(child, 'exit');
  return signal;
}

async function told(database: Database): Promise<string[]> {
  const rows = await database.kysely
    .selectFrom('notifications')
    .select(['kind', 'count'])
    .where('project_id', '=', 1)
    .execute();
  return rows.map(({ kind, count }) => `${kind} ${count}`).sort();
}

describe('a process that is killed while it tells people', () => {
  for (const step of ['begun', 'rows', 'committed']) {
    it(`(${step}) neither forgets anybody nor tells twice`, { timeout: TIMEOUT }, async () => {
      place = await prepare();
      expect(await runUntilKilled(place, step)).toBe('SIGKILL');
      const database = await place.open();
      expect(await told(database)).toHaveLength(step === 'committed' ? 3 : 0);
      const parley = await startParley(database, ['http']);
      for (let n = 0; n < 2; n += 1)
        await projectNotifications((work) => parley.unitOfWork.run(SYSTEM, work));
      expect(await told(database)).toEqual(['assigned 1', 'mentioned 1', 'mentioned 1']);
      await parley.stop();
      await database.close();
    });
  }
});
