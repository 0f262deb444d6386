import type {
  Preferences,
  PreferencesUpdate,
  ProjectPreferences,
  ProjectPreferencesUpdate,
} from '@parley/contract/preferences';
import { type Project, requireUser } from '#platform/actor.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import type { NotificationChoices } from './preferences.defaults.ts';
import { applyChoices, applyNotifications, checkClientState, mergeChoices } from './preferences.merge.ts';
import * as repo from './preferences.repo.ts';

/** What each of these users wants to hear of, and how; also of those who never chose. */
export async function notificationChoices(
  context: ReadContext,
  userIds: readonly number[],
): Promise<Map<number, NotificationChoices>> {
  const rows = userIds.length === 0 ? [] : await repo.findMany(context.tx, userIds);
  const stored = new Map(rows.map((row) => [row.user_id, row.preferences]));
  return new Map(userIds.map((id) => [id, applyNotifications(stored.get(id) ?? {})]));
}

export async function showPreferences(context: ReadContext): Promise<Preferences> {
  const [row] = await repo.findMany(context.tx, [requireUser(context.actor).id]);
  return present(row);
}

export async function updatePreferences(uow: Uow, body: PreferencesUpdate): Promise<Preferences> {
  const { client_state, ...choices } = body;
  const { id } = requireUser(uow.actor);
  const row = await repo.lock(uow.tx, id, uow.now);
  const written = {
    preferences: JSON.stringify(mergeChoices(row.preferences, choices)),
    client_state: client_state ? checkClientState(client_state) : JSON.stringify(row.client_state),
    version: row.version + 1,
    updated_at: uow.now,
  };
  return present(await repo.update(uow.tx, id, written));
}

function present(row: repo.PreferencesRow | undefined): Preferences {
  return {
    ...applyChoices(row?.preferences ?? {}),
    client_state: row?.client_state ?? {},
    version: row?.version ?? 0,
    updated_at: row ? formatInstant(row.updated_at) : null,
  };
}

export async function showProjectPreferences(
  context: ReadContext,
  project: Project,
): Promise<ProjectPreferences> {
  const userId = requireUser(context.actor).id;
  return presentOfProject(await repo.findOfProject(context.tx, project.id, userId));
}

export async function updateProjectPreferences(
  uow: Uow,
  project: Project,
  body: ProjectPreferencesUpdate,
): Promise<ProjectPreferences> {
  const { client_state, ...choices } = body;
  const row = await repo.lockOfProject(uow.tx, project.id, requireUser(uow.actor).id, uow.now);
  const written = {
    preferences: JSON.stringify({ ...row.preferences, ...choices }),
    client_state: client_state ? checkClientState(client_state) : JSON.stringify(row.client_state),
    version: row.version + 1,
    updated_at: uow.now,
  };
  return presentOfProject(await repo.updateOfProject(uow.tx, row, written));
}

function presentOfProject(row: repo.ProjectPreferencesRow | undefined): ProjectPreferences {
  return {
    columns: null,
    order_by: null,
    ...row?.preferences,
    client_state: row?.client_state ?? {},
    version: row?.version ?? 0,
    updated_at: row ? formatInstant(row.updated_at) : null,
  };
}
