import type { Session } from '@parley/contract/people';
import { type Actor, requireUser } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './sessions.repo.ts';

const SESSION_ID = /^[1-9]\d{0,8}$/;

/** The number of the session a request came with; a key has none. */
export function currentSessionId(actor: Actor): number | undefined {
  return actor.kind === 'session' ? Number(actor.sessionId) : undefined;
}

export async function listSessions({ tx, actor, now }: ReadContext): Promise<Session[]> {
  const rows = await repo.findMany(tx, requireUser(actor).id, now);
  return rows.map((row) => ({
    id: row.id,
    is_current: row.id === currentSessionId(actor),
    ip_address: row.ip_address || null,
    user_agent: row.user_agent || null,
    created_at: formatInstant(row.created_at),
    expires_at: formatInstant(row.expires_at),
  }));
}

/** Ends one session of the caller, by number or `current`. Says whether it was the one of this request. */
export async function endSession({ tx, actor }: Uow, ref: string): Promise<{ wasCurrent: boolean }> {
  const current = currentSessionId(actor);
  const id = ref === 'current' ? current : SESSION_ID.test(ref) ? Number(ref) : undefined;
  if (id === undefined || !(await repo.deleteOne(tx, requireUser(actor).id, id))) throw notFound();
  return { wasCurrent: id === current };
}

export async function endAllSessions({ tx, actor }: Uow): Promise<void> {
  await repo.deleteAll(tx, requireUser(actor).id);
}
