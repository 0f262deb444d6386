import type { MembershipLevel } from '@parley/contract/route';
import { fixedStatement } from '@parley/db/fixed-statement';
import type { Schema } from '@parley/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { ACCESS } from '#features/projects/access.sql.ts';
import type { Project } from '#platform/actor.ts';

/** `@current`, or the number of a project. */
export type ProjectRef = '@current' | number;

interface ProjectColumns {
  project_id: number | null;
  organization_id: string;
  project_name: string;
  timezone: string;
  conversations_enabled: boolean;
  conversations_settings: Record<string, unknown>;
  is_ai_approved: boolean;
  access: Project['access'];
}

export interface KeyRow extends ProjectColumns {
  key_id: string;
  scopes: string[];
  project_ids: number[] | null;
  last_used_at: Date | null;
  user_id: number;
  uuid: string;
  email: string;
  first_name: string;
  last_name: string;
}

const PROJECT_COLUMNS = sql`
  p.id as project_id, p.organization_id, p.name as project_name, p.timezone, p.conversations_enabled,
  p.conversations_settings, o.is_ai_data_processing_approved as is_ai_approved, ${ACCESS} as access`;

/** The project a reference means to user u; `limit` names an array of the only projects that count, or null. */
function projectOf(ref: ProjectRef | RawBuilder<number>, limit: RawBuilder<unknown>): RawBuilder<unknown> {
  const joins = sql`
    select ${PROJECT_COLUMNS}
    from memberships m
    join projects p on p.organization_id = m.organization_id
    join organizations o on o.id = p.organization_id
    left join project_access a on a.project_id = p.id and a.user_id = m.user_id
    where m.user_id = u.id`;
  if (ref !== '@current') return sql`${joins} and p.id = ${ref}`;
  return sql`${joins}
    and coalesce(a.level, '') <> 'none' and (${limit} is null or p.id = any(${limit}))
    order by (p.id is not distinct from u.current_project_id) desc, p.id limit 1`;
}

function selectKey(tokenHash: RawBuilder<Buffer>, ref?: '@current' | RawBuilder<number>): RawBuilder<KeyRow> {
  const project = ref && sql`left join lateral (${projectOf(ref, sql`k.project_ids`)}) p on true`;
  return sql<KeyRow>`
    select k.id as key_id, k.scopes, k.project_ids, k.last_used_at,
      u.id as user_id, u.uuid, u.email, u.first_name, u.last_name ${project ? sql`, p.*` : sql``}
    from api_keys k
    join users u on u.id = k.user_id
    ${project ?? sql``}
    where k.token_hash = ${tokenHash}`;
}

const selectKeyAlone = fixedStatement<KeyRow, [Buffer]>((hash) => selectKey(hash));
const selectKeyAndCurrent = fixedStatement<KeyRow, [Buffer]>((hash) => selectKey(hash, '@current'));
const selectKeyAndProject = fixedStatement<KeyRow, [Buffer, number]>((hash, id) => selectKey(hash, id));

/** A key, its user, and the project the request is about, in one statement: every request with a key pays for it. */
export async function findKey(
  db: Kysely<Schema>,
  tokenHash: Buffer,
  ref: ProjectRef | undefined,
): Promise<KeyRow | undefined> {
  if (ref === undefined) return (await selectKeyAlone(db, tokenHash))[0];
  if (ref === '@current') return (await selectKeyAndCurrent(db, tokenHash))[0];
  return (await selectKeyAndProject(db, tokenHash, ref))[0];
}

/** What a key may do; undefined once it is revoked. */
export function findKeyLimits(db: Kysely<Schema>, id: string) {
  return db.selectFrom('api_keys').select(['scopes', 'project_ids']).where('id', '=', id).executeTakeFirst();
}

export async function findProject(
  db: Kysely<Schema>,
  userId: number,
  ref: ProjectRef,
): Promise<ProjectColumns | undefined> {
  const { rows } = await sql<ProjectColumns>`
    select p.* from users u
    join lateral (${projectOf(ref, sql`null::integer[]`)}) p on true
    where u.id = ${userId}`.execute(db);
  return rows[0];
}

export async function findOrganization(db: Kysely<Schema>, userId: number, id: string) {
  const { rows } = await sql<{ id: string; name: string; is_ai_approved: boolean; level: MembershipLevel }>`
    select o.id, o.name, o.is_ai_data_processing_approved as is_ai_approved, m.level
    from organizations o
    join memberships m on m.organization_id = o.id and m.user_id = ${userId}
    where o.id = ${id}`.execute(db);
  return rows[0];
}

/** At most one writer a minute gets through, however many nodes try. */
export async function touchKey(db: Kysely<Schema>, keyId: string, now: Date, before: Date): Promise<void> {
  await sql`
    update api_keys set last_used_at = ${now}
    where id = ${keyId} and (last_used_at is null or last_used_at <= ${before})`.execute(db);
}

export function toProject(row: ProjectColumns): Project | undefined {
  // Absent when the left join found none.
  if (row.project_id === null || row.project_id === undefined) return undefined;
  return {
    id: row.project_id,
    organizationId: row.organization_id,
    name: row.project_name,
    timezone: row.timezone,
    conversationsEnabled: row.conversations_enabled,
    settings: row.conversations_settings,
    isAiApproved: row.is_ai_approved,
    access: row.access,
  };
}
