-- Owner: working-hours, project-secrets, internal-tickets, message-extras; the marks of deadlines belong to tickets.
-- What programs and clocks do to tickets: working calendars, secrets of other systems, what they posted, and which
-- deadlines were reported.

-- One calendar per project, in the project's time zone. Without a row the project is always open.
create table working_hours (
  project_id integer primary key references projects on delete cascade,
  weekly jsonb not null,
  holidays jsonb not null,
  version integer not null default 1,
  updated_at timestamptz(3) not null
);

-- Secrets that open the external ticket route. Only the SHA-256 is kept, as of API keys.
create table project_secrets (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  kind text not null check (kind in ('primary', 'backup', 'key')),
  label text not null,
  -- Null may do everything on that route; a list, only that.
  scopes text[],
  mask text not null,
  token_hash bytea not null,
  created_by integer references users on delete set null,
  created_at timestamptz(3) not null,
  primary key (project_id, id)
);
-- Found by what a request carries, before its project is known.
create unique index project_secrets__token_hash on project_secrets (token_hash);
create unique index project_secrets__kind on project_secrets (project_id, kind) where kind <> 'key';

-- Which message a service posted under which key, so that posting again answers the first one.
create table service_messages (
  project_id integer not null,
  ticket_id uuid not null,
  idempotency_key text not null,
  message_id uuid not null,
  created_at timestamptz(3) not null,
  primary key (project_id, ticket_id, idempotency_key),
  foreign key (project_id, ticket_id) references tickets on delete cascade,
  foreign key (project_id, message_id) references messages on delete cascade
);
create index service_messages__message on service_messages (project_id, message_id);

-- What a reviewer thought of something the AI wrote; rating again replaces the rating.
create table ai_feedback (
  project_id integer not null,
  id uuid not null,
  ticket_id uuid not null,
  -- As the client names it: not everything the AI writes becomes a message.
  message_id text not null,
  user_id integer references users on delete set null,
  rating text not null check (rating in ('good', 'bad')),
  feedback_text text not null,
  created_at timestamptz(3) not null,
  primary key (project_id, id),
  foreign key (project_id, ticket_id) references tickets on delete cascade
);
create unique index ai_feedback__message on ai_feedback (project_id, ticket_id, message_id, user_id);
create index ai_feedback__created_at on ai_feedback (project_id, created_at);
create index ai_feedback__user on ai_feedback (user_id) where user_id is not null;

-- The deadline that was last reported as near or as missed. Another deadline differs from it and is reported anew.
alter table tickets
  add column sla_at_risk_for timestamptz(3),
  add column sla_breached_for timestamptz(3);
-- The sweeps read nothing but these: open deadlines that were not reported yet.
create index tickets__sla_at_risk on tickets (sla_due_at)
  where deleted_at is null and status <> 'resolved' and sla_due_at is distinct from sla_at_risk_for;
create index tickets__sla_breached on tickets (sla_due_at)
  where deleted_at is null and status <> 'resolved' and sla_due_at is distinct from sla_breached_for;
