import type { ProjectAccess } from '@parley/contract/project-access';
import type { Project } from '@parley/contract/projects';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addColleague,
  addStranger,
  type Colleague,
  createPeopleApp,
  type PeopleApp,
} from '#features/auth/testing.ts';

const ONE = '/api/projects/1/';
const ACCESS = `${ONE}access/`;

let app: PeopleApp;
let admin: Colleague;
let member: Colleague;
beforeAll(async () => {
  app = await createPeopleApp();
  admin = await addColleague(app, 'admin@example.com', 'admin');
  member = await addColleague(app, 'member@example.com');
});
afterAll(() => app.close());

const put = (id: number, level: unknown, cookie?: string) =>
  app.request<ProjectAccess>('PUT', `${ACCESS}${id}/`, { ...(cookie ? { cookie } : {}), body: { level } });

describe('project access', () => {
  it('follows the level in the organization unless it was set', async () => {
    const { body } = await app.request<PageOf<ProjectAccess>>('GET', ACCESS);
    expect(body.results.map((row) => [row.organization_level, row.level, row.explicit_level])).toEqual([
      ['owner', 'manager', null],
      ['admin', 'manager', null],
      ['member', 'editor', null],
    ]);
    const set = await put(member.id, 'viewer');
    expect([set.status, set.body]).toMatchObject([
      200,
      { level: 'viewer', explicit_level: 'viewer', user: { id: member.id } },
    ]);
    const seen = await app.request<Project>('GET', ONE, { cookie: member.cookie });
    expect(seen.body.access_level).toBe('viewer');
    expect((await app.request('DELETE', `${ACCESS}${member.id}/`)).status).toBe(204);
    const after = await app.request<Project>('GET', ONE, { cookie: member.cookie });
    expect(after.body.access_level).toBe('editor');
  });

  it('`none` shuts a member out at once', async () => {
    await put(member.id, 'none');
    const answer = await app.request('GET', ONE, { cookie: member.cookie });
    expect([answer.status, answer.body]).toMatchObject([403, { code: 'permission_denied' }]);
    const list = await app.request<PageOf<Project>>('GET', '/api/projects/', { cookie: member.cookie });
    expect(list.body.results).toEqual([]);
    const current = await app.request('GET', '/api/projects/@current/', { cookie: member.cookie });
    expect(current.status).toBe(404);
    await put(member.id, 'editor');
  });

  it('is set by managers', async () => {
    for (const level of ['viewer', 'editor']) {
      await put(member.id, level);
      expect((await put(member.id, 'manager', member.cookie)).status).toBe(403);
      expect((await app.request('GET', ACCESS, { cookie: member.cookie })).status).toBe(403);
    }
    await put(member.id, 'manager');
    expect((await app.request('GET', ACCESS, { cookie: member.cookie })).status).toBe(200);
    expect((await put(admin.id, 'viewer', member.cookie)).status).toBe(403);
    await put(member.id, 'editor');
  });

  it('of owners stays', async () => {
    const answer = await put(1, 'none', admin.cookie);
    expect([answer.status, answer.body]).toMatchObject([409, { code: 'conflict' }]);
    expect((await app.request('GET', ONE)).status).toBe(200);
  });

  it('is for people of the organization', async () => {
    const stranger = await addStranger(app);
    for (const id of [stranger.id, 999_999, 0]) {
      expect((await put(id, 'manager')).status).toBe(404);
      expect((await app.request('DELETE', `${ACCESS}${id}/`)).status).toBe(404);
    }
    expect((await app.request('GET', ONE, { key: stranger.key })).status).toBe(404);
  });

  it.each([
    [undefined, 'required'],
    ['owner', 'invalid_choice'],
    [null, 'null'],
    [1, 'invalid_choice'],
  ])('refuses %j', async (level, code) => {
    const answer = await put(member.id, level);
    expect([answer.status, answer.body]).toMatchObject([400, { attr: 'level', code }]);
  });
});
