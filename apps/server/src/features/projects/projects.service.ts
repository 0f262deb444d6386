import { newToken } from '#platform/ids.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './projects.repo.ts';

export interface CreateProjectInput {
  organizationId: string;
  name: string;
  timezone?: string | undefined;
  /** Taken as it is; otherwise a random one is made. */
  token?: string | undefined;
  identitySecret?: string | undefined;
}

/** A new project, with the counters that its tickets and events are numbered by. */
export async function createProject(
  uow: Uow,
  input: CreateProjectInput,
): Promise<{ id: number; token: string }> {
  const token = input.token ?? newToken('prt_');
  const project = {
    organization_id: input.organizationId,
    name: input.name,
    timezone: input.timezone ?? 'UTC',
    token,
    identity_secret: input.identitySecret ?? newToken('pri_'),
  };
  const id = await repo.insert(uow.tx, project, uow.now);
  await repo.insertCounters(uow.tx, id);
  return { id, token };
}

/** For the first start only: the next project gets number 1. */
export function restartProjectIds(uow: Uow): Promise<void> {
  return repo.restartIds(uow.tx);
}

/** The project with the lowest number, for the start-up banner. */
export function findFirstProject(context: ReadContext): Promise<{ id: number; token: string } | undefined> {
  return repo.findFirst(context.tx);
}
