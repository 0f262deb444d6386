import type { CurrentUser } from '@parley/contract/people';
import { listOrganizations } from '#features/organizations/organizations.service.ts';
import { listProjects } from '#features/projects/projects.service.ts';
import { type Actor, requireUser } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './users.repo.ts';
import { presentUser } from './users.sql.ts';

/** The caller, as the caller sees it. */
export function showCurrentUser(context: ReadContext): Promise<CurrentUser> {
  return showUser(context, requireUser(context.actor).id, projectLimit(context.actor));
}

/** A user as that user sees it, right after signing in. */
export async function showUser(
  context: ReadContext,
  userId: number,
  projectIds: readonly number[] | null = null,
): Promise<CurrentUser> {
  const user = await repo.find(context.tx, userId);
  if (!user) throw new Error('A user who was just there is gone.');
  const organizations = await listOrganizations(context, userId);
  const projects = await listProjects(context, userId, projectIds);
  const current = projects.find(({ id }) => id === user.current_project_id) ?? projects[0] ?? null;
  return {
    ...presentUser(user),
    created_at: formatInstant(user.created_at),
    organizations: organizations.map(({ id, name, level }) => ({ id, name, level })),
    current_project_id: current?.id ?? null,
    current_project: current,
  };
}

export interface UserChanges {
  first_name?: string;
  last_name?: string;
  current_project_id?: number | null;
}

export async function updateCurrentUser(uow: Uow, body: UserChanges): Promise<CurrentUser> {
  const { id } = requireUser(uow.actor);
  const { first_name, last_name, current_project_id } = body;
  if (typeof current_project_id === 'number') {
    const projects = await listProjects(uow, id, projectLimit(uow.actor));
    if (!projects.some((project) => project.id === current_project_id)) {
      throw invalid('current_project_id', 'There is no such project.', 'does_not_exist');
    }
  }
  const changes = {
    ...(first_name === undefined ? {} : { first_name }),
    ...(last_name === undefined ? {} : { last_name }),
    ...(current_project_id === undefined ? {} : { current_project_id }),
  };
  await repo.update(uow.tx, id, changes, uow.now);
  return showCurrentUser(uow);
}

function projectLimit(actor: Actor): readonly number[] | null {
  return actor.kind === 'key' ? actor.projectIds : null;
}
