import type { IdentitySecret } from '@parley/contract/identity-secrets';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError, notFound } from '#platform/api-error.ts';
import { tryClaim } from '#platform/claim.ts';
import { isUuid, newId, newToken } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './identity-secrets.repo.ts';

/** The secrets with which a site signs the ids of its customers, without what they are. */
export async function listIdentitySecrets(context: ReadContext, project: Project): Promise<IdentitySecret[]> {
  return (await repo.findMany(context.tx, project.id)).map(present);
}

/** The first secret of a new project: the one that was named, or a random one. */
export async function addFirstIdentitySecret(
  uow: Uow,
  box: SecretBox,
  projectId: number,
  secret = newToken('pri_'),
): Promise<void> {
  await insert(uow, box, projectId, secret);
}

/** A new secret. What the one before it signed stays good until that one is deleted (widget.md 6). */
export async function rotateIdentitySecret(
  uow: Uow,
  box: SecretBox,
  project: Project,
): Promise<IdentitySecret & { secret: string }> {
  // Two of them at once would both retire the same secret.
  if (!(await tryClaim(uow, `identity_secrets.rotate:${project.id}`)))
    throw new ApiError('conflict', 'Another secret is being made right now.');
  await repo.retireCurrent(uow.tx, project.id);
  const secret = newToken('pri_');
  const row = await insert(uow, box, project.id, secret);
  const target = { type: 'identity_secret', id: row.id };
  await recordAudit(uow, project, {
    act: 'identity_secrets.rotate',
    target,
    detail: { mask: row.mask },
  });
  return { ...present(row), secret };
}

/** Revokes a secret: every request looks the secrets up, so the next one that needs it is refused. */
export async function deleteIdentitySecret(uow: Uow, project: Project, id: string): Promise<void> {
  if (!isUuid(id) || !(await repo.remove(uow.tx, project.id, id))) throw notFound();
  const target = { type: 'identity_secret', id };
  await recordAudit(uow, project, { act: 'identity_secrets.delete', target });
}

/** The secret itself. Those of before they were sealed are stored as they are. */
export function openIdentitySecret(box: SecretBox, stored: string): string {
  return box.open(stored) ?? stored;
}

/** Of a short one, which only a bootstrap variable can name, nothing is told. */
function maskOf(secret: string): string {
  return secret.length < 16 ? '...' : `...${secret.slice(-4)}`;
}

function insert(uow: Uow, box: SecretBox, projectId: number, secret: string) {
  return repo.insert(uow.tx, {
    project_id: projectId,
    id: newId(),
    kind: 'current',
    secret: box.seal(secret),
    mask: maskOf(secret),
    created_at: uow.now,
  });
}

function present({ created_at, ...row }: repo.IdentitySecretRow): IdentitySecret {
  return { ...row, created_at: formatInstant(created_at) };
}
