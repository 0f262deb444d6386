import type { Organization } from '@parley/contract/organizations';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import { requireUser } from '#platform/actor.ts';
import { ApiError, notFound } from '#platform/api-error.ts';
import { newId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
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

/** The organizations a user is in. */
export async function listOrganizations(context: ReadContext, userId: number): Promise<Organization[]> {
  return (await repo.findMany(context.tx, userId)).map(present);
}

/** One organization as the caller, a member, sees it. */
export async function showOrganization(context: ReadContext, id: string): Promise<Organization> {
  const [row] = await repo.findMany(context.tx, requireUser(context.actor).id, id);
  if (!row) throw notFound();
  return present(row);
}

export async function updateOrganization(
  uow: Uow,
  id: string,
  body: { name?: string; is_ai_data_processing_approved?: boolean },
): Promise<Organization> {
  const { name, is_ai_data_processing_approved } = body;
  const changes = {
    ...(name === undefined ? {} : { name }),
    ...(is_ai_data_processing_approved === undefined ? {} : { is_ai_data_processing_approved }),
  };
  if (Object.keys(changes).length > 0) {
    await repo.update(uow.tx, id, changes);
    const detail = { fields: Object.keys(changes), ...changes };
    await recordAudit(uow, { organizationId: id }, { act: 'organizations.update', detail });
  }
  return showOrganization(uow, id);
}

/** Projects hold customers' conversations: they are deleted one by one, never along with something else. */
export async function deleteOrganization(uow: Uow, id: string): Promise<void> {
  await repo.lockWhole(uow.tx, id);
  if (await repo.hasProjects(uow.tx, id)) {
    throw new ApiError('conflict', 'The organization still has projects. Delete them first.');
  }
  await repo.remove(uow.tx, id);
}

/** The projects of an organization, by number. */
export function listProjectIds(context: ReadContext, id: string): Promise<number[]> {
  return repo.findProjectIds(context.tx, id);
}

/** Keeps an organization from being deleted until this unit of work ends. */
export async function holdOrganization(uow: Uow, id: string): Promise<void> {
  if (!(await repo.lock(uow.tx, id))) throw notFound();
}

function present(row: repo.OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    is_ai_data_processing_approved: row.is_ai_data_processing_approved,
    level: row.level,
    created_at: formatInstant(row.created_at),
  };
}
