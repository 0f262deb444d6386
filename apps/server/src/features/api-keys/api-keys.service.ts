import type { Scope } from '@parley/contract/route';
import { hashToken, newId, newToken } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
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
    scopes: [...input.scopes],
    project_ids: input.projectIds && [...input.projectIds],
  };
  await repo.insert(uow.tx, key, uow.now);
  return { id, token };
}

/** Enough to tell one's keys apart. */
function maskOf(token: string): string {
  return `${token.slice(0, 4)}...${token.slice(-4)}`;
}
