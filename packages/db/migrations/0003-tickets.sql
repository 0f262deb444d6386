-- Owner: persons, tickets, messages, tags, outbox.
-- project_id comes first in every key, so that these tables can be distributed by project without a rewrite.

create table persons (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  properties jsonb not null default '{}',
  is_identified boolean not null default false,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  search_text text not null generated always as (lower(words_of(properties))) stored,
  primary key (project_id, id)
);
create index persons__email on persons (project_id, lower(properties ->> 'email'));
create index persons__search on persons using gin (search_text gin_trgm_ops);
create index persons__created_at on persons (project_id, created_at desc, id desc);

create table person_distinct_ids (
  project_id integer not null,
  distinct_id text not null check (distinct_id <> ''),
  person_id uuid not null,
  created_at timestamptz(3) not null,
  primary key (project_id, distinct_id),
  foreign key (project_id, person_id) references persons on delete cascade
);
create index person_distinct_ids__person_id on person_distinct_ids (project_id, person_id, created_at);

create table email_configs (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  email text not null,
  display_name text not null default '',
  is_verified boolean not null default false,
  created_at timestamptz(3) not null,
  primary key (project_id, id),
  unique (project_id, email)
);

-- The next ticket number of a project. A row of its own, so that its short lock never meets the settings.
create table ticket_counters (
  project_id integer primary key references projects on delete cascade,
  last_number integer not null default 0
);

create table tickets (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  ticket_number integer not null,
  channel_source text not null check (channel_source in ('widget', 'email', 'slack', 'teams', 'github')),
  channel_detail text,
  distinct_id text not null check (length(distinct_id) <= 400),
  -- Access secret of the customer's browser: it never leaves the server.
  widget_session_id text,
  status text not null check (status in ('new', 'open', 'pending', 'on_hold', 'resolved')),
  priority text check (priority in ('low', 'medium', 'high', 'critical')),
  assignee_user_id integer references users on delete set null,
  assignee_role_id uuid references roles on delete set null,
  anonymous_traits jsonb not null default '{}',
  identity_verified boolean,
  ai_resolved boolean not null default false,
  escalation_reason text,
  ai_triage jsonb not null default '{}',
  message_count integer not null default 0 check (message_count >= 0),
  last_message_at timestamptz(3),
  last_message_text text,
  last_customer_message_at timestamptz(3),
  unread_team_count integer not null default 0 check (unread_team_count >= 0),
  unread_customer_count integer not null default 0 check (unread_customer_count >= 0),
  session_id text,
  session_context jsonb not null default '{}',
  sla_due_at timestamptz(3),
  snoozed_until timestamptz(3),
  resolved_at timestamptz(3),
  slack_channel_id text,
  slack_thread_ts text,
  slack_team_id text,
  email_subject text,
  email_from text,
  email_config_id uuid,
  cc_participants jsonb not null default '[]',
  github_repo text,
  github_issue_number integer,
  organization_id text,
  organization_id_source text check (organization_id_source in ('person', 'slack_channel_account')),
  -- Sorted and normalised; the vocabulary is in tags.
  tags text[] not null default '{}',
  version integer not null default 1,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  deleted_at timestamptz(3),
  deleted_by integer references users on delete set null,
  search_text text not null generated always as (lower(
    words_of(anonymous_traits -> 'name') || E'\n' || words_of(anonymous_traits -> 'email') || E'\n' ||
    coalesce(email_subject, '') || E'\n' || coalesce(email_from, '') || E'\n' ||
    words_of(cc_participants) || E'\n' || join_lines(tags))) stored,
  primary key (project_id, id),
  unique (project_id, ticket_number),
  check (num_nonnulls(assignee_user_id, assignee_role_id) <= 1),
  foreign key (project_id, email_config_id) references email_configs on delete set null (email_config_id)
);
create unique index tickets__github on tickets (project_id, github_repo, github_issue_number)
  where github_repo is not null and github_issue_number is not null;
create index tickets__updated_at on tickets (project_id, updated_at desc, ticket_number desc) where deleted_at is null;
create index tickets__created_at on tickets (project_id, created_at desc, ticket_number desc) where deleted_at is null;
create index tickets__number on tickets (project_id, ticket_number desc) where deleted_at is null;
create index tickets__status on tickets (project_id, status, updated_at desc, ticket_number desc) where deleted_at is null;
create index tickets__sla on tickets (project_id, sla_due_at, ticket_number desc) where deleted_at is null;
create index tickets__sla_desc on tickets (project_id, sla_due_at desc nulls last, ticket_number desc) where deleted_at is null;
create index tickets__snoozed on tickets (project_id, snoozed_until, ticket_number desc) where deleted_at is null;
create index tickets__snoozed_desc on tickets (project_id, snoozed_until desc nulls last, ticket_number desc) where deleted_at is null;
create index tickets__unassigned on tickets (project_id, updated_at desc, ticket_number desc)
  where deleted_at is null and assignee_user_id is null and assignee_role_id is null;
create index tickets__priority on tickets (project_id, priority, updated_at desc, ticket_number desc)
  where deleted_at is null and priority is not null;
create index tickets__channel on tickets (project_id, channel_source, updated_at desc, ticket_number desc)
  where deleted_at is null;
create index tickets__assignee_user on tickets (project_id, assignee_user_id, updated_at desc, ticket_number desc)
  where deleted_at is null and assignee_user_id is not null;
create index tickets__assignee_role on tickets (project_id, assignee_role_id, updated_at desc, ticket_number desc)
  where deleted_at is null and assignee_role_id is not null;
-- A user or a role that is deleted asks for its tickets in all projects, deleted ones too.
create index tickets__user_fk on tickets (assignee_user_id) where assignee_user_id is not null;
create index tickets__role_fk on tickets (assignee_role_id) where assignee_role_id is not null;
create index tickets__unread on tickets (project_id, updated_at desc, ticket_number desc)
  where deleted_at is null and unread_team_count > 0;
create index tickets__distinct_id on tickets (project_id, distinct_id);
create index tickets__email_from on tickets (project_id, lower(email_from)) where email_from is not null;
create index tickets__organization on tickets (project_id, organization_id) where organization_id is not null;
create index tickets__widget_session on tickets (project_id, widget_session_id) where widget_session_id is not null;
create index tickets__session on tickets (project_id, session_id) where session_id is not null;
create index tickets__deleted on tickets (project_id, updated_at desc, ticket_number desc) where deleted_at is not null;
create index tickets__email_config on tickets (project_id, email_config_id) where email_config_id is not null;
create index tickets__purge on tickets (deleted_at) where deleted_at is not null;
create index tickets__wake on tickets (snoozed_until) where snoozed_until is not null and deleted_at is null;
create index tickets__tags on tickets using gin (tags);
create index tickets__search on tickets using gin (search_text gin_trgm_ops);

create table messages (
  project_id integer not null,
  id uuid not null,
  ticket_id uuid not null,
  content text not null,
  rich_content jsonb,
  item_context jsonb not null default '{}',
  author_user_id integer references users on delete set null,
  -- Exactly boolean true makes a message private; the string "true" does not (tickets-api.md 2.7).
  is_private boolean not null generated always as (coalesce(item_context -> 'is_private' = 'true'::jsonb, false)) stored,
  author_type text not null generated always as (coalesce(nullif(item_context ->> 'author_type', ''), 'customer')) stored,
  full_email text,
  version integer not null default 0,
  created_at timestamptz(3) not null,
  edited_at timestamptz(3),
  deleted_at timestamptz(3),
  primary key (project_id, id),
  foreign key (project_id, ticket_id) references tickets on delete cascade,
  unique (project_id, ticket_id, created_at)
);
create index messages__search on messages using gin (lower(content) gin_trgm_ops) where deleted_at is null;

-- When each agent last read a ticket; the shared counter lives on the ticket.
create table ticket_reads (
  project_id integer not null,
  user_id integer not null references users on delete cascade,
  ticket_id uuid not null,
  read_at timestamptz(3) not null,
  primary key (project_id, user_id, ticket_id),
  foreign key (project_id, ticket_id) references tickets on delete cascade
);

create table tags (
  project_id integer not null references projects on delete cascade,
  name text not null check (length(name) between 1 and 255),
  created_at timestamptz(3) not null,
  primary key (project_id, name)
);

create table activities (
  project_id integer not null,
  id uuid not null,
  ticket_id uuid not null,
  activity text not null,
  detail jsonb not null,
  actor jsonb not null,
  created_at timestamptz(3) not null,
  primary key (project_id, id)
);
create index activities__ticket on activities (project_id, ticket_id, id desc);

-- Everything that leaves: what to send and where, fixed when it was decided.
create table outbox (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  ticket_id uuid not null,
  message_id uuid,
  channel text not null,
  destination jsonb not null,
  payload jsonb not null,
  -- Stable over retries, so that the other side can recognise a repetition.
  external_id text not null,
  state text not null check (state in ('queued', 'sending', 'sent', 'failed', 'uncertain')),
  attempts integer not null default 0,
  lease_token bigint not null default 0,
  leased_until timestamptz(3),
  next_attempt_at timestamptz(3) not null,
  last_error text,
  created_at timestamptz(3) not null,
  primary key (project_id, id),
  unique (project_id, external_id)
);
create index outbox__ticket on outbox (project_id, ticket_id);
create index outbox__message on outbox (project_id, message_id);
create index outbox__due on outbox (next_attempt_at) where state = 'queued';
