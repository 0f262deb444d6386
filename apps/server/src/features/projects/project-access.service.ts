import type { ProjectAccess } from '@parley/contract/project-access';
import type { AccessLevel } from '@parley/contract/route';
import { asUser, recordAudit } from '#features/audit-log/audit-log.service.ts';
import { presentUser } from '#features/auth/users.sql.ts';
import { findMember } from '#features/organizations/members.service.ts';
import { holdOrganization } from '#features/organizations/organizations.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { ApiError, forbidden, notFound } from '#platform/api-error.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './project-access.repo.ts';

export async function listAccess(context: ReadContext, project: Project): Promise<ProjectAccess[]> {
  return (await repo.findMany(context.tx, project.id, project.organizationId)).map(present);
}

export async function setAccess(
  uow: Uow,
  project: Project,
  userRef: string,
  level: AccessLevel,
): Promise<ProjectAccess> {
  const target = await lockTarget(uow, project, userRef);
  await repo.upsert(uow.tx, { project_id: project.id, user_id: target.id, level });
  const detail = { before: target.access, after: level };
  await recordAudit(uow, project, { act: 'project_access.update', target: asUser(target), detail });
  return present({ ...target, explicit_level: level, access: level });
}

export async function resetAccess(uow: Uow, project: Project, userRef: string): Promise<void> {
  const target = await lockTarget(uow, project, userRef);
  await repo.remove(uow.tx, project.id, target.id);
  await recordAudit(uow, project, { act: 'project_access.delete', target: asUser(target) });
}

/** The member whose access is to change; the lock keeps members and levels as they are until that is done. */
async function lockTarget(uow: Uow, project: Project, userRef: string): Promise<repo.AccessRow> {
  await holdOrganization(uow, project.organizationId);
  const { id } = await findMember(uow, project.organizationId, userRef);
  const [target] = await repo.findMany(uow.tx, project.id, project.organizationId, id);
  const callerId = requireUser(uow.actor).id;
  const [caller] = await repo.findMany(uow.tx, project.id, project.organizationId, callerId);
  if (!target || !caller) throw notFound();
  // So that no project can end up with nobody to manage it.
  if (target.organization_level === 'owner') {
    throw new ApiError('conflict', 'Owners of the organization manage every project.');
  }
  if (target.organization_level === 'admin' && caller.organization_level === 'member') throw forbidden();
  return target;
}

function present(row: repo.AccessRow): ProjectAccess {
  return {
    user: presentUser(row),
    organization_level: row.organization_level,
    level: row.access,
    explicit_level: row.explicit_level,
  };
}
