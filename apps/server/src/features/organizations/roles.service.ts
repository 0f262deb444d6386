import type { Role } from '@parley/contract/roles';
import { type Audited, recordAudit } from '#features/audit-log/audit-log.service.ts';
import { unassignTickets } from '#features/tickets/tickets.unassign.service.ts';
import { invalid, notFound } from '#platform/api-error.ts';
import { isUuid, newId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { findMember } from './members.service.ts';
import { findProjectIds } from './organizations.repo.ts';
import { holdOrganization } from './organizations.service.ts';
import * as repo from './roles.repo.ts';

export async function listRoles(context: ReadContext, organizationId: string): Promise<Role[]> {
  return (await repo.findMany(context.tx, organizationId)).map(present);
}

export async function showRole(context: ReadContext, organizationId: string, id: string): Promise<Role> {
  const [role] = isUuid(id) ? await repo.findMany(context.tx, organizationId, id) : [];
  if (!role) throw notFound();
  return present(role);
}

export async function createRole(uow: Uow, organizationId: string, name: string): Promise<Role> {
  await holdOrganization(uow, organizationId);
  const id = newId();
  const role = { id, organization_id: organizationId, name: name.trim() };
  if (!(await repo.insert(uow.tx, role, uow.now))) throw nameTaken();
  await audit(uow, organizationId, 'roles.create', role);
  return showRole(uow, organizationId, id);
}

export async function renameRole(
  uow: Uow,
  organizationId: string,
  id: string,
  name: string | undefined,
): Promise<Role> {
  await holdOrganization(uow, organizationId);
  const role = await showRole(uow, organizationId, id);
  if (name === undefined) return role;
  if (await repo.isNameTaken(uow.tx, organizationId, name.trim(), role.id)) throw nameTaken();
  await repo.rename(uow.tx, organizationId, role.id, name.trim());
  await audit(uow, organizationId, 'roles.update', role, { before: role.name, after: name.trim() });
  return { ...role, name: name.trim() };
}

/** Its tickets are left without an assignee, each with an event of its own: the foreign key would do it in silence. */
export async function deleteRole(uow: Uow, organizationId: string, id: string): Promise<void> {
  const role = await showRole(uow, organizationId, id);
  await repo.lock(uow.tx, organizationId, role.id);
  await unassignTickets(uow, await findProjectIds(uow.tx, organizationId), { roleId: role.id });
  await repo.remove(uow.tx, organizationId, role.id);
  await audit(uow, organizationId, 'roles.delete', role);
}

/** Only members of the organization can be in its roles; the lock keeps one from leaving meanwhile. */
export async function addRoleMember(
  uow: Uow,
  organizationId: string,
  id: string,
  userRef: string,
): Promise<Role> {
  await holdOrganization(uow, organizationId);
  const role = await showRole(uow, organizationId, id);
  const member = await findMember(uow, organizationId, userRef);
  await repo.insertMember(uow.tx, role.id, member.id);
  await audit(uow, organizationId, 'roles.add_member', role, { user_id: member.id, email: member.email });
  return showRole(uow, organizationId, role.id);
}

export async function removeRoleMember(
  uow: Uow,
  organizationId: string,
  id: string,
  userRef: string,
): Promise<void> {
  const role = await showRole(uow, organizationId, id);
  const member = await findMember(uow, organizationId, userRef);
  await repo.removeMember(uow.tx, role.id, member.id);
  await audit(uow, organizationId, 'roles.remove_member', role, { user_id: member.id, email: member.email });
}

function audit(
  uow: Uow,
  organizationId: string,
  act: Audited['act'],
  { id, name }: { id: string; name: string },
  detail: object = {},
): Promise<void> {
  return recordAudit(uow, { organizationId }, { act, target: { type: 'role', id, name }, detail });
}

function nameTaken() {
  return invalid('name', 'A role with this name already exists.', 'unique');
}

function present(row: repo.RoleRow): Role {
  return { id: row.id, name: row.name, members: row.members, created_at: formatInstant(row.created_at) };
}
