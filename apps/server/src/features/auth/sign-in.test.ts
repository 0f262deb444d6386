import type { CurrentUser, Session } from '@parley/contract/people';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_EMAIL, ADMIN_PASSWORD } from '../../testing/test-app.ts';
import { addColleague, cookieOf, createPeopleApp, ORIGIN, type PeopleApp, signIn } from './testing.ts';

const ME = '/api/users/@me/';
const SESSIONS = `${ME}sessions/`;
const WRONG = {
  type: 'authentication_error',
  code: 'authentication_failed',
  detail: 'Invalid email or password.',
  attr: null,
};

let app: PeopleApp;
beforeAll(async () => {
  app = await createPeopleApp();
});
afterAll(() => app.close());

const post = (body: unknown, headers = {}) =>
  app.request<CurrentUser>('POST', '/api/sessions/', { key: null, body, headers });

describe('sessions.create', () => {
  it('signs in and sets a cookie that scripts cannot read', async () => {
    const answer = await post({ email: ADMIN_EMAIL.toUpperCase(), password: ADMIN_PASSWORD });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      email: ADMIN_EMAIL,
      hedgehog_config: {},
      role_at_organization: null,
      current_project_id: 1,
      organizations: [{ level: 'owner' }],
      current_project: { id: 1, access_level: 'manager' },
    });
    expect(answer.body.distinct_id).toBe(answer.body.uuid);
    const [cookie] = [answer.headers['set-cookie']].flat();
    expect(cookie).toMatch(/^parley\.session_token=\S+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await app.request('GET', ME, { cookie: cookieOf(answer) })).status).toBe(200);
  });

  it('answers the same for a wrong password and an unknown address', async () => {
    const wrong = await post({ email: ADMIN_EMAIL, password: 'nope' });
    const unknown = await post({ email: 'nobody@example.com', password: 'nope' });
    const odd = await post({ email: 'no address', password: 'nope' });
    for (const answer of [wrong, unknown, odd]) {
      expect([answer.status, answer.body]).toEqual([401, WRONG]);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  it.each([
    [{}, 'email', 'required'],
    [{ email: ADMIN_EMAIL }, 'password', 'required'],
    [{ email: 5, password: 'x' }, 'email', 'invalid_input'],
    [{ email: ADMIN_EMAIL, password: null }, 'password', 'null'],
    [{ email: ADMIN_EMAIL, password: ['x'] }, 'password', 'invalid_input'],
    [{ email: 'x'.repeat(255), password: 'x' }, 'email', 'max_length'],
  ])('refuses %j', async (body, attr, code) => {
    const answer = await post(body);
    expect([answer.status, answer.body]).toMatchObject([400, { type: 'validation_error', attr, code }]);
  });

  it('takes no form, which any page could send', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post(`email=${ADMIN_EMAIL}&password=x`, headers)).status).toBe(415);
  });
});

it("knows addresses of one's own machine", async () => {
  const person = await addColleague(app, 'colleague@example.com');
  const email = 'operator@localhost';
  await app.database.kysely.updateTable('users').set({ email }).where('id', '=', person.id).execute();
  expect((await post({ email, password: person.password })).status).toBe(200);
});

describe('a session', () => {
  it('is refused when its cookie was tampered with', async () => {
    const cookie = await signIn(app);
    const [name, value = ''] = cookie.split('=');
    const [token, signature] = decodeURIComponent(value).split('.');
    for (const forged of [token, `${token}.`, `${token}x.${signature}`, `.${signature}`, '', 'null', '0']) {
      const answer = await app.request('GET', ME, { cookie: `${name}=${encodeURIComponent(forged ?? '')}` });
      expect([forged, answer.status]).toEqual([forged, 401]);
    }
  });

  it('changes things only from a page of this site', async () => {
    const cookie = await signIn(app);
    const patch = (headers: Record<string, string>) =>
      app.request('PATCH', ME, { key: null, headers: { cookie, ...headers }, body: { first_name: 'Ada' } });
    expect((await patch({ origin: ORIGIN })).status).toBe(200);
    for (const headers of [{}, { origin: 'null' }, { origin: 'https://evil.example' }, { referer: ORIGIN }]) {
      const answer = await patch(headers as Record<string, string>);
      expect([answer.status, answer.body]).toMatchObject([403, { code: 'permission_denied' }]);
    }
    const read = await app.request('GET', ME, {
      key: null,
      headers: { cookie, origin: 'https://evil.example' },
    });
    expect(read.status).toBe(200);
  });

  it('is listed, with a mark on the current one', async () => {
    const person = await addColleague(app, 'lists@example.com');
    const second = await signIn(app, person.email, person.password);
    const { body } = await app.request<PageOf<Session>>('GET', SESSIONS, { cookie: second });
    expect(body.results.map(({ is_current }) => is_current)).toEqual([true, false]);
    expect(body.count).toBe(2);
    expect(body.results[0]).toMatchObject({ ip_address: '127.0.0.1', user_agent: 'lightMyRequest' });
    expect(JSON.stringify(body)).not.toContain(decodeURIComponent(second.split('=')[1] ?? '').split('.')[0]);
  });

  it('ends alone, by its number or as `current`', async () => {
    const person = await addColleague(app, 'ends@example.com');
    const second = await signIn(app, person.email, person.password);
    const { body } = await app.request<PageOf<Session>>('GET', SESSIONS, { cookie: second });
    const first = body.results[1]?.id;
    const ended = await app.request('DELETE', `${SESSIONS}${first}/`, { cookie: second });
    expect([ended.status, ended.headers['set-cookie']]).toEqual([204, undefined]);
    expect((await app.request('GET', ME, { cookie: person.cookie })).status).toBe(401);
    const current = await app.request('DELETE', `${SESSIONS}current/`, { cookie: second });
    expect(current.headers['set-cookie']).toMatch(/^parley\.session_token=; Max-Age=0;/);
    expect((await app.request('GET', ME, { cookie: second })).status).toBe(401);
  });

  it('of somebody else is not found', async () => {
    const person = await addColleague(app, 'other@example.com');
    const { body } = await app.request<PageOf<Session>>('GET', SESSIONS, { cookie: person.cookie });
    const cookie = await signIn(app);
    for (const id of [body.results[0]?.id, 'x', '0', '99999999999', "1'"]) {
      expect((await app.request('DELETE', `${SESSIONS}${id}/`, { cookie })).status).toBe(404);
    }
    expect((await app.request('GET', ME, { cookie: person.cookie })).status).toBe(200);
  });

  it('ends with all others on signing out everywhere', async () => {
    const person = await addColleague(app, 'everywhere@example.com');
    const second = await signIn(app, person.email, person.password);
    const untouched = await signIn(app);
    expect((await app.request('DELETE', SESSIONS, { cookie: second })).status).toBe(204);
    for (const cookie of [person.cookie, second]) {
      expect((await app.request('GET', ME, { cookie })).status).toBe(401);
    }
    expect((await app.request('GET', ME, { cookie: untouched })).status).toBe(200);
  });

  it('ends when its time is over', async () => {
    const cookie = await signIn(app);
    const past = new Date(Date.now() - 1000);
    await app.database.kysely.updateTable('sessions').set({ expires_at: past }).execute();
    expect((await app.request('GET', ME, { cookie })).status).toBe(401);
  });
});

describe('users.change_password', () => {
  it('sets the password and ends all other sessions', async () => {
    const person = await addColleague(app, 'changes@example.com');
    const second = await signIn(app, person.email, person.password);
    const body = { current_password: person.password, new_password: 'something else' };
    expect((await app.request('POST', `${ME}password/`, { cookie: second, body })).status).toBe(204);
    expect((await app.request('GET', ME, { cookie: second })).status).toBe(200);
    expect((await app.request('GET', ME, { cookie: person.cookie })).status).toBe(401);
    expect((await post({ email: person.email, password: person.password })).status).toBe(401);
    expect((await post({ email: person.email, password: 'something else' })).status).toBe(200);
  });

  it('asks for the current one, and for a new one of 8 to 128 characters', async () => {
    const person = await addColleague(app, 'careful@example.com');
    const change = (body: unknown) => app.request('POST', `${ME}password/`, { cookie: person.cookie, body });
    const wrong = await change({ current_password: 'nope', new_password: 'something else' });
    expect([wrong.status, wrong.body]).toMatchObject([400, { attr: 'current_password' }]);
    const short = await change({ current_password: person.password, new_password: 'short' });
    expect(short.body).toMatchObject({ attr: 'new_password', code: 'min_length' });
    const long = await change({ current_password: person.password, new_password: 'x'.repeat(129) });
    expect(long.body).toMatchObject({ attr: 'new_password', code: 'max_length' });
    expect((await post({ email: person.email, password: person.password })).status).toBe(200);
  });

  it('needs a session: a key is not enough', async () => {
    const body = { current_password: ADMIN_PASSWORD, new_password: 'something else' };
    const answer = await app.request('POST', `${ME}password/`, { body });
    expect([answer.status, answer.body]).toMatchObject([
      403,
      { detail: 'This action does not support personal API key access.' },
    ]);
  });

  it('leaves no session behind that raced with it', async () => {
    const person = await addColleague(app, 'races@example.com');
    const body = { current_password: person.password, new_password: 'something else' };
    const [changed, ...raced] = await Promise.all([
      app.request('POST', `${ME}password/`, { cookie: person.cookie, body }),
      ...[1, 2, 3, 4].map(() => post({ email: person.email, password: person.password })),
    ]);
    expect(changed?.status).toBe(204);
    for (const answer of raced) {
      if (answer.status !== 200) continue;
      expect((await app.request('GET', ME, { cookie: cookieOf(answer) })).status).toBe(401);
    }
  });
});

describe('users.update', () => {
  it('changes the name and the current project, and ignores the rest', async () => {
    const person = await addColleague(app, 'named@example.com');
    const body = { first_name: 'Grace', last_name: '', email: 'x@example.com', id: 1, current_project_id: 1 };
    const answer = await app.request('PATCH', ME, { cookie: person.cookie, body });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { id: person.id, first_name: 'Grace', email: person.email, current_project_id: 1 },
    ]);
  });

  it.each([
    [{ first_name: null }, 'first_name', 'null'],
    [{ last_name: 'x'.repeat(151) }, 'last_name', 'max_length'],
    [{ current_project_id: 999 }, 'current_project_id', 'does_not_exist'],
    [{ current_project_id: '1' }, 'current_project_id', 'invalid_input'],
  ])('refuses %j', async (body, attr, code) => {
    const answer = await app.request('PATCH', ME, { body });
    expect([answer.status, answer.body]).toMatchObject([400, { attr, code }]);
  });
});

describe('over https', () => {
  it('the cookie is sent over nothing else', async () => {
    const secure = await createPeopleApp({ publicUrl: 'https://support.example.com' });
    try {
      const body = { email: ADMIN_EMAIL, password: ADMIN_PASSWORD };
      const answer = await secure.request('POST', '/api/sessions/', { key: null, body });
      const [cookie] = [answer.headers['set-cookie']].flat();
      expect(cookie).toMatch(
        /^__Secure-parley\.session_token=\S+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      );
      const headers = { origin: 'https://support.example.com' };
      const out = await secure.request('DELETE', `${SESSIONS}current/`, {
        cookie: cookieOf(answer),
        headers,
      });
      expect(out.headers['set-cookie']).toMatch(/^__Secure-parley\.session_token=;.*; Secure$/);
      expect((await secure.request('GET', ME, { cookie: cookieOf(answer) })).status).toBe(401);
    } finally {
      await secure.close();
    }
  });
});
