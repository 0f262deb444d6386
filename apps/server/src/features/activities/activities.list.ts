import { ACTOR_TYPES } from '@parley/contract/activities';
import { PLAN_ANEW } from '@parley/db/prepared-statements';
import { type RawBuilder, sql } from 'kysely';
import { type Project, userOf } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import type { RawJson } from '#platform/http/call.ts';
import { type LogQuery, type LogRow, logConditions, logLimit, logPage } from '#platform/http/log-page.ts';
import { isUuid } from '#platform/ids.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

export interface ActivitiesQuery extends LogQuery {
  ticket?: string;
  activity?: string;
  field?: string;
  user?: string;
  actor_type?: string;
}

const INT4_MAX = 2_147_483_647;

/** What was done to all tickets of a project, newest first (inbox.md 16). Every filter has an index of its own. */
export async function listActivities(
  context: ReadContext,
  project: Project,
  query: ActivitiesQuery,
  url: URL,
): Promise<RawJson> {
  const conditions = [
    sql`l.project_id = ${project.id}`,
    ...ownConditions(context, project, query),
    ...logConditions(query, { now: context.now, timezone: project.timezone }),
  ];
  const { rows } = await sql<LogRow>`
    ${sql.raw(PLAN_ANEW)} select json_build_object('id', l.id, 'activity', l.activity, 'detail', l.detail,
      'actor', l.actor, 'created_at', iso_utc(l.created_at), 'ticket_id', l.ticket_id,
      'ticket_number', t.ticket_number)::text as json, iso_utc(l.created_at) as at, l.id
    from (select l.* from activities l where ${sql.join(conditions, sql` and `)}
      order by l.created_at desc, l.id desc limit ${logLimit(query)}) l
    left join tickets t on t.project_id = ${project.id} and t.id = l.ticket_id
    order by l.created_at desc, l.id desc`.execute(context.tx);
  return logPage(url, query, rows);
}

function ownConditions(
  context: ReadContext,
  project: Project,
  query: ActivitiesQuery,
): RawBuilder<unknown>[] {
  const { ticket, activity, field, user, actor_type: actorType } = query;
  const conditions: RawBuilder<unknown>[] = [];
  if (ticket) conditions.push(ofTicket(project, ticket));
  if (activity) conditions.push(sql`l.activity = ${activity}`);
  // The two conditions of the index: see 0013-audit.sql.
  if (field) {
    conditions.push(sql`activity_fields(l.detail) @> ${[field]}::text[]`, sql`l.detail -> 'changes' <> '[]'`);
  }
  if (user) conditions.push(sql`l.actor ->> 'actor_id' = ${readUser(context, user)}`);
  if (actorType) {
    const known = ACTOR_TYPES.find((each) => each === actorType);
    if (!known) throw invalid('actor_type', `Must be one of ${ACTOR_TYPES.join(', ')}.`, 'invalid_choice');
    conditions.push(sql`l.actor ->> 'actor_type' = ${known}`);
    if (known !== 'user') conditions.push(sql`l.actor ->> 'actor_type' <> 'user'`);
  }
  return conditions;
}

function readUser({ actor }: ReadContext, text: string): string {
  const id = text === 'me' ? String(userOf(actor)?.id ?? '') : text;
  if (!/^[1-9]\d{0,9}$/.test(id)) throw invalid('user', 'Must be the id of a user, or me.');
  return id;
}

/** Entries outlive their ticket, so one that is purged can be named by its uuid. */
function ofTicket(project: Project, text: string): RawBuilder<unknown> {
  if (isUuid(text)) return sql`l.ticket_id = ${text}::uuid`;
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > INT4_MAX) throw invalid('ticket', 'Must be the uuid or number of a ticket.');
  return sql`l.ticket_id = (select n.id from tickets n
    where n.project_id = ${project.id} and n.ticket_number = ${number})`;
}
