import type { AuditEntry } from '@parley/contract/audit-log';
import type { ErrorBody } from '@parley/contract/errors';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJob } from '#platform/jobs/worker.ts';
import { prune } from '#platform/prune.jobs.ts';
import {
  addAdminKey,
  addKey,
  addTenant,
  addUser,
  adminId,
  createTicket,
  projectOf,
  SYSTEM,
  type Tenant,
  ticketPath,
} from '../../testing/fixtures.ts';
import { ADMIN_EMAIL, ADMIN_PASSWORD, createTestApp, type TestApp } from '../../testing/test-app.ts';

interface Log {
  next: string | null;
  results: AuditEntry[];
}

let app: TestApp;
let organization: string;
let other: Tenant;
const log = async (query = '', key?: string) => {
  const path = `${organization}audit_log/${query}`;
  const answer = await app.request<Log>('GET', path, key === undefined ? {} : { key });
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
};
/** What was written since, oldest first. */
async function during(work: () => Promise<unknown>): Promise<AuditEntry[]> {
  app.clock.advance(1000);
  const start = app.clock.now().toISOString();
  await work();
  return (await log(`?date_from=${start}&limit=1000`)).results.toReversed();
}
async function send<T extends { id: string }>(method: string, path: string, body?: object): Promise<T> {
  const answer = await app.request<T>(method, path, body ? { body } : {});
  expect(answer.status, `${path} ${answer.text}`).toBeLessThan(300);
  return answer.body;
}
const acts = (entries: readonly AuditEntry[]) => entries.map(({ act }) => act);

beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  organization = `/api/organizations/${(await projectOf(app)).organizationId}/`;
  other = await addTenant(app, 'others');
});
afterAll(() => app.close());

describe('acts', () => {
  it('are written with who, what, where from and what to', async () => {
    const headers = { 'user-agent': 'A browser' };
    const [entry, ...more] = await during(() =>
      app.request('POST', `${organization}roles/`, { body: { name: 'Billing' }, headers }),
    );
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      act: 'roles.create',
      project_id: null,
      actor: { actor_type: 'user', actor_id: String(await adminId(app)), actor_email: ADMIN_EMAIL },
      target: { type: 'role', name: 'Billing' },
      ip: '127.0.0.1',
      user_agent: 'A browser',
      created_at: app.clock.now().toISOString(),
    });
    expect(entry?.actor.key_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('about members, invitations, roles and access', async () => {
    const user = await addUser(app, 'carl@example.com');
    const access = `/api/projects/1/access/${user.id}/`;
    const entries = await during(async () => {
      const role = await send('POST', `${organization}roles/`, { name: 'Second line' });
      await send('PATCH', `${organization}roles/${role.id}/`, { name: 'Third line' });
      await send('PUT', `${organization}roles/${role.id}/members/${user.id}/`, {});
      await send('DELETE', `${organization}roles/${role.id}/members/${user.id}/`);
      await send('DELETE', `${organization}roles/${role.id}/`);
      const invitation = await send('POST', `${organization}invitations/`, { email: 'x@example.com' });
      await send('DELETE', `${organization}invitations/${invitation.id}/`);
      await send('PUT', access, { level: 'viewer' });
      await send('DELETE', access);
      await send('PATCH', `${organization}members/${user.id}/`, { level: 'admin' });
      await send('DELETE', `${organization}members/${user.id}/`);
    });
    expect(acts(entries)).toEqual([
      'roles.create',
      'roles.update',
      'roles.add_member',
      'roles.remove_member',
      'roles.delete',
      'invitations.create',
      'invitations.delete',
      'project_access.update',
      'project_access.delete',
      'members.update',
      'members.delete',
    ]);
    expect(entries[7]).toMatchObject({
      project_id: 1,
      target: { type: 'user', id: String(user.id), name: 'carl@example.com' },
      detail: { before: 'editor', after: 'viewer' },
    });
  });

  it('about projects, secrets, webhooks and addresses, without one secret', async () => {
    const project = '/api/projects/1/';
    let secrets: string[] = [];
    const entries = await during(async () => {
      await send('PATCH', project, { conversations_settings: { ai_api_key: 'sk-hidden', ai_model: 'm' } });
      const secret = await send<{ id: string; secret: string }>('POST', `${project}secrets/rotate/`, {});
      await send('DELETE', `${project}secrets/${secret.id}/`);
      const hook = { url: 'https://example.com/token-in-path', events: ['*'] };
      const made = await send<{ id: string; secret: string }>('POST', `${project}webhooks/`, hook);
      const path = `${project}webhooks/${made.id}/`;
      await send('PATCH', path, { name: 'Mine' });
      const rotated = await send<{ id: string; secret: string }>('POST', `${path}rotate_secret/`, {});
      await send('DELETE', path);
      const address = await send('POST', `${project}conversations/email_configs/`, {
        email: 'us@example.com',
      });
      await send('PATCH', `${project}conversations/email_configs/${address.id}/`, { is_verified: true });
      await send('DELETE', `${project}conversations/email_configs/${address.id}/`);
      secrets = [secret.secret, made.secret, rotated.secret, 'sk-hidden', 'token-in-path'];
    });
    expect(acts(entries)).toEqual([
      'projects.update',
      'project_secrets.rotate',
      'project_secrets.delete',
      'webhooks.create',
      'webhooks.update',
      'webhooks.rotate_secret',
      'webhooks.delete',
      'email_configs.create',
      'email_configs.update',
      'email_configs.delete',
    ]);
    expect(entries[0]?.detail).toEqual({ fields: ['conversations_settings', 'ai_api_key', 'ai_model'] });
    for (const secret of secrets) expect(JSON.stringify(entries)).not.toContain(secret);
  });

  it('about tickets that are deleted, restored and purged', async () => {
    const ticket = await createTicket(app, {});
    const entries = await during(async () => {
      await app.request('DELETE', ticketPath(ticket.id));
      await app.request('POST', ticketPath(ticket.id, 'restore/'));
    });
    expect(acts(entries)).toEqual(['tickets.delete', 'tickets.restore']);
    expect(entries[0]?.target).toEqual({ type: 'ticket', id: ticket.id, name: `#${ticket.ticket_number}` });
  });

  it('are gone together with what they were part of', async () => {
    const entries = await during(async () => {
      const answer = await app.request('POST', `${organization}roles/`, { body: { name: 'Billing' } });
      expect(answer.status).toBe(400);
    });
    expect(entries).toEqual([]);
  });
});

describe('accounts', () => {
  const signIn = (password: string, email = ADMIN_EMAIL) =>
    app.request('POST', '/api/sessions/', { key: null, body: { email, password } });

  it('tell of sign-ins, refused ones, and once of an account that is locked', async () => {
    const entries = await during(async () => {
      expect((await signIn(ADMIN_PASSWORD)).status).toBe(200);
      await signIn('x', 'nobody@example.com');
      for (let tries = 1; tries <= 12; tries += 1) await signIn('wrong', ADMIN_EMAIL.toUpperCase());
    });
    expect(acts(entries)).toEqual([
      'sessions.create',
      ...Array.from({ length: 10 }, () => 'sessions.refuse' as const),
      'sessions.lock',
    ]);
    const target = { type: 'user', id: String(await adminId(app)), name: ADMIN_EMAIL };
    expect(entries[0]).toMatchObject({ target, actor: { actor_email: ADMIN_EMAIL }, ip: '127.0.0.1' });
    expect(entries[1]).toMatchObject({ target, actor: { actor_type: 'external', actor_id: null } });
  });

  it('tell of keys, without the key, to the organizations that the key opens', async () => {
    const entries = await during(async () => {
      const key = { label: 'x', scopes: ['*'] };
      const path = '/api/users/@me/api_keys/';
      await app.request('POST', path, { key: other.key, body: key });
    });
    expect(entries).toEqual([]);
    const path = '/api/users/@me/api_keys/';
    const owner = await addUser(app, 'both@example.com');
    await app.database.kysely
      .insertInto('memberships')
      .values({
        organization_id: other.organizationId,
        user_id: owner.id,
        level: 'member',
        created_at: app.clock.now(),
      })
      .execute();
    const { cookie, origin } = await sessionOf(owner.id);
    const make = (project_ids: number[] | null) =>
      app.request<{ id: string; key: string; code?: string }>('POST', path, {
        key: null,
        headers: { cookie, origin },
        body: { label: 'CI', scopes: ['ticket:read'], project_ids },
      });
    let token = '';
    const made = await during(async () => {
      const wide = await make(null);
      expect(wide.status, wide.text).toBe(201);
      token = wide.body.key;
      await make([other.projectId]);
      const revoked = await app.request('DELETE', `${path}${wide.body.id}/`, {
        key: null,
        headers: { cookie, origin },
      });
      expect(revoked.status).toBe(204);
    });
    expect(acts(made)).toEqual(['api_keys.create', 'api_keys.delete']);
    const theirs = await app.request<Log>(
      'GET',
      `/api/organizations/${other.organizationId}/audit_log/?act=api_keys`,
      { key: other.key },
    );
    expect(theirs.body.results.filter(({ act }) => act === 'api_keys.create')).toHaveLength(2);
    expect(token).toMatch(/^prl_/);
    expect(theirs.text).not.toContain(token);
  });
});

/** A cookie of a user who has no password. */
async function sessionOf(userId: number): Promise<{ cookie: string; origin: string }> {
  const { hashPassword } = await import('#features/auth/password.ts');
  const password = await hashPassword('a password of tests');
  await app.database.kysely.updateTable('accounts').set({ password }).where('user_id', '=', userId).execute();
  const { cookieOf, ORIGIN } = await import('#features/auth/testing.ts');
  const user = await app.database.kysely
    .selectFrom('users')
    .select('email')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  const body = { email: user.email, password: 'a password of tests' };
  const answer = await app.request('POST', '/api/sessions/', { key: null, body });
  expect(answer.status, answer.text).toBe(200);
  return { cookie: cookieOf(answer), origin: ORIGIN };
}

describe('#audit_log.list', () => {
  it('narrows by act, group of acts, actor and project, and pages', async () => {
    const all = (await log('?limit=1000')).results;
    const only = async (query: string) => (await log(`?limit=1000&${query}`)).results;
    expect(await only('act=roles.create')).toEqual(all.filter(({ act }) => act === 'roles.create'));
    expect(await only('act=roles')).toEqual(all.filter(({ act }) => act.startsWith('roles.')));
    expect(await only('project=1')).toEqual(all.filter(({ project_id }) => project_id === 1));
    const me = String(await adminId(app));
    expect(await only('actor=me')).toEqual(all.filter(({ actor }) => actor.actor_id === me));
    const seen: AuditEntry[] = [];
    for (let link: string | null = '?limit=4'; link !== null; ) {
      const page: Log = await log(link.slice(link.indexOf('?')));
      seen.push(...page.results);
      link = page.next;
    }
    expect(seen).toEqual(all);
  });

  it.each(['act=views.create', 'actor=x', 'project=-1', 'project=1e3', 'date_from=x', 'cursor=%00'])(
    'answers 400 to %s',
    async (query) => {
      const answer = await app.request<ErrorBody>('GET', `${organization}audit_log/?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { attr: query.split('=')[0] } });
    },
  );

  it('is for administrators, with a session or a key for everything', async () => {
    const status = async (key: string) =>
      (await app.request('GET', `${organization}audit_log/`, { key })).status;
    const member = await addUser(app, 'member@example.com');
    const admin = await addUser(app, 'admin2@example.com', { level: 'admin' });
    expect(await status(await addKey(app, member.id))).toBe(403);
    expect(await status(await addKey(app, admin.id))).toBe(200);
    expect(await status(await addKey(app, admin.id, ['*'], [1]))).toBe(403);
    expect(await status(await addAdminKey(app, ['ticket:write', 'conversation:write']))).toBe(403);
    expect(await status(other.key)).toBe(404);
  });

  it('has no row that can be changed, and goes with its organization', async () => {
    const change = sql`update audit_log set act = 'x' where organization_id = ${other.organizationId}::uuid`;
    await expect(change.execute(app.database.kysely)).rejects.toThrow('never changed');
    const organizationId = other.organizationId;
    const count = async () =>
      (
        await app.database.kysely
          .selectFrom('audit_log')
          .select('id')
          .where('organization_id', '=', organizationId)
          .execute()
      ).length;
    expect(await count()).toBeGreaterThan(0);
    const removed = await app.request('DELETE', `/api/projects/${other.projectId}/`, { key: other.key });
    expect(removed.status).toBe(204);
    const entries = await app.request<Log>(
      'GET',
      `/api/organizations/${organizationId}/audit_log/?act=projects`,
      {
        key: other.key,
      },
    );
    expect(acts(entries.body.results)).toEqual(['projects.delete', 'projects.create']);
    const gone = await app.request('DELETE', `/api/organizations/${organizationId}/`, { key: other.key });
    expect(gone.status, gone.text).toBe(204);
    expect(await count()).toBe(0);
  });

  it('keeps entries for 400 days', async () => {
    const before = (await log('?limit=1000')).results.length;
    expect(before).toBeGreaterThan(10);
    const context = {
      run: <T>(work: Parameters<typeof app.parley.unitOfWork.run<T>>[1]) =>
        app.parley.unitOfWork.run(SYSTEM, work),
      log: app.parley.api.log as never,
      signal: new AbortController().signal,
    };
    app.clock.advance(399 * 86_400_000);
    await runJob(prune, {}, context);
    expect((await log('?limit=1000')).results).toHaveLength(before);
    app.clock.advance(2 * 86_400_000);
    await runJob(prune, {}, context);
    expect((await log('?limit=1000')).results).toEqual([]);
  });
});
