import type { AccessLevel } from '@parley/contract/route';
import type { Schema } from '@parley/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';
import { ACCESS } from './access.sql.ts';

export interface NewProject {
  organization_id: string;
  name: string;
  timezone: string;
  token: string;
  widget_token: string;
  conversations_settings: string;
}

export interface ProjectRow {
  id: number;
  organization_id: string;
  name: string;
  timezone: string;
  token: string;
  conversations_enabled: boolean;
  conversations_settings: Record<string, unknown>;
  widget_token: string | null;
  created_at: Date;
  access: AccessLevel;
}

export interface ProjectChanges {
  name?: string;
  timezone?: string;
  conversations_enabled?: boolean;
  conversations_settings?: string;
  widget_token?: string;
}

export async function insert(tx: Transaction<Schema>, project: NewProject, now: Date): Promise<number> {
  const { id } = await tx
    .insertInto('projects')
    .values({ ...project, created_at: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Without its counters a project can neither number a ticket nor an event. */
export async function insertCounters(tx: Transaction<Schema>, projectId: number): Promise<void> {
  await tx.insertInto('ticket_counters').values({ project_id: projectId }).execute();
  await tx.insertInto('event_counters').values({ project_id: projectId }).execute();
}

/** Project ids start at 1 again: a first start that was rolled back has used up numbers. */
export async function restartIds(tx: Transaction<Schema>): Promise<void> {
  await sql`alter table projects alter column id restart with 1`.execute(tx);
}

export function findFirst(tx: Kysely<Schema>) {
  return tx.selectFrom('projects').select(['id', 'token']).orderBy('id').limit(1).executeTakeFirst();
}

/** The projects a user can access, by number; one of them when an id is given. */
export async function findMany(tx: Kysely<Schema>, userId: number, id?: number): Promise<ProjectRow[]> {
  const { rows } = await sql<ProjectRow>`
    select p.id, p.organization_id, p.name, p.timezone, p.token, p.conversations_enabled,
      p.conversations_settings, p.widget_token, p.created_at, ${ACCESS} as access
    from memberships m
    join projects p on p.organization_id = m.organization_id
    left join project_access a on a.project_id = p.id and a.user_id = m.user_id
    where m.user_id = ${userId} and a.level is distinct from 'none'
      ${id === undefined ? sql`` : sql`and p.id = ${id}`}
    order by p.id`.execute(tx);
  return rows;
}

/** Settings are merged, so writers take turns. */
export async function lockSettings(
  tx: Transaction<Schema>,
  id: number,
): Promise<Pick<ProjectRow, 'conversations_settings' | 'widget_token'> | undefined> {
  const { rows } = await sql<Pick<ProjectRow, 'conversations_settings' | 'widget_token'>>`
    select conversations_settings, widget_token from projects where id = ${id} for no key update`.execute(tx);
  return rows[0];
}

export async function update(tx: Transaction<Schema>, id: number, changes: ProjectChanges): Promise<void> {
  await tx.updateTable('projects').set(changes).where('id', '=', id).execute();
}

/**
 * Deletes a project with everything in it. Tickets go first: their trigger still writes counts, which must refer to a
 * project that is there. Events and remembered answers don't refer to projects at all.
 */
export async function remove(tx: Transaction<Schema>, id: number): Promise<void> {
  await tx.deleteFrom('tickets').where('project_id', '=', id).execute();
  await tx.deleteFrom('events').where('project_id', '=', id).execute();
  await tx.deleteFrom('event_counters').where('project_id', '=', id).execute();
  await tx.deleteFrom('idempotency_keys').where('project_id', '=', id).execute();
  await tx.deleteFrom('projects').where('id', '=', id).execute();
}
