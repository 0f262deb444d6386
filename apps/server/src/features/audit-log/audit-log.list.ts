import { AUDIT_ACTS } from '@parley/contract/audit-log';
import { PLAN_ANEW } from '@parley/db/prepared-statements';
import { type RawBuilder, sql } from 'kysely';
import { userOf } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import type { RawJson } from '#platform/http/call.ts';
import { type LogQuery, type LogRow, logConditions, logLimit, logPage } from '#platform/http/log-page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

export interface AuditQuery extends LogQuery {
  act?: string;
  actor?: string;
  project?: string;
}

const ID = /^[1-9]\d{0,8}$/;

/** Administrative acts in an organization, newest first. */
export async function listAuditLog(
  context: ReadContext,
  organizationId: string,
  query: AuditQuery,
  url: URL,
): Promise<RawJson> {
  const conditions = [
    sql`l.organization_id = ${organizationId}`,
    ...ownConditions(context, query),
    ...logConditions(query, { now: context.now, timezone: 'UTC' }),
  ];
  const { rows } = await sql<LogRow>`
    ${sql.raw(PLAN_ANEW)} select json_build_object('id', l.id, 'act', l.act, 'project_id', l.project_id,
      'actor', l.actor, 'target', l.target, 'detail', l.detail, 'ip', l.ip, 'user_agent', l.user_agent,
      'created_at', iso_utc(l.created_at))::text as json, iso_utc(l.created_at) as at, l.id
    from audit_log l where ${sql.join(conditions, sql` and `)}
    order by l.created_at desc, l.id desc limit ${logLimit(query)}`.execute(context.tx);
  return logPage(url, query, rows);
}

function ownConditions({ actor }: ReadContext, query: AuditQuery): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  if (query.act) conditions.push(readActs(query.act));
  if (query.actor) {
    const id = query.actor === 'me' ? String(userOf(actor)?.id ?? '') : query.actor;
    if (!ID.test(id)) throw invalid('actor', 'Must be the id of a user, or me.');
    conditions.push(sql`l.actor ->> 'actor_id' = ${id}`);
  }
  if (query.project) {
    if (!ID.test(query.project)) throw invalid('project', 'Must be the id of a project.');
    conditions.push(sql`l.project_id = ${Number(query.project)}`);
  }
  return conditions;
}

function readActs(text: string): RawBuilder<unknown> {
  const acts = AUDIT_ACTS.filter((act) => act === text || act.startsWith(`${text}.`));
  if (acts.length === 0) throw invalid('act', 'There is no such act.', 'invalid_choice');
  return acts.length === 1 ? sql`l.act = ${acts[0]}` : sql`l.act = any(${acts}::text[])`;
}
