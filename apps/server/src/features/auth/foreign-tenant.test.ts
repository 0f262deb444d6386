import { apiKeys } from '@parley/contract/api-keys';
import { invitations } from '@parley/contract/invitations';
import { members, organizations } from '@parley/contract/organizations';
import { sessions, users } from '@parley/contract/people';
import { projectAccess } from '@parley/contract/project-access';
import { projects } from '@parley/contract/projects';
import { roles } from '@parley/contract/roles';
import type { RouteDeclaration } from '@parley/contract/route';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addStranger, createPeopleApp, organizationOf, type PeopleApp, type Stranger } from './testing.ts';

const GROUPS = {
  apiKeys,
  invitations,
  members,
  organizations,
  projectAccess,
  projects,
  roles,
  sessions,
  users,
};
const ROUTES: RouteDeclaration[] = Object.values(GROUPS).flatMap((group) => Object.values(group));
const SCOPED = ROUTES.filter(({ path }) => path.includes(':'));

let app: PeopleApp;
let stranger: Stranger;
let ids: Record<string, string>;
beforeAll(async () => {
  app = await createPeopleApp();
  stranger = await addStranger(app);
  const organizationId = await organizationOf(app);
  const path = `/api/organizations/${organizationId}/`;
  const role = await app.request<{ id: string }>('POST', `${path}roles/`, { body: { name: 'Ours' } });
  const invitation = await app.request<{ id: string }>('POST', `${path}invitations/`, {
    body: { email: 'soon@example.com' },
  });
  const key = await app.database.kysely
    .selectFrom('api_keys')
    .select('id')
    .where('user_id', '=', 1)
    .executeTakeFirstOrThrow();
  ids = {
    organization_id: organizationId,
    project_id: '1',
    user_id: '1',
    role_id: role.body.id,
    invitation_id: invitation.body.id,
    key_id: key.id,
    session_id: '1',
  };
});
afterAll(() => app.close());

/** A body the route would take. */
const bodyOf = (route: RouteDeclaration) => ({
  name: 'Taken over',
  level: route.project ? 'viewer' : 'member',
  email: 'mallory@example.net',
  label: 'x',
  scopes: [],
  first_name: 'x',
});

const fill = (path: string, values: Record<string, string>) =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => values[name] ?? name);

const TABLES = [
  'organizations',
  'projects',
  'memberships',
  'roles',
  'role_members',
  'invitations',
  'api_keys',
];

/** Everything that is not the stranger's own, as text. */
async function snapshot(): Promise<string> {
  const rows = [];
  for (const table of [...TABLES, 'project_access', 'users']) {
    // When a key was used is noted for the stranger's own key.
    const drop = table === 'api_keys' ? sql` - 'last_used_at'` : sql``;
    const result = await sql`
      select ${table} as name, to_jsonb(t)${drop} as row from ${sql.table(table)} t order by 2`.execute(
      app.database.kysely,
    );
    rows.push(...result.rows);
  }
  return JSON.stringify(rows);
}

describe('a stranger with a key that opens everything elsewhere', () => {
  it.each(SCOPED.map((route) => [route.id, route] as const))('%s finds nothing here', async (_id, route) => {
    const before = await snapshot();
    const answer = await app.request(route.method, fill(route.path, ids), {
      key: stranger.key,
      ...(route.method === 'GET' || route.method === 'DELETE' ? {} : { body: bodyOf(route) }),
    });
    const expected = route.credentials === 'session' ? 403 : 404;
    expect([answer.status, answer.body]).toMatchObject([
      expected,
      { code: expected === 404 ? 'not_found' : 'permission_denied' },
    ]);
    expect(await snapshot()).toBe(before);
  });

  it.each(
    SCOPED.filter(({ path }) => [...path.matchAll(/:\w+/g)].length > 1).map(
      (route) => [route.id, route] as const,
    ),
  )('%s does not reach our rows through their own organization', async (_id, route) => {
    const theirs = {
      ...ids,
      organization_id: stranger.organizationId,
      project_id: String(stranger.projectId),
    };
    const before = await snapshot();
    const answer = await app.request(route.method, fill(route.path, theirs), {
      key: stranger.key,
      ...(route.method === 'GET' || route.method === 'DELETE' ? {} : { body: bodyOf(route) }),
    });
    expect([answer.status, answer.body]).toMatchObject([404, { code: 'not_found' }]);
    expect(await snapshot()).toBe(before);
  });

  it('cannot make our project their current one', async () => {
    const body = { current_project_id: 1 };
    const answer = await app.request('PATCH', '/api/users/@me/', { key: stranger.key, body });
    expect([answer.status, answer.body]).toMatchObject([
      400,
      { attr: 'current_project_id', code: 'does_not_exist' },
    ]);
  });
});

describe('nobody', () => {
  it.each(
    ROUTES.filter(({ credentials }) => credentials !== 'public').map((route) => [route.id, route] as const),
  )('%s asks who is there', async (_id, route) => {
    const answer = await app.request(route.method, fill(route.path, ids), { key: null });
    expect([answer.status, answer.body]).toMatchObject([401, { code: 'not_authenticated' }]);
  });
});
