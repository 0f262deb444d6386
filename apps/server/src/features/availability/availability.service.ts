import type { Availability } from '@parley/contract/availability';
import { listProjectIds } from '#features/organizations/organizations.service.ts';
import { type Actor, requireUser } from '#platform/actor.ts';
import { forbidden, notFound } from '#platform/api-error.ts';
import type { Organization } from '#platform/http/call.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { canSetAvailability } from './availability.policy.ts';
import * as repo from './availability.repo.ts';

const MAX_INTEGER = 2 ** 31 - 1;

/** Agents whose state was ever set, by user id; no row means available (tickets-api.md 4.3). */
export async function listAvailability(
  context: ReadContext,
  organizationId: string,
): Promise<Availability[]> {
  const rows = await repo.findMany(context.tx, organizationId);
  return rows.flatMap(({ user, is_available, changed_by, updated_at }) =>
    user ? [{ user, is_available, changed_by, updated_at: formatInstant(updated_at) }] : [],
  );
}

function readUserId(actor: Actor, ref: string): number {
  const id = ref === '@me' ? requireUser(actor).id : /^[1-9]\d{0,9}$/.test(ref) ? Number(ref) : 0;
  if (id < 1 || id > MAX_INTEGER) throw notFound();
  return id;
}

/** Tells every project of the organization, but only of a real change: who was never set was available. */
export async function updateAvailability(
  uow: Uow,
  { id: organizationId, level }: Organization,
  ref: string,
  isAvailable: boolean,
): Promise<{ user_id: number; is_available: boolean }> {
  const caller = { id: requireUser(uow.actor).id, level };
  const userId = readUserId(uow.actor, ref);
  if (!(await repo.holdMember(uow.tx, organizationId, userId))) throw notFound();
  if (!canSetAvailability(caller, userId)) throw forbidden('Only admins can set the availability of others.');
  const version = await repo.upsert(uow.tx, {
    organization_id: organizationId,
    user_id: userId,
    is_available: isAvailable,
    changed_by: caller.id,
    updated_at: uow.now,
  });
  const isFirst = version === 1;
  if (version !== undefined && !(isFirst && isAvailable))
    await report(uow, organizationId, version, userId, isAvailable);
  return { user_id: userId, is_available: isAvailable };
}

async function report(
  uow: Uow,
  organizationId: string,
  version: number,
  userId: number,
  isAvailable: boolean,
): Promise<void> {
  const payload = { user_id: userId, is_available: isAvailable, changed_by: requireUser(uow.actor).id };
  const change = {
    name: 'availability.update' as const,
    resourceId: String(userId),
    resourceVersion: version,
  };
  for (const projectId of await listProjectIds(uow, organizationId))
    uow.emit({ ...change, projectId, payload });
}
