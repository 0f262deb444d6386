import type { ApiKey, CurrentApiKey } from '@parley/contract/api-keys';
import type { Scope } from '@parley/contract/route';
import { recordAccountAudit } from '#features/audit-log/audit-log.service.ts';
import { listProjects } from '#features/projects/projects.service.ts';
import { type Actor, requireUser } from '#platform/actor.ts';
import { invalid, notFound } from '#platform/api-error.ts';
import { hashToken, isUuid, newId, newToken } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './api-keys.repo.ts';

export interface IssueKeyInput {
  userId: number;
  label: string;
  scopes: readonly Scope[];
  /** Null: every project the user can access. */
  projectIds: readonly number[] | null;
  /** Taken as it is; otherwise a random one is made. */
  token?: string | undefined;
}

/** Stores a new key. Its token is in the answer and nowhere else. */
export async function issueKey(uow: Uow, input: IssueKeyInput): Promise<{ id: string; token: string }> {
  const token = input.token ?? newToken('prl_');
  const id = newId();
  const key = {
    id,
    user_id: input.userId,
    label: input.label,
    mask: maskOf(token),
    token_hash: hashToken(token),
    scopes: [...new Set(input.scopes)],
    project_ids: input.projectIds && [...new Set(input.projectIds)],
  };
  await repo.insert(uow.tx, key, uow.now);
  return { id, token };
}

const MASKED_LENGTH = 20;

/** Enough to tell one's keys apart, and never a good part of a short one that was chosen by hand. */
function maskOf(token: string): string {
  return token.length < MASKED_LENGTH ? '...' : `${token.slice(0, 4)}...${token.slice(-4)}`;
}

export interface KeyInput {
  label: string;
  scopes: Scope[];
  project_ids?: number[] | null;
}

export async function listKeys(context: ReadContext): Promise<ApiKey[]> {
  return (await repo.findMany(context.tx, requireUser(context.actor).id)).map(present);
}

/** What the key of this request may do; whoever comes with a session has none. */
export function showCurrentKey(actor: Actor): CurrentApiKey {
  if (actor.kind !== 'key') throw notFound();
  const { keyId, scopes, projectIds } = actor;
  return { id: keyId, scopes: [...scopes], project_ids: projectIds && [...projectIds] };
}

/** A key of the caller's own. */
export async function createKey(uow: Uow, input: KeyInput): Promise<ApiKey & { key: string }> {
  const userId = requireUser(uow.actor).id;
  const projectIds = input.project_ids ?? null;
  await checkProjects(uow, userId, projectIds);
  const { id, token } = await issueKey(uow, { userId, label: input.label, scopes: input.scopes, projectIds });
  const key = await showKey(uow, id);
  await audit(uow, 'api_keys.create', key);
  return { ...key, key: token };
}

export async function updateKey(uow: Uow, id: string, input: Partial<KeyInput>): Promise<ApiKey> {
  const userId = requireUser(uow.actor).id;
  const { label, scopes, project_ids } = input;
  const before = await showKey(uow, id);
  await checkProjects(uow, userId, project_ids ?? null);
  const changes = {
    ...(label === undefined ? {} : { label }),
    ...(scopes === undefined ? {} : { scopes: [...new Set(scopes)] }),
    ...(project_ids === undefined ? {} : { project_ids: project_ids && [...new Set(project_ids)] }),
  };
  if (Object.keys(changes).length === 0) return before;
  await repo.update(uow.tx, userId, id, changes);
  const after = await showKey(uow, id);
  // Whoever loses the key's access and whoever is now open to it both hear of it.
  const reach = [before.project_ids, after.project_ids];
  const projectIds = reach.includes(null) ? null : reach.flatMap((ids) => ids ?? []);
  await audit(uow, 'api_keys.update', { ...after, project_ids: projectIds }, Object.keys(changes));
  return after;
}

/** Revokes a key: every request looks its key up, so the next one with this key is refused. */
export async function deleteKey(uow: Uow, id: string): Promise<void> {
  const userId = requireUser(uow.actor).id;
  const key = await showKey(uow, id);
  if (!(await repo.remove(uow.tx, userId, id))) throw notFound();
  await audit(uow, 'api_keys.delete', key);
}

/** Of a key that is limited to some projects only their organizations are told. */
async function audit(
  uow: Uow,
  act: 'api_keys.create' | 'api_keys.update' | 'api_keys.delete',
  { id, label, mask, scopes, project_ids }: ApiKey,
  fields?: string[],
): Promise<void> {
  const target = { type: 'api_key', id, name: label };
  const detail = { mask, scopes, ...(fields ? { fields } : {}) };
  await recordAccountAudit(uow, requireUser(uow.actor).id, { act, target, detail }, project_ids);
}

async function showKey(context: ReadContext, id: string): Promise<ApiKey> {
  const userId = requireUser(context.actor).id;
  const [row] = isUuid(id) ? await repo.findMany(context.tx, userId, id) : [];
  if (!row) throw notFound();
  return present(row);
}

async function checkProjects(uow: Uow, userId: number, projectIds: readonly number[] | null): Promise<void> {
  if (projectIds === null) return;
  const accessible = new Set((await listProjects(uow, userId, null)).map(({ id }) => id));
  const unknown = projectIds.findIndex((id) => !accessible.has(id));
  if (unknown < 0) return;
  throw invalid(`project_ids__${unknown}`, 'There is no such project.', 'does_not_exist');
}

function present(row: repo.ApiKeyRow): ApiKey {
  return {
    id: row.id,
    label: row.label,
    mask: row.mask,
    scopes: row.scopes,
    project_ids: row.project_ids,
    created_at: formatInstant(row.created_at),
    last_used_at: row.last_used_at && formatInstant(row.last_used_at),
  };
}
