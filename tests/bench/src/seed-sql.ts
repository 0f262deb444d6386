/** Set-based statements that fill project 1. Every value follows from the row's number, so each run has the same rows. */

const USERS = 20;
const ROLES = 3;
const TAGS = 40;
export const MESSAGES_PER_TICKET = 4;

const WORDS = (
  'invoice payment login password reset error screen mobile export import webhook timeout refund plan upgrade seat ' +
  'dashboard chart filter cohort event property session replay flag rollout experiment survey form widget inbox team ' +
  'member role access token key secret region latency deploy build branch release version docs example sample query ' +
  'table column index report email domain verify customer account billing card currency tax address support thanks'
).split(' ');

/** The k-th of sixteen bytes that follow from the row's number, 0 to 255. */
const byte = (k: number) => `get_byte(d, ${k})`;

/** A UUID of version 7, so that index pages fill as those of a living installation do. */
function uuid7(instant: string, digest: string): string {
  return `(lpad(to_hex((extract(epoch from ${instant}) * 1000)::bigint), 12, '0') || '7' || substr(${digest}, 1, 3)
    || '8' || substr(${digest}, 4, 3) || substr(${digest}, 7, 12))::uuid`;
}

/** Sixteen words chosen by the digest in d. */
function sentence(): string {
  const list = WORDS.map((word) => `'${word}'`).join(', ');
  const chosen = Array.from({ length: 16 }, (_, k) => `w.words[1 + ${byte(k)} % ${WORDS.length}]`);
  return `(select ${chosen.join(" || ' ' || ")} from (select array[${list}] as words) w)`;
}

export const PEOPLE = `
  with added as (
    insert into users (email, first_name, last_name)
    select 'agent-' || i || '@example.com', 'Agent', i::text from generate_series(1, ${USERS}) i returning id
  ), members as (
    insert into memberships (organization_id, user_id, level, created_at)
    select p.organization_id, added.id, 'member', now() from projects p, added where p.id = 1
  )
  insert into roles (id, organization_id, name, created_at)
  select gen_random_uuid(), p.organization_id, 'Role ' || i, now()
  from projects p, generate_series(1, ${ROLES}) i where p.id = 1;
  insert into tags (project_id, name, created_at) select 1, 'tag-' || i, now() from generate_series(1, ${TAGS}) i;
  insert into email_configs (project_id, id, email, is_verified, created_at)
  values (1, gen_random_uuid(), 'help@example.com', true, now());`;

export function personsSql(persons: number): string {
  return `
    insert into persons (project_id, id, properties, is_identified, created_at, updated_at)
    select 1, md5('person' || i)::uuid, jsonb_build_object('email', 'person-' || i || '@example.com',
      'name', 'Person ' || i, 'plan', case when i % 5 = 0 then 'paid' else 'free' end, 'country', 'NL'), true, now(), now()
    from generate_series(1, ${persons}) i;
    insert into person_distinct_ids (project_id, distinct_id, person_id, created_at)
    select 1, prefix || i, md5('person' || i)::uuid, now()
    from generate_series(1, ${persons}) i, unnest(array['person-', 'device-']) as prefix;`;
}

/** Instants spread over a year that ended an hour ago. */
function ticketRows(tickets: number): string {
  return `(
    select i, md5(i::text) as h, decode(md5(i::text), 'hex') as d,
      (now() - interval '1 hour' - interval '365 days' * (${tickets} - i) / ${tickets})::timestamptz(3) as at
    from generate_series(1, ${tickets}) i) seed`;
}

export function ticketsSql(tickets: number, persons: number): string {
  const tag = (k: number) => `'tag-' || (1 + ${byte(k)} % ${TAGS})`;
  return `
    insert into tickets (project_id, id, ticket_number, channel_source, distinct_id, status, priority, assignee_user_id,
      assignee_role_id, anonymous_traits, message_count, last_message_at, last_message_text, last_customer_message_at,
      unread_team_count, unread_customer_count, session_context, sla_due_at, snoozed_until, resolved_at, email_subject,
      email_from, email_config_id, github_repo, github_issue_number, tags, created_at, updated_at, channel_detail,
      organization_id, organization_id_source, ai_triage)
    select 1, id, i, channel,
      case when channel = 'email' and ${byte(3)} < 128 then email when ${byte(3)} < 220 then 'person-' || person
        else 'anonymous-' || i end,
      status, case when ${byte(1)} < 64 then null when ${byte(1)} < 128 then 'low' when ${byte(1)} < 192 then 'medium'
        when ${byte(1)} < 240 then 'high' else 'critical' end,
      case when ${byte(4)} between 100 and 219 then agents.ids[1 + ${byte(5)} % ${USERS}] end,
      case when ${byte(4)} > 219 then agents.roles[1 + ${byte(5)} % ${ROLES}] end,
      jsonb_build_object('name', 'Person ' || person, 'email', email),
      ${MESSAGES_PER_TICKET}, at + interval '21 minutes', ${sentence()},
      at + case when unread then interval '21 minutes' else interval '14 minutes' end,
      unread::int, ${byte(6)} % 3,
      jsonb_build_object('current_url', 'https://app.example.com/page/' || ${byte(7)}),
      case when ${byte(8)} < 100 then at + interval '2 days' end,
      case when status in ('pending', 'on_hold') and ${byte(9)} < 64 then now() + interval '1 day' * (1 + ${byte(9)}) end,
      case when status = 'resolved' then at + interval '21 minutes' end,
      case when channel = 'email' then ${sentence()} end, case when channel = 'email' then email end,
      case when channel = 'email' then agents.config end,
      case when channel = 'github' then 'example/app' end, case when channel = 'github' then i end,
      array(select distinct unnest((array[${tag(10)}, ${tag(11)}, ${tag(12)}])[:case when ${byte(13)} < 80 then 0
        when ${byte(13)} < 170 then 1 when ${byte(13)} < 230 then 2 else 3 end]) order by 1),
      at, at + interval '21 minutes', case when channel = 'widget' and i % 500 = 1 then 'widget_api' end,
      case when i % 50 = 2 then 'org-' || person % 1000 end, case when i % 50 = 2 then 'person' end,
      case when i % 20 = 3 then '{"status": "done", "result": "suggested"}'::jsonb
        when i % 2000 = 4 then '{"status": "done", "result": "persisted"}' else '{}' end
    from (
      select seed.*, ${uuid7('at', 'h')} as id, person, 'person-' || person || '@example.com' as email, status,
        status <> 'resolved' and ${byte(14)} < 100 as unread,
        case when ${byte(2)} < 140 then 'widget' when ${byte(2)} < 210 then 'email' when ${byte(2)} < 235 then 'slack'
          when ${byte(2)} < 248 then 'teams' else 'github' end as channel
      from ${ticketRows(tickets)},
        lateral (select 1 + i::bigint * 7919 % ${persons} as person, case when ${byte(0)} < 13 then 'new'
          when ${byte(0)} < 102 then 'open' when ${byte(0)} < 128 then 'pending' when ${byte(0)} < 141 then 'on_hold'
          else 'resolved' end as status) chosen
    ) t, (select array(select id from users where email like 'agent-%' order by id) as ids,
      array(select id from roles order by name) as roles, (select id from email_configs) as config) agents;
    -- Reported already: the scheduler would do nothing else for an hour, beside what is measured.
    update tickets set sla_breached_for = sla_due_at, sla_at_risk_for = sla_due_at
    where project_id = 1 and sla_due_at < now();
    update ticket_counters set last_number = ${tickets} where project_id = 1;`;
}

/** Words of known frequency among the tickets, which no other text of the seed holds. */
export const SOUGHT = {
  absent: 'xylophone',
  rare: 'zephyr',
  perMille: 'marmalade',
  percent: 'voucher',
  threePercent: 'gardenia',
  tenPercent: 'warehouse',
  onlyOld: 'telegraph',
  everywhere: 'hello',
} as const;

/** Ten tickets hold the rare word, whatever their number; three percent say theirs in all four messages. */
function soughtWords(tickets: number): string {
  const some = (word: string, condition: string) => `case when ${condition} then ' ${word}' else '' end`;
  return [
    some(SOUGHT.rare, `number % ${Math.max(1, Math.floor(tickets / 10))} = 0 and k = 1`),
    some(SOUGHT.perMille, 'number % 1000 = 11 and k = 3'),
    some(SOUGHT.percent, 'number % 100 = 7 and k = 2'),
    some(SOUGHT.threePercent, 'number % 33 = 5'),
    some(SOUGHT.tenPercent, 'number % 10 = 3 and k = 1'),
    some(SOUGHT.onlyOld, `number <= ${Math.floor(tickets / 20)} and k = 1`),
  ].join(' || ');
}

/** Customer and team take turns; the last word is the customer's where the ticket is unread. */
export const messagesSql = (tickets: number): string => `
  insert into messages (project_id, id, ticket_id, content, item_context, author_user_id, created_at)
  select 1, ${uuid7('at', 'h')}, ticket_id, 'Hello, ' || ${sentence()} || ${soughtWords(tickets)},
    case when customer then '{"author_type": "customer", "is_private": false}'::jsonb
      else '{"author_type": "support", "is_private": false}'::jsonb end,
    case when not customer then coalesce(assignee, 1) end, at
  from (
    select t.id as ticket_id, t.ticket_number as number, k, t.assignee_user_id as assignee,
      t.created_at + interval '7 minutes' * (k - 1) as at,
      k % 2 = 1 or (k = 4 and t.unread_team_count > 0) as customer,
      md5(t.ticket_number || '/' || k) as h, decode(md5(t.ticket_number || '/' || k), 'hex') as d
    from tickets t, generate_series(1, ${MESSAGES_PER_TICKET}) k where t.project_id = 1
  ) m`;

/** What the trigger on tickets would have kept. */
export const TICKET_WORDS = `
  insert into ticket_words (project_id, ticket_id, words)
  select project_id, id, search_text from tickets where project_id = 1`;

/** What the trigger would have added up row by row; the server's own recount proves it right. */
export const COUNT_CELLS = `
  insert into ticket_count_cells
    (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread, unread_tickets)
  select t.project_id, tag, t.deleted_at is not null, t.status, coalesce(t.priority, ''), t.channel_source,
    coalesce('user:' || t.assignee_user_id, 'role:' || t.assignee_role_id, ''), t.snoozed_until is not null,
    count(*), sum(t.unread_team_count), count(*) filter (where t.unread_team_count > 0)
  from tickets t, unnest(array_prepend('', t.tags)) as tag group by 1, 2, 3, 4, 5, 6, 7, 8`;

/** What folding would have added these up to. */
export const COUNT_SUMS = `
  insert into ticket_count_sums
    (project_id, tag, deleted, level, status, priority, channel_source, assignee, snoozed, tickets, unread, unread_tickets)
  select project_id, tag, deleted,
    case when grouping(channel_source) = 0 then 3 when grouping(assignee) = 0 then 2 else 1 end, status,
    coalesce(priority, ''), coalesce(channel_source, ''), coalesce(assignee, ''), coalesce(snoozed, false),
    sum(tickets), sum(unread), sum(unread_tickets)
  from ticket_count_cells group by grouping sets (
    (project_id, tag, deleted, status, snoozed), (project_id, tag, deleted, status, snoozed, assignee),
    (project_id, tag, deleted, status, priority, channel_source))`;
