import { PLAN_ANEW } from '@parley/db/prepared-statements';
import type { Schema } from '@parley/db/schema';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { PERSON_OF_TICKET } from '#features/tickets/tickets.sql.ts';

/** Most distinct ids of one person; a merged one may have thousands. */
const DISTINCT_IDS = 1000;

export interface Parts {
  messages: boolean;
  activities: boolean;
}

/** The highest number a ticket of the project has: what comes in later is not part of an export. */
export async function findLastNumber(tx: Kysely<Schema>, projectId: number): Promise<number> {
  const row = await tx
    .selectFrom('ticket_counters')
    .select('last_number')
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row?.last_number ?? 0;
}

/** Tickets as lines of an export (ExportedTicket of the contract), in the order of their numbers. */
export async function findLines(
  tx: Kysely<Schema>,
  projectId: number,
  ids: readonly string[],
  parts: Parts,
): Promise<string[]> {
  const { rows } = await sql<{ json: string }>`
    ${sql.raw(PLAN_ANEW)} select row_to_json(shown)::text as json
    from tickets t
    left join users au on au.id = t.assignee_user_id
    left join roles ar on ar.id = t.assignee_role_id
    left join email_configs ec on ec.project_id = t.project_id and ec.id = t.email_config_id
    left join lateral (${PERSON_OF_TICKET}) p on true
    cross join lateral (select
      t.id, t.ticket_number, t.channel_source, t.channel_detail, t.distinct_id, t.status, t.priority,
      case when au.id is not null then json_build_object('type', 'user', 'email', au.email)
        when ar.id is not null then json_build_object('type', 'role', 'name', ar.name) end as assignee,
      t.tags, t.anonymous_traits, t.identity_verified, t.ai_resolved, t.escalation_reason, t.ai_triage,
      t.session_id, t.session_context, t.slack_channel_id, t.slack_thread_ts, t.slack_team_id,
      t.email_subject, t.email_from, ec.email as email_to, t.cc_participants, t.github_repo, t.github_issue_number,
      t.organization_id, t.organization_id_source, t.message_count, iso_utc(t.last_message_at) as last_message_at,
      t.last_message_text, t.unread_team_count, t.unread_customer_count, iso_utc(t.created_at) as created_at,
      iso_utc(t.updated_at) as updated_at, iso_utc(t.sla_due_at) as sla_due_at,
      iso_utc(t.snoozed_until) as snoozed_until, iso_utc(t.resolved_at) as resolved_at,
      iso_utc(t.deleted_at) as deleted_at, t.merged_into_id,
      case when p.id is not null then json_build_object('id', p.id, 'distinct_ids', (
          select coalesce(json_agg(d.distinct_id), '[]') from (
            select d.distinct_id from person_distinct_ids d where d.project_id = ${projectId} and d.person_id = p.id
            order by d.created_at, d.distinct_id limit ${sql.lit(DISTINCT_IDS)}) d),
        'properties', p.properties, 'is_identified', p.is_identified, 'created_at', iso_utc(p.created_at))
      end as person
      ${parts.messages ? MESSAGES : sql``} ${parts.activities ? ACTIVITIES : sql``}
    ) shown
    where t.project_id = ${projectId} and t.id = any(${[...ids]}::uuid[])
    order by t.ticket_number`.execute(tx);
  return rows.map(({ json }) => json);
}

/** Its own, without those of tickets that were merged into it: these stand with theirs. */
const MESSAGES: RawBuilder<unknown> = sql`, (
  select coalesce(json_agg(json_build_object('id', m.id, 'content', m.content, 'rich_content', m.rich_content,
    'item_context', m.item_context, 'author', u.email,
    'author_name', nullif(trim(u.first_name || ' ' || u.last_name), ''), 'full_email', m.full_email,
    'created_at', iso_utc(m.created_at), 'edited_at', iso_utc(m.edited_at)) order by m.created_at), '[]')
  from messages m left join users u on u.id = m.author_user_id
  where m.project_id = t.project_id and m.ticket_id = t.id and m.deleted_at is null) as messages`;

const ACTIVITIES: RawBuilder<unknown> = sql`, (
  select coalesce(json_agg(json_build_object('id', a.id, 'activity', a.activity, 'detail', a.detail,
    'actor', a.actor, 'created_at', iso_utc(a.created_at)) order by a.id), '[]')
  from activities a where a.project_id = t.project_id and a.ticket_id = t.id) as activities`;
