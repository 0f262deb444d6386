import type { ProjectSecret } from '@parley/contract/project-secrets';
import type { SecretScope } from '@parley/contract/route';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import { type Project, userOf } from '#platform/actor.ts';
import { ApiError, notFound } from '#platform/api-error.ts';
import { tryClaim } from '#platform/claim.ts';
import { hashToken, isUuid, newId, newToken } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './project-secrets.repo.ts';

type NewSecret = ProjectSecret & { secret: string };

/** The secrets of a project, newest first, without what they are. */
export async function listSecrets(context: ReadContext, project: Project): Promise<ProjectSecret[]> {
  return (await repo.findMany(context.tx, project.id)).map(present);
}

/** A new primary secret. The one before it goes on working as the backup secret (tickets-api.md 4.7). */
export async function rotateSecret(uow: Uow, project: Project): Promise<NewSecret> {
  // Two of them at once would both retire the same secret and make two primary ones.
  if (!(await tryClaim(uow, `project_secrets.rotate:${project.id}`)))
    throw new ApiError('conflict', 'Another primary secret is being made right now.');
  await repo.retirePrimary(uow.tx, project.id);
  return issue(uow, project, { kind: 'primary', label: 'Project secret', scopes: null });
}

/** A secret key that may do only what its scopes say. */
export function createSecretKey(
  uow: Uow,
  project: Project,
  { label, scopes }: { label: string; scopes: SecretScope[] },
): Promise<NewSecret> {
  return issue(uow, project, { kind: 'key', label: label.trim(), scopes: [...new Set(scopes)] });
}

/** Revokes a secret: every request looks its secret up, so the next one with it is refused. */
export async function deleteSecret(uow: Uow, project: Project, id: string): Promise<void> {
  if (!isUuid(id) || !(await repo.remove(uow.tx, project.id, id))) throw notFound();
  const target = { type: 'project_secret', id };
  await recordAudit(uow, project, { act: 'project_secrets.delete', target });
}

async function issue(
  uow: Uow,
  project: Project,
  { kind, label, scopes }: Pick<repo.ProjectSecretRow, 'kind' | 'label' | 'scopes'>,
): Promise<NewSecret> {
  const secret = newToken('prs_');
  const row = await repo.insert(uow.tx, {
    project_id: project.id,
    id: newId(),
    kind,
    label,
    scopes,
    mask: `${secret.slice(0, 4)}...${secret.slice(-4)}`,
    token_hash: hashToken(secret),
    created_by: userOf(uow.actor)?.id ?? null,
    created_at: uow.now,
  });
  const act = kind === 'key' ? 'project_secrets.create' : 'project_secrets.rotate';
  const target = { type: 'project_secret', id: row.id, name: label };
  await recordAudit(uow, project, { act, target, detail: { mask: row.mask, scopes } });
  return { ...present(row), secret };
}

function present({ created_at, ...row }: repo.ProjectSecretRow): ProjectSecret {
  return { ...row, created_at: formatInstant(created_at) };
}
