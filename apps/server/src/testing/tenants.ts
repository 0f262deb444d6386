import type { AccessLevel, MembershipLevel, Scope } from '@parley/contract/route';
import { hashToken, newId, newToken } from '#platform/ids.ts';
import type { TestApp } from './test-app.ts';

export interface TestMember {
  id: number;
  email: string;
  key: string;
}

export interface MemberOptions {
  organizationId?: string;
  level?: MembershipLevel;
  scopes?: Scope[];
  /** Set for project 1; without it the level in the organization decides. */
  access?: AccessLevel;
}

/** The organization of project 1. */
export async function ownOrganization({ database }: TestApp): Promise<string> {
  const row = await database.kysely.selectFrom('projects').select('organization_id').where('id', '=', 1);
  return (await row.executeTakeFirstOrThrow()).organization_id;
}

/** Another user with a key of their own, in the organization of project 1 unless told otherwise. */
export async function addMember(app: TestApp, options: MemberOptions = {}): Promise<TestMember> {
  const { level = 'member', scopes = ['*'], access } = options;
  const db = app.database.kysely;
  const created_at = app.clock.now();
  const email = `${newId()}@example.com`;
  const { id } = await db
    .insertInto('users')
    .values({ email, first_name: 'Ben', last_name: 'Brown' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const organization_id = options.organizationId ?? (await ownOrganization(app));
  await db.insertInto('memberships').values({ organization_id, user_id: id, level, created_at }).execute();
  if (access)
    await db.insertInto('project_access').values({ project_id: 1, user_id: id, level: access }).execute();
  return { id, email, key: await addKey(app, id, scopes) };
}

async function addKey(app: TestApp, userId: number, scopes: Scope[]): Promise<string> {
  const key = newToken('prl_');
  const row = {
    id: newId(),
    user_id: userId,
    label: 'test',
    mask: 'prl_…',
    token_hash: hashToken(key),
    scopes,
  };
  await app.database.kysely
    .insertInto('api_keys')
    .values({ ...row, created_at: app.clock.now() })
    .execute();
  return key;
}

export interface TestTenant {
  organizationId: string;
  projectId: number;
  owner: TestMember;
}

/** Another organization with a project, which the administrator of project 1 is not in. */
export async function addTenant(app: TestApp): Promise<TestTenant> {
  const db = app.database.kysely;
  const created_at = app.clock.now();
  const organizationId = newId();
  await db.insertInto('organizations').values({ id: organizationId, name: 'Other', created_at }).execute();
  const project = await db
    .insertInto('projects')
    .values({ organization_id: organizationId, name: 'Other', token: newToken('prt_'), created_at })
    .returning('id')
    .executeTakeFirstOrThrow();
  const owner = await addMember(app, { organizationId, level: 'owner' });
  return { organizationId, projectId: project.id, owner };
}
