import type { Member } from '@parley/contract/organizations';
import type { MembershipLevel } from '@parley/contract/route';
import { asUser, recordAudit } from '#features/audit-log/audit-log.service.ts';
import { presentUser } from '#features/auth/users.sql.ts';
import { unfollowAll } from '#features/followers/followers.service.ts';
import { unassignTickets } from '#features/tickets/tickets.unassign.service.ts';
import { requireUser } from '#platform/actor.ts';
import { ApiError, forbidden, notFound } from '#platform/api-error.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './members.repo.ts';
import { canRemove, canSetLevel } from './organizations.policy.ts';
import { findProjectIds } from './organizations.repo.ts';
import { holdOrganization } from './organizations.service.ts';
import { parseUserId } from './user-id.ts';

export async function listMembers(context: ReadContext, organizationId: string): Promise<Member[]> {
  return (await repo.findMany(context.tx, organizationId)).map(present);
}

/** The member a path names; 404 for everybody else. */
export async function findMember(
  context: ReadContext,
  organizationId: string,
  ref: string,
): Promise<repo.MemberRow> {
  const userId = parseUserId(context.actor, ref);
  const [member] = userId === undefined ? [] : await repo.findMany(context.tx, organizationId, userId);
  if (!member) throw notFound();
  return member;
}

/** Whether an address belongs to a member already. */
export async function isMember(
  context: ReadContext,
  organizationId: string,
  email: string,
): Promise<boolean> {
  const members = await repo.findMany(context.tx, organizationId);
  return members.some((member) => member.email === email.toLowerCase());
}

/** Adds a user; one who is a member already keeps the level. */
export async function addMember(uow: Uow, member: repo.NewMember): Promise<void> {
  await repo.insert(uow.tx, member, uow.now);
}

export async function changeLevel(
  uow: Uow,
  organizationId: string,
  ref: string,
  level: MembershipLevel,
): Promise<Member> {
  const { caller, target } = await lockPair(uow, organizationId, ref);
  if (!canSetLevel(caller.level, target.level, level)) throw forbidden();
  if (target.level === level) return present(target);
  if (target.level === 'owner') await keepAnOwner(uow, organizationId);
  const row = { organization_id: organizationId, user_id: target.id, level };
  await repo.updateLevel(uow.tx, row);
  // An owner manages every project; what was set before must not come back with a later demotion either.
  if (level === 'owner') await repo.deleteProjectAccess(uow.tx, organizationId, target.id);
  const detail = { before: target.level, after: level };
  await recordAudit(uow, { organizationId }, { act: 'members.update', target: asUser(target), detail });
  return present({ ...target, level });
}

/** Their tickets in the organization's projects are left without an assignee, and they follow none any more. */
export async function removeMember(uow: Uow, organizationId: string, ref: string): Promise<void> {
  const { caller, target } = await lockPair(uow, organizationId, ref);
  if (!canRemove(caller, target)) throw forbidden();
  if (target.level === 'owner') await keepAnOwner(uow, organizationId);
  await repo.lock(uow.tx, organizationId, target.id);
  const projectIds = await findProjectIds(uow.tx, organizationId);
  await unassignTickets(uow, projectIds, { userId: target.id });
  await unfollowAll(uow, projectIds, target.id);
  await repo.remove(uow.tx, organizationId, target.id);
  await recordAudit(uow, { organizationId }, { act: 'members.delete', target: asUser(target) });
}

/** Caller and target as they are once nobody else can change them: what was read at admission may be old. */
async function lockPair(uow: Uow, organizationId: string, ref: string) {
  await holdOrganization(uow, organizationId);
  const [caller] = await repo.findMany(uow.tx, organizationId, requireUser(uow.actor).id);
  if (!caller) throw notFound();
  return { caller, target: await findMember(uow, organizationId, ref) };
}

async function keepAnOwner(uow: Uow, organizationId: string): Promise<void> {
  if ((await repo.countOwners(uow.tx, organizationId)) > 1) return;
  throw new ApiError('conflict', 'An organization keeps at least one owner.');
}

function present(row: repo.MemberRow): Member {
  return { user: presentUser(row), level: row.level, joined_at: formatInstant(row.joined_at) };
}
