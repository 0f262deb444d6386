import { afterAll, beforeAll, expect, it } from 'vitest';
import { runJob } from '#platform/jobs/worker.ts';
import { createLogger } from '#platform/log.ts';
import { cleanAuth } from './auth.jobs.ts';
import { createPeopleApp, organizationOf, type PeopleApp, signIn } from './testing.ts';

let app: PeopleApp;
beforeAll(async () => {
  app = await createPeopleApp();
});
afterAll(() => app.close());

async function clean(): Promise<string[]> {
  await runJob(
    cleanAuth,
    {},
    {
      run: (work) => app.unitOfWork.run({ kind: 'system' }, work),
      log: createLogger('fatal'),
      signal: new AbortController().signal,
    },
  );
  const { kysely } = app.database;
  const attempts = await kysely.selectFrom('login_attempts').select('key').execute();
  const sessions = await kysely.selectFrom('sessions').select('id').execute();
  const invitations = await kysely.selectFrom('invitations').select('email').execute();
  return [
    ...attempts.map(({ key }) => key.split(':')[0] ?? ''),
    ...sessions.map(() => 'session'),
    ...invitations.map(({ email }) => email),
  ].sort();
}

it('auth.clean removes what has expired, and only that', async () => {
  await signIn(app);
  const wrong = { email: 'nobody@example.com', password: 'x' };
  await app.request('POST', '/api/sessions/', { key: null, body: wrong });
  const path = `/api/organizations/${await organizationOf(app)}/invitations/`;
  await app.request('POST', path, { body: { email: 'soon@example.com' } });
  expect(await clean()).toEqual(['account', 'address', 'refused', 'session', 'soon@example.com']);
  app.clock.advance(15 * 60_000);
  expect(await clean()).toEqual(['session', 'soon@example.com']);
  app.clock.advance(7 * 86_400_000);
  expect(await clean()).toEqual(['session']);
  const past = new Date(app.clock.now().getTime() - 1);
  await app.database.kysely.updateTable('sessions').set({ expires_at: past }).execute();
  expect(await clean()).toEqual([]);
});
