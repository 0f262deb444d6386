import { contract } from '@parley/contract/contract';
import type { RouteDeclaration } from '@parley/contract/route';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAdminKey, addTenant, type Tenant } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

interface Schema {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; 'x-credentials'?: unknown }>>;
}

const ROUTES: readonly RouteDeclaration[] = Object.values(contract).flatMap((group) => Object.values(group));
const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';

let app: TestApp;
let tenant: Tenant;
let schema: Schema;
let unrelatedKey: string;
let organizationId: string;

beforeAll(async () => {
  app = await createTestApp({ roles: ['http', 'realtime'] });
  tenant = await addTenant(app, 'Others');
  schema = (await app.request<Schema>('GET', '/api/schema/', { key: null })).body;
  unrelatedKey = await addAdminKey(app, []);
  const project = await app.database.kysely
    .selectFrom('projects')
    .select('organization_id')
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
  organizationId = project.organization_id;
});
afterAll(() => app.close());

/** The path with ids that exist nowhere, below a project and an organization that do. */
function pathOf(route: RouteDeclaration, ids: { project?: number; organization?: string } = {}): string {
  return route.path
    .replace(':project_id', String(ids.project ?? 1))
    .replace(':organization_id', ids.organization ?? organizationId)
    .replace(/:\w+/g, UNKNOWN_ID);
}

function firstField(route: RouteDeclaration): string | undefined {
  const body: { properties?: Record<string, { type?: unknown }> } = route.body ?? {};
  return Object.entries(body.properties ?? {}).find(([, field]) => field.type !== undefined)?.[0];
}

const malformed = { headers: { 'content-type': 'application/json' } };

describe('the contract and the server', () => {
  it('names every operation once', () => {
    const ids = ROUTES.map((route) => route.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(60);
  });

  it('is a valid OpenAPI document', async () => {
    const { text } = await app.request('GET', '/api/schema/', { key: null });
    const { valid, errors } = await new Validator().validate(JSON.parse(text));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
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

describe.each(ROUTES.map((route) => [route.id, route] as const))('#%s', (_id, route) => {
  it('is served with and without a trailing slash, and under no unknown method', async () => {
    for (const path of [pathOf(route), pathOf(route).replace(/\/$/, '')]) {
      const answer = await app.request(route.method, path, { key: null });
      expect(answer.status).toBe(route.credentials === 'public' ? 400 : 401);
    }
    const wrong = await app.request<{ code: string }>('TRACE', pathOf(route), { key: null });
    expect([wrong.status, wrong.body.code]).toEqual([405, 'method_not_allowed']);
    expect(String(wrong.headers.allow)).toContain(route.method);
  });

  if (route.credentials === 'public') {
    it('is public on purpose', () => {
      expect(['sessions.create', 'invitations.accept']).toContain(route.id);
    });
  } else {
    it('refuses nobody’s and unknown credentials with 401', async () => {
      for (const options of [
        { key: null },
        { key: 'prl_unknown' },
        { key: null, headers: { authorization: 'Basic eDp5' } },
      ]) {
        const answer = await app.request<{ type: string }>(route.method, pathOf(route), options);
        expect(answer.status).toBe(401);
        expect(answer.body.type).toBe('authentication_error');
      }
    });
  }

  if (route.credentials !== 'public' && route.credentials !== 'any') {
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

  if (route.path.includes(':project_id')) {
    it('does not find the project of another organization', async () => {
      const path = pathOf(route, { project: tenant.projectId });
      const answer = await app.request(route.method, path);
      // Routes for sessions only refuse the key before they look.
      expect(answer.status).toBe(route.credentials === 'session' ? 403 : 404);
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
      const broken = await app.request<{ code: string }>(route.method, pathOf(route), {
        ...malformed,
        body: '{"a":',
      });
      expect([broken.status, broken.body.code]).toEqual([400, 'parse_error']);
      const field = firstField(route);
      if (field === undefined || route.lateBody) return;
      const wrong = await app.request<{ type: string; attr: string }>(route.method, pathOf(route), {
        body: { [field]: { not: ['of', 'this', 'type'] } },
      });
      expect([wrong.status, wrong.body.type]).toEqual([400, 'validation_error']);
      expect(wrong.body.attr).not.toBeNull();
    });
  }
});
