-- Owner: webhooks.
-- Where the events of a project are posted to, and what became of each post. Deliveries are made from numbered events
-- by a cursor per webhook, never in the transaction of the event: a project without webhooks pays nothing for them.

create table webhooks (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  name text not null default '',
  url text not null,
  -- Names of events, their published names, or '*'.
  events text[] not null,
  -- Sealed with the server's secret. The previous one signs beside it until its time is over.
  secret text not null,
  previous_secret text,
  previous_secret_until timestamptz(3),
  enabled boolean not null default true,
  disabled_at timestamptz(3),
  disabled_reason text check (disabled_reason in ('manual', 'failing', 'gone')),
  -- Every event up to this number was looked at.
  cursor_seq bigint not null,
  -- Attempts that failed since the last one that did not.
  failures integer not null default 0,
  failing_since timestamptz(3),
  -- Nothing is sent before this: the breaker is open, or the receiver asked for a pause.
  held_until timestamptz(3),
  -- When there may be something to send, or a lease to take over; null when there is nothing.
  next_due_at timestamptz(3),
  -- When its old deliveries are removed next.
  prune_at timestamptz(3) not null,
  -- Gone for everybody; its deliveries follow in batches.
  deleted_at timestamptz(3),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  version integer not null default 1,
  primary key (project_id, id)
);

create table webhook_deliveries (
  project_id integer not null,
  -- Also the header webhook-id: the same for every attempt and replay.
  id uuid not null,
  webhook_id uuid not null,
  -- Number of the event; null for a test.
  seq bigint,
  event text not null,
  ticket_id uuid,
  -- Deliveries of one lane go out one after the other: a ticket, or another resource.
  lane text not null,
  -- The body as it is sent and signed, byte for byte.
  payload text not null,
  -- waiting: behind an earlier one of its lane. Of the others of a lane at most one is not done.
  state text not null check (state in ('waiting', 'pending', 'sending', 'delivered', 'failed')),
  -- In all, and in this round: a replay begins a new one.
  attempts integer not null default 0,
  tries integer not null default 0,
  lease_token bigint not null default 0,
  leased_until timestamptz(3),
  next_attempt_at timestamptz(3),
  finished_at timestamptz(3),
  response_status smallint,
  error text,
  -- The last attempts, oldest first (WebhookAttempt of the contract).
  log jsonb not null default '[]',
  created_at timestamptz(3) not null,
  primary key (project_id, id),
  foreign key (project_id, webhook_id) references webhooks on delete cascade
);
create index webhook_deliveries__webhook on webhook_deliveries (project_id, webhook_id, id desc);
create index webhook_deliveries__state on webhook_deliveries (project_id, webhook_id, state, id desc);
create index webhook_deliveries__event on webhook_deliveries (project_id, webhook_id, event, id desc);
create index webhook_deliveries__ticket on webhook_deliveries (project_id, webhook_id, ticket_id, id desc)
  where ticket_id is not null;
create index webhook_deliveries__lane on webhook_deliveries (project_id, webhook_id, lane, seq)
  where state in ('waiting', 'pending', 'sending');
create index webhook_deliveries__due on webhook_deliveries (project_id, webhook_id, next_attempt_at)
  where state = 'pending';
-- A lane never has two deliveries on their way, whatever the code believes.
create unique index webhook_deliveries__one_per_lane on webhook_deliveries (project_id, webhook_id, lane)
  where state in ('pending', 'sending');
