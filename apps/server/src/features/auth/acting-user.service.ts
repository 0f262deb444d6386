import type { Scope } from '@parley/contract/route';
import { isGranted } from '@parley/contract/scopes';
import type { ActorUser, Project } from '#platform/actor.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { findKeyLimits, findProject, toProject } from './identities.repo.ts';
import * as users from './users.repo.ts';

/** A user, for acts that were put off: nobody is signed in when they run. Undefined once the account is gone. */
export async function findActingUser(context: ReadContext, userId: number): Promise<ActorUser | undefined> {
  const user = await users.find(context.tx, userId);
  return user && toActorUser(user);
}

/** A row of a user as who acts. */
export function toActorUser(user: {
  id: number;
  uuid: string;
  email: string;
  first_name: string;
  last_name: string;
}): ActorUser {
  const { id, uuid, email, first_name, last_name } = user;
  return { id, uuid, email, firstName: first_name, lastName: last_name };
}

/** A project with what a user may do in it now. Undefined when they are not in its organization any more. */
export async function findProjectFor(
  context: ReadContext,
  userId: number,
  projectId: number,
): Promise<Project | undefined> {
  const row = await findProject(context.tx, userId, projectId);
  return row && toProject(row);
}

/** Whether a key is there and may do this now. False once it is revoked. */
export async function mayKeyAct(
  context: ReadContext,
  keyId: string,
  projectId: number,
  scope: Scope,
): Promise<boolean> {
  const key = await findKeyLimits(context.tx, keyId);
  if (!key || !isGranted(key.scopes, [scope])) return false;
  return key.project_ids === null || key.project_ids.includes(projectId);
}
