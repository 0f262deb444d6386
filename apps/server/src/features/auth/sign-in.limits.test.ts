import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_EMAIL, ADMIN_PASSWORD } from '../../testing/test-app.ts';
import { addColleague, createPeopleApp, type PeopleApp } from './testing.ts';

const QUARTER_HOUR = 15 * 60_000;

let app: PeopleApp;
beforeEach(async () => {
  app = await createPeopleApp();
});
afterEach(() => app.close());

const post = (email: string, password: string) =>
  app.request<{ detail: string }>('POST', '/api/sessions/', { key: null, body: { email, password } });

/** As if there had been so many; each real one costs a tenth of a second. */
async function setAttempts(kind: 'account' | 'address', attempts: number): Promise<void> {
  await app.database.kysely
    .updateTable('login_attempts')
    .set({ attempts })
    .where('key', 'like', `${kind}:%`)
    .execute();
}

function countByStatus(answers: readonly { status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('login limits', () => {
  it('let ten of 200 parallel wrong passwords be looked at', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => post(ADMIN_EMAIL, `wrong ${i}`)));
    expect(countByStatus(answers)).toEqual({ 401: 10, 429: 190 });
    // Not even the right one.
    const right = await post(ADMIN_EMAIL, ADMIN_PASSWORD);
    expect([right.status, right.body]).toMatchObject([
      429,
      { type: 'throttled_error', code: 'throttled', attr: null },
    ]);
    const wait = Number(right.headers['retry-after']);
    expect(wait).toBe(900);
    app.clock.advance(QUARTER_HOUR - 1000);
    expect((await post(ADMIN_EMAIL, ADMIN_PASSWORD)).headers['retry-after']).toBe('1');
    app.clock.advance(1000);
    expect((await post(ADMIN_EMAIL, ADMIN_PASSWORD)).status).toBe(200);
  });

  it('are the same for an address nobody has', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => post('nobody@example.com', 'x')));
    expect(countByStatus(answers)).toEqual({ 401: 10, 429: 20 });
  });

  it('ignore the case of the address', async () => {
    await post(ADMIN_EMAIL.toUpperCase(), 'x');
    await setAttempts('account', 9);
    expect((await post(ADMIN_EMAIL, 'x')).status).toBe(401);
    expect((await post(ADMIN_EMAIL, 'x')).status).toBe(429);
  });

  it('start afresh with the right password', async () => {
    await post(ADMIN_EMAIL, 'x');
    await setAttempts('account', 9);
    expect((await post(ADMIN_EMAIL, ADMIN_PASSWORD)).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(ADMIN_EMAIL, 'x')));
    expect(countByStatus(answers)).toEqual({ 401: 10, 429: 2 });
  });

  it('count per calling address too, without those who signed in', async () => {
    await post('nobody@example.com', 'x');
    await setAttempts('address', 95);
    for (let i = 0; i < 3; i += 1) expect((await post(ADMIN_EMAIL, ADMIN_PASSWORD)).status).toBe(200);
    const answers = await Promise.all(
      Array.from({ length: 15 }, (_, i) => post(`nobody${i}@a.example`, 'x')),
    );
    expect(countByStatus(answers)).toEqual({ 401: 5, 429: 10 });
    // Past its limit, the address no longer uses up the accounts' own.
    for (let i = 0; i < 12; i += 1) expect((await post(ADMIN_EMAIL, 'x')).status).toBe(429);
    await setAttempts('address', 0);
    expect((await post(ADMIN_EMAIL, 'x')).status).toBe(401);
  });

  it('hold for the current password as well', async () => {
    const person = await addColleague(app, 'guessed@example.com');
    const body = { current_password: 'x', new_password: 'long enough' };
    const answers = await Promise.all(
      Array.from({ length: 15 }, () =>
        app.request('POST', '/api/users/@me/password/', { cookie: person.cookie, body }),
      ),
    );
    expect(countByStatus(answers)).toEqual({ 400: 10, 429: 5 });
  });
});
