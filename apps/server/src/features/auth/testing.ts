import type { CurrentUser } from '@parley/contract/people';
import type { MembershipLevel } from '@parley/contract/route';
import { createTestDatabase } from '@parley/db/testing';
import { bindApiKeysRoutes } from '#features/api-keys/api-keys.routes.ts';
import { issueKey } from '#features/api-keys/api-keys.service.ts';
import { bootstrap } from '#features/bootstrap/bootstrap.service.ts';
import { bindOrganizationsRoutes } from '#features/organizations/organizations.routes.ts';
import { createOrganization } from '#features/organizations/organizations.service.ts';
import { bindProjectsRoutes } from '#features/projects/projects.routes.ts';
import { createProject } from '#features/projects/projects.service.ts';
import { createHttpApp } from '#platform/http/app.ts';
import { createBinder } from '#platform/http/binder.ts';
import { createLogger } from '#platform/log.ts';
import { createMetrics } from '#platform/metrics.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import { createInProcessState } from '#platform/shared/in-process.ts';
import { createUnitOfWork } from '#platform/unit-of-work.ts';
import {
  ADMIN_EMAIL,
  ADMIN_PASSWORD,
  API_KEY,
  ManualClock,
  PROJECT_TOKEN,
  type RequestOptions,
  type TestResponse,
} from '../../testing/test-app.ts';
import { createIdentities } from './auth.identities.ts';
import { bindAuthRoutes } from './auth.routes.ts';
import { createSessions } from './auth.sessions.ts';
import { createUser } from './users.service.ts';

const SECRET = 'a secret of tests that is long enough to be one';
/** Of the requests that tests inject. */
export const ORIGIN = 'http://localhost:80';

export interface PeopleRequest extends RequestOptions {
  /** Sent with the Origin a browser would send; no key then. */
  cookie?: string;
}

export type PeopleApp = Awaited<ReturnType<typeof createPeopleApp>>;

/** The features about people on a database of their own, with the administrator's key API_KEY and project 1. */
export async function createPeopleApp({ publicUrl }: { publicUrl?: string } = {}) {
  const test = await createTestDatabase();
  const { database } = test;
  const clock = new ManualClock(new Date('2026-03-02T10:00:00.000Z'));
  const shared = await createInProcessState({ clock });
  const unitOfWork = createUnitOfWork({
    database,
    clock,
    reactions: {},
    sendJobs: async () => {},
    onEventsCommitted: () => {},
    dropCached: async () => {},
  });
  const config = { email: ADMIN_EMAIL, password: ADMIN_PASSWORD, apiKey: API_KEY };
  await bootstrap({
    unitOfWork,
    config: { ...config, projectToken: PROJECT_TOKEN, identitySecret: undefined },
  });
  const sessions = createSessions({ database, secret: SECRET, publicUrl });
  const api = createHttpApp({ log: createLogger('fatal'), metrics: createMetrics(), trustedProxies: [] });
  const binder = createBinder({
    app: api,
    identities: createIdentities({ database, clock, sessions }),
    unitOfWork,
    shared,
    rateLimits: 'off',
    allowedOrigins: new Set(publicUrl === undefined ? [] : [publicUrl]),
    publicUrl,
  });
  bindAuthRoutes(binder, sessions);
  bindOrganizationsRoutes(binder, sessions);
  bindApiKeysRoutes(binder);
  bindProjectsRoutes(binder, createSecretBox(SECRET));
  await api.ready();

  async function request<T = never>(
    method: string,
    path: string,
    options: PeopleRequest = {},
  ): Promise<TestResponse<T>> {
    const { body, headers = {}, cookie } = options;
    const key = cookie === undefined && options.key !== null ? (options.key ?? API_KEY) : undefined;
    const response = await api.inject({
      method: method as 'GET',
      url: path,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(cookie === undefined ? {} : { cookie, origin: ORIGIN }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    const isJson = String(response.headers['content-type']).includes('json') && response.body !== '';
    const parsed = (isJson ? JSON.parse(response.body) : undefined) as T;
    return { status: response.statusCode, body: parsed, headers: response.headers, text: response.body };
  }

  return {
    database,
    clock,
    unitOfWork,
    request,
    async close() {
      await api.close();
      await shared.close();
      await test.drop();
    },
  };
}

/** The Cookie header of a browser that got this answer. */
export function cookieOf(response: { headers: Record<string, unknown> }): string {
  const [first] = [response.headers['set-cookie']].flat();
  return String(first).split(';')[0] ?? '';
}

export async function signIn(
  app: PeopleApp,
  email = ADMIN_EMAIL,
  password = ADMIN_PASSWORD,
): Promise<string> {
  const answer = await app.request('POST', '/api/sessions/', { key: null, body: { email, password } });
  if (answer.status !== 200) throw new Error(`Sign-in failed: ${answer.text}`);
  return cookieOf(answer);
}

/** The administrator's organization. */
export async function organizationOf(app: PeopleApp, key = API_KEY): Promise<string> {
  const { body } = await app.request<CurrentUser>('GET', '/api/users/@me/', { key });
  return body.organizations[0]?.id ?? '';
}

export interface Colleague {
  id: number;
  email: string;
  password: string;
  cookie: string;
}

/** Somebody new in the administrator's organization, invited and signed in. */
export async function addColleague(
  app: PeopleApp,
  email: string,
  level: MembershipLevel = 'member',
): Promise<Colleague> {
  const password = `password of ${email}`;
  const path = `/api/organizations/${await organizationOf(app)}/invitations/`;
  const invited = await app.request<{ token: string }>('POST', path, { body: { email, level } });
  const accepted = await app.request<CurrentUser>('POST', '/api/invitations/accept/', {
    key: null,
    body: { token: invited.body.token, password, first_name: email.split('@')[0] },
  });
  if (accepted.status !== 200) throw new Error(`Not accepted: ${accepted.text}`);
  return { id: accepted.body.id, email, password, cookie: cookieOf(accepted) };
}

export interface Stranger {
  id: number;
  key: string;
  organizationId: string;
  projectId: number;
}

/** The owner of another organization on the same installation, with a project and a key that opens everything there. */
export function addStranger(app: PeopleApp, email = 'stranger@example.net'): Promise<Stranger> {
  return app.unitOfWork.run({ kind: 'system' }, async (uow) => {
    const user = await createUser(uow, { email, firstName: 'Sam', lastName: '', passwordHash: 'none' });
    if (!user) throw new Error('The stranger is there already.');
    const organizationId = await createOrganization(uow, { name: 'Elsewhere', ownerId: user.id });
    const project = await createProject(uow, { organizationId, name: 'Theirs' });
    const key = { userId: user.id, label: 'all', scopes: ['*'] as const, projectIds: null };
    const { token } = await issueKey(uow, key);
    return { id: user.id, key: token, organizationId, projectId: project.id };
  });
}
