import type { AccessLevel } from '@parley/contract/route';
import { type RawBuilder, sql } from 'kysely';
import { personJson } from '#features/persons/persons.sql.ts';

/** Columns that the JSON of a ticket is made of; the page is cut before anything is joined. */
export const TICKET_COLUMNS = sql.raw(
  [
    'project_id',
    'id',
    'ticket_number',
    'channel_source',
    'channel_detail',
    'distinct_id',
    'status',
    'priority',
    'assignee_user_id',
    'assignee_role_id',
    'anonymous_traits',
    'identity_verified',
    'ai_resolved',
    'escalation_reason',
    'ai_triage',
    'created_at',
    'updated_at',
    'message_count',
    'last_message_at',
    'last_message_text',
    'unread_team_count',
    'unread_customer_count',
    'session_id',
    'session_context',
    'sla_due_at',
    'snoozed_until',
    'slack_channel_id',
    'slack_thread_ts',
    'slack_team_id',
    'email_subject',
    'email_from',
    'email_config_id',
    'cc_participants',
    'github_repo',
    'github_issue_number',
    'organization_id',
    'organization_id_source',
    'tags',
    'merged_into_id',
    'version',
    'deleted_at',
  ]
    .map((column) => `t.${column}`)
    .join(', '),
);

/**
 * A ticket as the API shows it (tickets-api.md 2.1), as JSON text: letting the driver decode fifty rows costs more
 * than the query. `source` is a from item with the columns above, under the alias t.
 */
export function selectTicketJson(
  source: RawBuilder<unknown>,
  access: AccessLevel | RawBuilder<AccessLevel>,
): RawBuilder<{ json: string }> {
  return sql<{ json: string }>`
    select row_to_json(shown)::text as json from ${source}
    left join users au on au.id = t.assignee_user_id
    left join roles ar on ar.id = t.assignee_role_id
    left join email_configs ec on ec.project_id = t.project_id and ec.id = t.email_config_id
    left join lateral (${PERSON_OF_TICKET}) p on true
    cross join lateral (select
      t.id, t.ticket_number, t.channel_source, t.channel_detail, t.distinct_id, t.status, t.priority,
      case
        when au.id is not null then json_build_object('id', au.id, 'type', 'user', 'user',
          json_build_object('email', au.email), 'role', null)
        when ar.id is not null then json_build_object('id', ar.id, 'type', 'role', 'user', null, 'role',
          json_build_object('name', ar.name))
      end as assignee,
      t.anonymous_traits, t.identity_verified, t.ai_resolved, t.escalation_reason, t.ai_triage,
      iso_utc(t.created_at) as created_at, iso_utc(t.updated_at) as updated_at,
      t.message_count, iso_utc(t.last_message_at) as last_message_at, t.last_message_text,
      t.unread_team_count, t.unread_customer_count, t.session_id, t.session_context,
      iso_utc(t.sla_due_at) as sla_due_at, iso_utc(t.snoozed_until) as snoozed_until,
      t.slack_channel_id, t.slack_thread_ts, t.slack_team_id,
      t.email_subject, t.email_from, ec.email as email_to, t.cc_participants,
      t.github_repo, t.github_issue_number, t.organization_id, t.organization_id_source,
      ${personJson('p')} as person,
      t.tags, t.merged_into_id, case when t.merged_into_id is not null then (
        select n.ticket_number from tickets n where n.project_id = t.project_id and n.id = t.merged_into_id
      ) end as merged_into_ticket_number,
      ${access}::text as user_access_level, t.version, iso_utc(t.deleted_at) as deleted_at
    ) shown`;
}

/**
 * The person of a ticket: by distinct id, else for e-mail tickets by the sender's address (tickets-api.md 2.1).
 * Only the first branch runs for other channels. Expects t (a ticket) in scope.
 */
export const PERSON_OF_TICKET = sql`
  select * from (
    select 0 as rank, p.project_id, p.id, p.properties, p.created_at, p.is_identified
    from person_distinct_ids d join persons p on p.project_id = d.project_id and p.id = d.person_id
    where d.project_id = t.project_id and d.distinct_id = t.distinct_id
    union all
    (select 1 as rank, p.project_id, p.id, p.properties, p.created_at, p.is_identified from persons p
    where t.channel_source = 'email' and p.project_id = t.project_id
      and lower(p.properties ->> 'email') = lower(t.email_from)
    order by p.created_at, p.id limit 1)
  ) candidates order by rank limit 1`;
