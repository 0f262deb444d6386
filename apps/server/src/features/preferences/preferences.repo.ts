import type { Schema } from '@parley/db/schema';
import type { ProjectPreferencesTable, UserPreferencesTable } from '@parley/db/tables-agent-work';
import type { Kysely, Selectable, Transaction } from 'kysely';

export type PreferencesRow = Selectable<UserPreferencesTable>;
export type ProjectPreferencesRow = Selectable<ProjectPreferencesTable>;

/** What is written: JSON as text. */
export interface WrittenPreferences {
  preferences: string;
  client_state: string;
  version: number;
  updated_at: Date;
}

export function findMany(tx: Kysely<Schema>, userIds: readonly number[]): Promise<PreferencesRow[]> {
  return tx.selectFrom('user_preferences').selectAll().where('user_id', 'in', userIds).execute();
}

/** The row to be changed, made when there is none, so that two changes at once take turns. */
export async function lock(tx: Transaction<Schema>, userId: number, now: Date): Promise<PreferencesRow> {
  await tx
    .insertInto('user_preferences')
    .values({ user_id: userId, version: 0, updated_at: now })
    .onConflict((conflict) => conflict.columns(['user_id']).doNothing())
    .execute();
  return tx
    .selectFrom('user_preferences')
    .selectAll()
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export function update(
  tx: Transaction<Schema>,
  userId: number,
  row: WrittenPreferences,
): Promise<PreferencesRow> {
  return tx
    .updateTable('user_preferences')
    .set(row)
    .where('user_id', '=', userId)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findOfProject(
  tx: Kysely<Schema>,
  projectId: number,
  userId: number,
): Promise<ProjectPreferencesRow | undefined> {
  return tx
    .selectFrom('project_preferences')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
}

/** As `lock`, in one project. */
export async function lockOfProject(
  tx: Transaction<Schema>,
  projectId: number,
  userId: number,
  now: Date,
): Promise<ProjectPreferencesRow> {
  await tx
    .insertInto('project_preferences')
    .values({ project_id: projectId, user_id: userId, version: 0, updated_at: now })
    .onConflict((conflict) => conflict.columns(['project_id', 'user_id']).doNothing())
    .execute();
  return tx
    .selectFrom('project_preferences')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export function updateOfProject(
  tx: Transaction<Schema>,
  { project_id, user_id }: Pick<ProjectPreferencesRow, 'project_id' | 'user_id'>,
  row: WrittenPreferences,
): Promise<ProjectPreferencesRow> {
  return tx
    .updateTable('project_preferences')
    .set(row)
    .where('project_id', '=', project_id)
    .where('user_id', '=', user_id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
