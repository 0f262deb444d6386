import type { Invitation } from '@parley/contract/invitations';
import type { Member } from '@parley/contract/organizations';
import type { CurrentUser } from '@parley/contract/people';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addColleague,
  addStranger,
  cookieOf,
  createPeopleApp,
  organizationOf,
  type PeopleApp,
  signIn,
} from '#features/auth/testing.ts';
import { ADMIN_EMAIL } from '../../testing/test-app.ts';

type NewInvitation = Invitation & { token: string; link: string };

let app: PeopleApp;
let organization: string;
let path: string;
beforeAll(async () => {
  app = await createPeopleApp();
  organization = `/api/organizations/${await organizationOf(app)}/`;
  path = `${organization}invitations/`;
});
afterAll(() => app.close());

async function invite(email: string, level = 'member'): Promise<NewInvitation> {
  const made = await app.request<NewInvitation>('POST', path, { body: { email, level } });
  expect(made.status).toBe(201);
  return made.body;
}

const accept = (body: unknown) =>
  app.request<CurrentUser>('POST', '/api/invitations/accept/', { key: null, body });

const NO_INVITATION = { attr: 'token', code: 'does_not_exist' };

describe('invitations', () => {
  it('are shown with their link once, and stored as a hash', async () => {
    const made = await invite('New.Person@Example.com');
    expect(made).toMatchObject({
      email: 'new.person@example.com',
      level: 'member',
      expires_at: '2026-03-09T10:00:00.000Z',
    });
    expect(made.token).toMatch(/^pin_[\w-]{43}$/);
    expect(made.link).toBe(`http://localhost/accept-invitation#${made.token}`);
    const list = await app.request<PageOf<Invitation>>('GET', path);
    expect(list.body.results.map(({ id }) => id)).toEqual([made.id]);
    expect(list.text).not.toContain(made.token);
    const rows = await app.database.kysely.selectFrom('invitations').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(made.token);
  });

  it('make a user and a member, and sign in', async () => {
    const { token } = await invite('joins@example.com', 'admin');
    const answer = await accept({ token, first_name: 'Jo', last_name: 'Ins', password: 'a good password' });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { email: 'joins@example.com', first_name: 'Jo', organizations: [{ level: 'admin' }] },
    ]);
    const me = await app.request<CurrentUser>('GET', '/api/users/@me/', { cookie: cookieOf(answer) });
    expect(me.body.email).toBe('joins@example.com');
    await signIn(app, 'joins@example.com', 'a good password');
    const again = await accept({ token, password: 'a good password' });
    expect([again.status, again.body]).toMatchObject([400, NO_INVITATION]);
  });

  it('work once when requests race', async () => {
    const { token } = await invite('raced@example.com');
    const answers = await Promise.all([1, 2, 3].map(() => accept({ token, password: 'a good password' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const { body } = await app.request<PageOf<Member>>('GET', `${organization}members/`);
    expect(body.results.filter(({ user }) => user.email === 'raced@example.com')).toHaveLength(1);
  });

  it('ask somebody who has an account for its password', async () => {
    const person = await addColleague(app, 'returns@example.com');
    await app.request('DELETE', `${organization}members/${person.id}/`);
    const { token } = await invite(person.email);
    const wrong = await accept({ token, password: 'another password', first_name: 'Mallory' });
    expect([wrong.status, wrong.body]).toMatchObject([400, { attr: 'password' }]);
    expect(wrong.headers['set-cookie']).toBeUndefined();
    const right = await accept({ token, password: person.password, first_name: 'Mallory' });
    expect([right.status, right.body]).toMatchObject([200, { id: person.id, first_name: 'returns' }]);
  });

  it('are no way around the login limits', async () => {
    const person = await addColleague(app, 'guarded@example.com');
    await app.request('DELETE', `${organization}members/${person.id}/`);
    const { token } = await invite(person.email);
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, i) => accept({ token, password: `guess ${i}` })),
    );
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
  });

  it('end after seven days, on withdrawal, and when replaced', async () => {
    const first = await invite('waits@example.com');
    const second = await invite('WAITS@example.com');
    expect((await accept({ token: first.token, password: 'a good password' })).body).toMatchObject(
      NO_INVITATION,
    );
    expect((await app.request('DELETE', `${path}${second.id}/`)).status).toBe(204);
    expect((await app.request('DELETE', `${path}${second.id}/`)).status).toBe(404);
    expect((await accept({ token: second.token, password: 'a good password' })).body).toMatchObject(
      NO_INVITATION,
    );
    const third = await invite('waits@example.com');
    app.clock.advance(7 * 86_400_000);
    expect((await accept({ token: third.token, password: 'a good password' })).body).toMatchObject(
      NO_INVITATION,
    );
    const { body } = await app.request<PageOf<Invitation>>('GET', path);
    expect(body.results).toEqual([]);
  });

  it.each([
    [{ token: '', password: 'a good password' }, 'token', 'min_length'],
    [{ token: null, password: 'a good password' }, 'token', 'null'],
    [{ token: ['x'], password: 'a good password' }, 'token', 'invalid_input'],
    [{ token: '0', password: 'a good password' }, 'token', 'does_not_exist'],
    [{ password: 'a good password' }, 'token', 'required'],
    [{ token: 'x' }, 'password', 'required'],
  ])('do not accept %j', async (body, attr, code) => {
    const answer = await accept(body);
    expect([answer.status, answer.body]).toMatchObject([400, { attr, code }]);
  });

  it('want a password of 8 to 128 characters from a new user, and stay open', async () => {
    const { token } = await invite('short@example.com');
    for (const [password, code] of [
      ['short', 'min_length'],
      ['x'.repeat(129), 'max_length'],
    ]) {
      expect((await accept({ token, password })).body).toMatchObject({ attr: 'password', code });
    }
    expect((await accept({ token, password: 'long enough' })).status).toBe(200);
  });

  it('are not for members, nor made by them', async () => {
    const answer = await app.request('POST', path, { body: { email: ADMIN_EMAIL.toUpperCase() } });
    expect([answer.status, answer.body]).toMatchObject([400, { attr: 'email', code: 'unique' }]);
    const member = await addColleague(app, 'plain@example.com');
    const admin = await addColleague(app, 'chief@example.com', 'admin');
    const as = (cookie: string, level: string) =>
      app.request('POST', path, { cookie, body: { email: 'x@example.com', level } });
    expect((await as(member.cookie, 'member')).status).toBe(403);
    expect((await as(admin.cookie, 'owner')).status).toBe(403);
    expect((await as(admin.cookie, 'admin')).status).toBe(201);
    expect((await app.request('GET', path, { cookie: member.cookie })).status).toBe(403);
  });

  it.each([
    [{ email: 'no address' }, 'email', 'invalid_input'],
    [{ email: 'x@example.com', level: 'god' }, 'level', 'invalid_choice'],
    [{}, 'email', 'required'],
  ])('refuse %j', async (body, attr, code) => {
    const answer = await app.request('POST', path, { body });
    expect([answer.status, answer.body]).toMatchObject([400, { attr, code }]);
  });

  it('let a person of another organization join with one account', async () => {
    const stranger = await addStranger(app, 'both@example.net');
    const { token } = await invite('both@example.net');
    const wrong = await accept({ token, password: 'whatever it is' });
    expect(wrong.body).toMatchObject({ attr: 'password' });
    const { body } = await app.request<CurrentUser>('GET', '/api/users/@me/', { key: stranger.key });
    expect(body.organizations).toHaveLength(1);
  });
});
