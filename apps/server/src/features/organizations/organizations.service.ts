import { newId } from '#platform/ids.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as members from './members.repo.ts';
import * as repo from './organizations.repo.ts';

/** A new organization with its first owner. */
export async function createOrganization(
  uow: Uow,
  input: { name: string; ownerId: number },
): Promise<string> {
  const id = newId();
  await repo.insert(uow.tx, id, input.name, uow.now);
  await members.insert(uow.tx, { organization_id: id, user_id: input.ownerId, level: 'owner' }, uow.now);
  return id;
}

export function hasOrganizations(context: ReadContext): Promise<boolean> {
  return repo.exists(context.tx);
}
