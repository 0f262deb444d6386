import { describeApi } from '@parley/contract/openapi/document';
import type { RouteDeclaration } from '@parley/contract/route';
import { VISITOR_HEADER } from '@parley/contract/widget';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAdminKey, addTenant, type Tenant } from '../../testing/fixtures.ts';
import { createWalk, isForPrograms, named, ROUTES, VISITOR, type Walk } from '../../testing/route-walk.ts';
import {
  addThings,
  fillPath,
  type Owner,
  paramsOf,
  snapshot,
  type Things,
} from '../../testing/tenant-things.ts';
import { API_KEY, type RequestOptions, type TestApp } from '../../testing/test-app.ts';
import { validBody } from '../../testing/valid-bodies.ts';
import { VERSION } from '../../version.ts';

interface Schema {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; 'x-credentials'?: unknown }>>;
}

/** Change nothing but the caller's own mark. */
const READ_SCOPED_WRITES = ['tickets.read'];
const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';
/** Not named by any path. The rest of the other organization's tables must have rows, or comparing proves nothing. */
const EMPTY_TABLES = ['idempotency_keys', 'outbox'];

let walk: Walk;
let app: TestApp;
let tenant: Tenant;
let schema: Schema;
let unrelatedKey: string;
let readingKey: string;
let them: Owner;
let ours: Things;
let theirs: Things;
let before: Record<string, unknown[]>;

beforeAll(async () => {
  walk = await createWalk();
  ({ app, ours } = walk);
  tenant = await addTenant(app, 'Others');
  schema = (await app.request<Schema>('GET', '/api/schema/', { key: null })).body;
  unrelatedKey = await addAdminKey(app, []);
  readingKey = await addAdminKey(app, ['ticket:read', 'conversation:read']);
  const { owner, ...rest } = tenant;
  them = { ...rest, userId: owner.id };
  theirs = await addThings(app, them);
  before = await snapshot(app, them);
});
afterAll(() => app.close());

/** The path with ids that exist nowhere, below a project and an organization that do. */
function pathOf(route: RouteDeclaration, ids: { project?: number; organization?: string } = {}): string {
  return route.path
    .replace(':project_id', String(ids.project ?? 1))
    .replace(':organization_id', ids.organization ?? walk.us.organizationId)
    .replace(/:\w+/g, UNKNOWN_ID);
}

/** Paths below our own project and organization that name something of the other ones: one thing, or all. */
function foreignPaths(route: RouteDeclaration): string[] {
  const paths = paramsOf(route).map((name) =>
    fillPath(route, { ...ours, [name]: theirs[name] ?? `no ${name} was made` }),
  );
  return [...new Set([...paths, fillPath(route, { ...ours, ...theirs })])];
}

/** How a route answers whoever shows nothing. */
function refusalOf({ credentials }: RouteDeclaration): number {
  return credentials === 'public_token' ? 403 : 401;
}

/** What opens a route for programs, or the administrator's key; a visitor is one whom nobody has seen. */
async function openerOf(route: RouteDeclaration, path: string): Promise<RequestOptions> {
  if (!isForPrograms(route)) return { key: API_KEY };
  const { headers, ...opener } = await walk.openerOf(route, path);
  if (route.credentials !== 'public_token') return opener;
  return { ...opener, headers: { ...headers, [VISITOR_HEADER]: String(new URLSearchParams(VISITOR)) } };
}

/** An error has the form of its route. */
function expectError(route: RouteDeclaration, body: object, expected: object): void {
  if (route.errors === 'plain') expect(body).toEqual({ error: expect.anything() });
  else if ('error' in body)
    expect([route.errors, body]).toMatchObject(['widget', { error: expect.any(String) }]);
  else expect(body).toMatchObject(expected);
}

function firstField(route: RouteDeclaration): string | undefined {
  const body: { properties?: Record<string, { type?: unknown }> } = route.body ?? {};
  return Object.entries(body.properties ?? {}).find(([, field]) => field.type !== undefined)?.[0];
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('the contract and the server', () => {
  it('names every operation once', () => {
    const ids = ROUTES.map((route) => route.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(60);
  });

  it('serves the document that tooling/openapi validates', async () => {
    const { text } = await app.request('GET', '/api/schema/', { key: null });
    expect(text).toBe(JSON.stringify(describeApi({ version: VERSION, serverUrl: '/' })));
  });

  it('documents every declared route, and nothing else, as OpenAPI 3.1', () => {
    expect(schema.openapi).toMatch(/^3\.1\./);
    const documented = Object.entries(schema.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => `${method.toUpperCase()} ${path} ${operation.operationId}`,
      ),
    );
    const declared = ROUTES.map(
      (route) => `${route.method} ${route.path.replace(/:(\w+)/g, '{$1}')} ${route.id}`,
    );
    expect(documented.sort()).toEqual(declared.sort());
  });
});

describe.each(named(ROUTES))('#%s', (_id, route) => {
  it('is served with and without a trailing slash, and under no unknown method', async () => {
    for (const path of [pathOf(route), pathOf(route).replace(/\/$/, '')]) {
      const answer = await app.request(route.method, path, { key: null });
      expect(answer.status).toBe(route.credentials === 'public' ? 400 : refusalOf(route));
    }
    const wrong = await app.request<object>('TRACE', pathOf(route), { key: null });
    expect(wrong.status).toBe(405);
    expectError(route, wrong.body, { code: 'method_not_allowed' });
    expect(String(wrong.headers.allow)).toContain(route.method);
  });

  if (route.credentials === 'public') {
    it('is public on purpose', () => {
      expect(['sessions.create', 'invitations.accept']).toContain(route.id);
    });
  } else {
    it('refuses nobody’s and unknown credentials', async () => {
      for (const options of [
        { key: null },
        { key: 'prl_unknown' },
        { key: null, headers: { authorization: 'Basic eDp5' } },
      ]) {
        const answer = await app.request<object>(route.method, pathOf(route), options);
        expect(answer.status).toBe(refusalOf(route));
        expectError(route, answer.body, { type: 'authentication_error' });
      }
    });
  }

  if (isForPrograms(route)) {
    it('is opened by no key and no session', async () => {
      const byKey = await app.request(route.method, fillPath(route, ours));
      const bySession = await app.request(route.method, fillPath(route, ours), walk.session);
      expect([byKey.status, bySession.status]).toEqual([refusalOf(route), refusalOf(route)]);
    });
  }

  if (route.credentials !== 'public' && route.credentials !== 'any' && !isForPrograms(route)) {
    it('refuses a key without the scope with 403', async () => {
      const answer = await app.request<{ code: string; detail: string }>(route.method, pathOf(route), {
        key: unrelatedKey,
      });
      expect(answer.status).toBe(403);
      expect(answer.body.code).toBe('permission_denied');
      const wording =
        route.credentials === 'session' ? 'does not support personal API key' : 'missing required scope';
      expect(answer.body.detail).toContain(wording);
    });
  }

  if (route.credentials !== 'public' && route.method !== 'GET' && !isForPrograms(route)) {
    const isAllowed = READ_SCOPED_WRITES.includes(route.id);
    it(`${isAllowed ? 'takes' : 'refuses'} a key that may only read`, async () => {
      const answer = await app.request<{ code?: string }>(route.method, fillPath(route, ours), {
        key: readingKey,
      });
      if (isAllowed) expect(answer.status).toBe(200);
      else expect([answer.status, answer.body.code]).toEqual([403, 'permission_denied']);
    });
  }

  if (paramsOf(route).length > 0) {
    it('does not find what belongs to another organization below our own', async () => {
      // So that it is the thing named by the path that is not found.
      const body = route.body ? { body: validBody(route, ours) } : {};
      for (const path of foreignPaths(route)) {
        const byKey = await app.request(route.method, path, { ...body, ...(await openerOf(route, path)) });
        // Routes for sessions only refuse the key before they look.
        expect([path, byKey.status]).toEqual([path, route.credentials === 'session' ? 403 : 404]);
        if (isForPrograms(route)) continue;
        const bySession = await app.request(route.method, path, { ...body, ...walk.session });
        expect([path, bySession.status]).toEqual([path, 404]);
      }
    });
  }

  if (route.path.includes(':project_id')) {
    it('does not find the project of another organization', async () => {
      const path = pathOf(route, { project: tenant.projectId });
      const answer = await app.request(route.method, path, await openerOf(route, path));
      // A token names its own project. Routes for sessions only refuse the key before they look.
      const refused = route.credentials === 'service_token' ? 401 : 403;
      const isKnown = route.credentials !== 'session' && route.credentials !== 'service_token';
      expect(answer.status).toBe(isKnown ? 404 : refused);
    });
  }

  if (route.path.includes(':organization_id')) {
    it('does not find another organization', async () => {
      const path = pathOf(route, { organization: tenant.organizationId });
      const answer = await app.request(route.method, path);
      expect(answer.status).toBe(route.credentials === 'session' ? 403 : 404);
    });
  }

  if (route.body && route.credentials !== 'session') {
    it('answers 400 to a body that is no JSON or of the wrong type', async () => {
      const { key = API_KEY, headers } = await openerOf(route, pathOf(route));
      const broken = await app.request<object>(route.method, pathOf(route), {
        key,
        headers: { ...headers, ...JSON_TYPE },
        body: '{"a":',
      });
      expect(broken.status).toBe(400);
      expectError(route, broken.body, { code: 'parse_error' });
      const field = firstField(route);
      if (field === undefined) return;
      // Some look at the body only when they have found what the path names.
      const path = route.lateBody ? fillPath(route, ours) : pathOf(route);
      const wrong = await app.request<object>(route.method, path, {
        key,
        // Its fields would stand for those of the body.
        ...(headers ? { headers: { ...headers, [VISITOR_HEADER]: '' } } : {}),
        body: { [field]: { not: ['of', 'this', 'type'] } },
      });
      expect(wrong.status).toBe(400);
      expectError(route, wrong.body, { type: 'validation_error', attr: expect.any(String) });
    });
  }
});

// Last in this file, after every request above.
describe('the other organization', () => {
  it('has something of each kind, and all of it is as it was', async () => {
    const empty = Object.keys(before).filter((table) => before[table]?.length === 0);
    expect(empty.sort()).toEqual(EMPTY_TABLES);
    expect(await snapshot(app, them)).toEqual(before);
  });
});
