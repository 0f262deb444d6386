import type { Role } from '@parley/contract/roles';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addColleague,
  addStranger,
  type Colleague,
  createPeopleApp,
  organizationOf,
  type PeopleApp,
} from '#features/auth/testing.ts';

let app: PeopleApp;
let path: string;
let member: Colleague;
beforeAll(async () => {
  app = await createPeopleApp();
  path = `/api/organizations/${await organizationOf(app)}/roles/`;
  member = await addColleague(app, 'member@example.com');
});
afterAll(() => app.close());

async function createRole(name: string): Promise<Role> {
  const made = await app.request<Role>('POST', path, { body: { name } });
  expect(made.status).toBe(201);
  return made.body;
}

describe('roles', () => {
  it('are created, renamed and deleted by admins, and read by members', async () => {
    const role = await createRole(' Billing ');
    expect(role).toMatchObject({ name: 'Billing', members: [] });
    const renamed = await app.request<Role>('PATCH', `${path}${role.id}/`, { body: { name: 'Invoices' } });
    expect([renamed.status, renamed.body]).toEqual([200, { ...role, name: 'Invoices' }]);
    const read = await app.request('GET', `${path}${role.id}/`, { cookie: member.cookie });
    expect(read.body).toEqual(renamed.body);
    for (const [method, body] of [
      ['PATCH', { name: 'x' }],
      ['DELETE', undefined],
    ] as const) {
      expect((await app.request(method, `${path}${role.id}/`, { cookie: member.cookie, body })).status).toBe(
        403,
      );
    }
    expect((await app.request('DELETE', `${path}${role.id}/`)).status).toBe(204);
    expect((await app.request('GET', `${path}${role.id}/`)).status).toBe(404);
  });

  it('have names of their own, whatever the case', async () => {
    const role = await createRole('Tier 1');
    const second = await createRole('Tier 2');
    const taken = { attr: 'name', code: 'unique' };
    const made = await app.request('POST', path, { body: { name: 'TIER 1' } });
    expect([made.status, made.body]).toMatchObject([400, taken]);
    const renamed = await app.request('PATCH', `${path}${second.id}/`, { body: { name: 'tier 1 ' } });
    expect([renamed.status, renamed.body]).toMatchObject([400, taken]);
    const same = await app.request<Role>('PATCH', `${path}${role.id}/`, { body: { name: 'TIER 1' } });
    expect([same.status, same.body.name]).toEqual([200, 'TIER 1']);
  });

  it('of one name are created once when requests race', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => app.request('POST', path, { body: { name: 'Raced' } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400]);
  });

  it('take members of the organization, and nobody else', async () => {
    const role = await createRole('Support');
    const url = `${path}${role.id}/members/`;
    for (let times = 0; times < 2; times += 1) {
      const put = await app.request<Role>('PUT', `${url}${member.id}/`);
      expect(put.status).toBe(200);
      expect(put.body.members.map(({ email }) => email)).toEqual([member.email]);
    }
    const stranger = await addStranger(app);
    for (const id of [stranger.id, 'x', 999_999]) {
      expect((await app.request('PUT', `${url}${id}/`)).status).toBe(404);
    }
    expect((await app.request('PUT', `${url}@me/`, { cookie: member.cookie })).status).toBe(403);
    const list = await app.request<PageOf<Role>>('GET', path);
    expect(list.body.results.find(({ id }) => id === role.id)?.members).toHaveLength(1);
    expect((await app.request('DELETE', `${url}${member.id}/`)).status).toBe(204);
    expect((await app.request<Role>('GET', `${path}${role.id}/`)).body.members).toEqual([]);
  });

  it.each([
    [{}, 'required'],
    [{ name: '\n' }, 'blank'],
    [{ name: 'x'.repeat(101) }, 'max_length'],
    [{ name: 5 }, 'invalid_input'],
  ])('refuse %j', async (body, code) => {
    const answer = await app.request('POST', path, { body });
    expect([answer.status, answer.body]).toMatchObject([400, { attr: 'name', code }]);
  });

  it.each(['x', '0', "'", '00000000-0000-0000-0000-000000000000'])('are not found under %s', async (id) => {
    for (const url of [`${path}${id}/`, `${path}${id}/members/1/`]) {
      expect((await app.request('DELETE', url)).status).toBe(404);
    }
  });
});
