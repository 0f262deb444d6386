import { contract } from '@parley/contract/contract';
import type { RouteDeclaration } from '@parley/contract/route';
import { WIDGET_PATH, WIDGET_TOKEN_HEADER } from '@parley/contract/widget';
import { expect } from 'vitest';
import { cookieOf, ORIGIN } from '#features/auth/testing.ts';
import { signServiceToken } from '#platform/service-token.ts';
import { adminId, projectOf } from './fixtures.ts';
import { addThings, fillPath, type Owner, snapshot, type Things } from './tenant-things.ts';
import {
  ADMIN_EMAIL,
  ADMIN_PASSWORD,
  API_KEY,
  createTestApp,
  type RequestOptions,
  SERVICE_SECRET,
  type TestApp,
  type TestResponse,
} from './test-app.ts';

export const ROUTES: readonly RouteDeclaration[] = Object.values(contract).flatMap((group) =>
  Object.values(group),
);

/** For describe.each: the routes under their names. */
export function named(routes: readonly RouteDeclaration[]) {
  return routes.map((route) => [route.id, route] as const);
}

/** Routes that no key and no session opens. */
export function isForPrograms({ credentials }: RouteDeclaration): boolean {
  return ['project_secret', 'service_token', 'public_token'].includes(String(credentials));
}

const WIDGET_TOKEN = 'prw_of_this_test';
/** Where the pages of customers are. */
export const SITE_HOST = 'site.example.com';
/** What a browser says of itself in the fields of a query or body. */
export const VISITOR = { widget_session_id: '0198a000-0000-7000-8000-000000000000', distinct_id: 'walker' };

/** The path of a route with things in it that whoever it lets in may see. */
export function pathTo(route: RouteDeclaration, things: Things): string {
  const { ticket_id = '', visitor_ticket = '' } = things;
  const isVisitor = route.credentials === 'public_token';
  return fillPath(route, { ...things, ticket_id: isVisitor ? visitor_ticket : ticket_id });
}

/** What walks over all routes share: a Parley with one of everything, and who may call what. */
export interface Walk {
  app: TestApp;
  us: Owner;
  /** What paths name, of our own organization and project. */
  ours: Things;
  /** The administrator's session, as a browser sends it. */
  session: { key: null; headers: Record<string, string> };
  /** What opens a route in our project: the administrator's key, or a program's own credentials for this path. */
  openerOf(route: RouteDeclaration, path: string): Promise<Pick<RequestOptions, 'key' | 'headers'>>;
  /** Does something that must leave every row of ours as it is. */
  unchanged(work: () => Promise<void>): Promise<void>;
  /** A request of somebody whom the route lets in. */
  send<T = unknown>(
    route: RouteDeclaration,
    path: string,
    options?: RequestOptions,
  ): Promise<TestResponse<T>>;
}

export async function createWalk(): Promise<Walk> {
  const app = await createTestApp({ roles: ['http', 'realtime'] });
  const { organizationId } = await projectOf(app);
  // Where AI is not approved suggest_reply answers 403 before it looks for the ticket.
  await app.database.kysely
    .updateTable('organizations')
    .set({ is_ai_data_processing_approved: true })
    .where('id', '=', organizationId)
    .execute();
  await app.database.kysely
    .updateTable('projects')
    .set({ widget_token: WIDGET_TOKEN })
    .where('id', '=', 1)
    .execute();
  const credentials = { email: ADMIN_EMAIL, password: ADMIN_PASSWORD };
  const cookie = cookieOf(await app.request('POST', '/api/sessions/', { key: null, body: credentials }));
  const session = { key: null, headers: { cookie, origin: ORIGIN } };
  const us = { organizationId, projectId: 1, userId: await adminId(app), key: API_KEY };
  const written = await app.request<{ ticket_id: string }>('POST', `${WIDGET_PATH}message`, {
    key: null,
    headers: { [WIDGET_TOKEN_HEADER]: WIDGET_TOKEN },
    body: { ...VISITOR, message: 'Hi' },
  });
  const ours: Things = {
    visitor_ticket: written.body.ticket_id,
    ...(await addThings(app, us)),
    project_id: '1',
    organization_id: organizationId,
  };

  async function openerOf(route: RouteDeclaration, path: string) {
    const { credentials } = route;
    if (credentials === 'public') return { key: null };
    if (credentials === 'session') return session;
    if (credentials === 'public_token')
      return { key: null, headers: { [WIDGET_TOKEN_HEADER]: WIDGET_TOKEN, origin: `https://${SITE_HOST}` } };
    if (credentials === 'project_secret') return { key: ours.secret ?? 'no secret was made' };
    if (credentials !== 'service_token') return { key: API_KEY };
    const claims = { projectId: 1, ticketId: path.split('?')[0]?.split('/').at(-1), name: 'Walk' };
    return { key: await signServiceToken(SERVICE_SECRET, claims, { now: app.clock.now() }) };
  }

  return {
    app,
    us,
    ours,
    session,
    openerOf,
    async unchanged(work) {
      const before = await snapshot(app, us);
      await work();
      expect(await snapshot(app, us)).toEqual(before);
    },
    async send(route, path, options = {}) {
      const { headers, ...rest } = await openerOf(route, path);
      return app.request(route.method, path, {
        ...options,
        ...rest,
        headers: { ...headers, ...options.headers },
      });
    },
  };
}
