import type { Invitation } from '@parley/contract/invitations';
import type { MembershipLevel } from '@parley/contract/route';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import { requireUser } from '#platform/actor.ts';
import { forbidden, invalid, notFound } from '#platform/api-error.ts';
import { hashToken, isUuid, newId, newToken } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './invitations.repo.ts';
import { isMember } from './members.service.ts';
import { canInvite } from './organizations.policy.ts';

const VALID_FOR_MS = 7 * 86_400_000;

export interface InviteInput {
  organizationId: string;
  /** Of the caller. */
  callerLevel: MembershipLevel;
  email: string;
  level: MembershipLevel;
}

export async function listInvitations(context: ReadContext, organizationId: string): Promise<Invitation[]> {
  return (await repo.findMany(context.tx, organizationId, context.now)).map(present);
}

/** A new invitation; its token is in the answer and nowhere else. An earlier one to the same address ends. */
export async function invite(uow: Uow, input: InviteInput): Promise<Invitation & { token: string }> {
  const { organizationId, callerLevel, level } = input;
  if (!canInvite(callerLevel, level)) throw forbidden();
  const email = input.email.toLowerCase();
  if (await isMember(uow, organizationId, email)) {
    throw invalid('email', 'This person is a member already.', 'unique');
  }
  await repo.deleteByEmail(uow.tx, organizationId, email);
  const token = newToken('pin_');
  const row = {
    id: newId(),
    organization_id: organizationId,
    email,
    level,
    token_hash: hashToken(token),
    created_by: requireUser(uow.actor).id,
    created_at: uow.now,
    expires_at: new Date(uow.now.getTime() + VALID_FOR_MS),
  };
  await repo.insert(uow.tx, row);
  const target = { type: 'invitation', id: row.id, name: email };
  await recordAudit(uow, { organizationId }, { act: 'invitations.create', target, detail: { level } });
  return { ...present(row), token };
}

export async function withdrawInvitation(uow: Uow, organizationId: string, id: string): Promise<void> {
  if (!isUuid(id) || !(await repo.remove(uow.tx, organizationId, id))) throw notFound();
  const target = { type: 'invitation', id };
  await recordAudit(uow, { organizationId }, { act: 'invitations.delete', target });
}

export async function deleteExpiredInvitations(uow: Uow): Promise<void> {
  await repo.deleteExpired(uow.tx, uow.now);
}

function present(row: {
  id: string;
  email: string;
  level: MembershipLevel;
  created_at: Date;
  expires_at: Date;
}): Invitation {
  return {
    id: row.id,
    email: row.email,
    level: row.level,
    created_at: formatInstant(row.created_at),
    expires_at: formatInstant(row.expires_at),
  };
}
