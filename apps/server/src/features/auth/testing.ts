import type { CurrentUser } from '@parley/contract/people';
import type { MembershipLevel } from '@parley/contract/route';
import { issueKey } from '#features/api-keys/api-keys.service.ts';
import { createOrganization } from '#features/organizations/organizations.service.ts';
import { createProject } from '#features/projects/projects.service.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import {
  ADMIN_EMAIL,
  ADMIN_PASSWORD,
  API_KEY,
  createTestApp,
  type RequestOptions,
  type TestApp,
  type TestResponse,
} from '../../testing/test-app.ts';
import { createUser } from './users.service.ts';

/** Of the requests that tests inject. */
export const ORIGIN = 'http://localhost:80';

export interface PeopleRequest extends RequestOptions {
  /** Sent with the Origin a browser would send; no key then. */
  cookie?: string;
}

export interface PeopleApp extends TestApp {
  readonly unitOfWork: UnitOfWork;
  request<T = never>(method: string, path: string, options?: PeopleRequest): Promise<TestResponse<T>>;
}

/** A Parley whose requests can come from a browser as well. */
export async function createPeopleApp({ publicUrl }: { publicUrl?: string } = {}): Promise<PeopleApp> {
  const environment = publicUrl === undefined ? {} : { PARLEY_PUBLIC_URL: publicUrl };
  const app = await createTestApp({ environment, roles: ['http'] });
  return {
    ...app,
    unitOfWork: app.parley.unitOfWork,
    request(method, path, { cookie, ...options } = {}) {
      if (cookie === undefined) return app.request(method, path, options);
      const headers = { cookie, origin: ORIGIN, ...options.headers };
      return app.request(method, path, { ...options, headers, key: null });
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
    const project = await createProject(uow, createSecretBox(app.config.secret), {
      organizationId,
      name: 'Theirs',
    });
    const key = { userId: user.id, label: 'all', scopes: ['*'] as const, projectIds: null };
    const { token } = await issueKey(uow, key);
    return { id: user.id, key: token, organizationId, projectId: project.id };
  });
}
