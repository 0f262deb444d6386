import type { AuditAct } from '@parley/contract/audit-log';
import { type RawBuilder, sql } from 'kysely';
import { type Actor, type Origin, originOf, recordActor } from '#platform/actor.ts';
import { newId } from '#platform/ids.ts';
import { firstCharacters } from '#platform/text.ts';
import { DEFER, type Uow } from '#platform/unit-of-work.ts';

export interface Audited {
  act: AuditAct;
  /** What it was done to. */
  target?: { type: string; id: string | number | null; name?: string | null };
  /** Names of what changed and the like. Never a secret, nor what customers wrote. */
  detail?: object;
  /** Who did it and where it came from, while nobody is signed in yet. */
  by?: { id: number; email: string };
  origin?: Origin;
}

/** An organization, or one of its projects. */
export type AuditScope =
  | { organizationId: string; projectId?: number }
  | { id: number; organizationId: string };

/** Of a name or a browser in the log. */
const TEXT_MAX = 400;

/**
 * Writes an administrative act into its organization's log, in the transaction of the act itself (issue 3; inbox.md
 * 16 [P]).
 */
export async function recordAudit(uow: Uow, scope: AuditScope, audited: Audited): Promise<void> {
  const projectId = 'id' in scope ? scope.id : (scope.projectId ?? null);
  await insert(uow, sql`select ${scope.organizationId}::uuid as organization_id`, projectId, audited);
}

/** An act in a project that is known by its number alone, such as one of a job. */
export async function recordProjectAudit(uow: Uow, projectId: number, audited: Audited): Promise<void> {
  await insert(uow, sql`select organization_id from projects where id = ${projectId}`, projectId, audited);
}

/**
 * An act on somebody's own account: it matters to every organization they are in. With `projectIds`, to those of these
 * projects alone, and the others do not hear of it.
 */
export async function recordAccountAudit(
  uow: Uow,
  userId: number,
  audited: Audited,
  projectIds: readonly number[] | null = null,
): Promise<void> {
  const limit =
    projectIds === null
      ? sql``
      : sql`and exists (select from projects p
          where p.organization_id = m.organization_id and p.id = any(${[...projectIds]}::integer[]))`;
  await insert(
    uow,
    sql`select m.organization_id from memberships m where m.user_id = ${userId} ${limit}`,
    null,
    audited,
  );
}

/** A user as the target of an act. */
export function asUser({ id, email }: { id: number; email: string }) {
  return { type: 'user', id, name: email };
}

async function insert(
  uow: Uow,
  organizations: RawBuilder<unknown>,
  projectId: number | null,
  { act, target, detail = {}, by, origin = originOf(uow.actor) }: Audited,
): Promise<void> {
  const shownTarget = target && {
    type: target.type,
    id: target.id === null ? null : String(target.id),
    name: target.name == null ? null : firstCharacters(target.name, TEXT_MAX),
  };
  const agent = origin?.userAgent == null ? null : firstCharacters(origin.userAgent, TEXT_MAX);
  await sql`
    insert into audit_log
      (organization_id, id, project_id, act, actor, target, detail, ip, user_agent, created_at)
    select o.organization_id, ${newId()}::uuid,
      ${projectId}::integer, ${act}, ${JSON.stringify(actorOf(uow.actor, by))}::jsonb,
      ${shownTarget ? JSON.stringify(shownTarget) : null}::jsonb, ${JSON.stringify(detail)}::jsonb,
      ${origin?.ip ?? null}, ${agent}, ${uow.now}::timestamptz
    from (${organizations}) o ${DEFER}`.execute(uow.tx);
}

function actorOf(actor: Actor, by: Audited['by']): object {
  if (by) return { actor_type: 'user', actor_id: String(by.id), actor_email: by.email };
  return { ...recordActor(actor), ...(actor.kind === 'key' ? { key_id: actor.keyId } : {}) };
}
