-- Owner: projects (token), identity-secrets, widget (restore tokens); the session belongs to tickets.
-- What a widget in the browser of a customer needs.

-- Public: every page with a widget holds it. Null until Support is first on.
alter table projects add column widget_token text unique;
-- gen_random_uuid() takes its bits from the operating system, as every other token does.
update projects set widget_token = 'prw_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
  where conversations_enabled;

-- SHA-256 of the session of a customer's browser, which opens the ticket: a copy of the database opens none. No browser
-- has had one so far.
drop index tickets__widget_session;
alter table tickets drop column widget_session_id, add column widget_session_hash bytea;
create index tickets__widget_session on tickets (project_id, widget_session_hash) where widget_session_hash is not null;

-- Tickets of other channels whose sender was proved, for customers who prove the same address.
create index tickets__verified_address on tickets (project_id, lower(distinct_id))
  where identity_verified and channel_source <> 'widget';
-- What customers say their address is, for mailing them the way back to their tickets.
-- Longer ones are no addresses, and would not fit into an index.
create index tickets__trait_email on tickets (project_id, lower(anonymous_traits ->> 'email'))
  where length(anonymous_traits ->> 'email') <= 254;

-- What a site signs the ids of its customers with. The previous one is good after a rotation, until it is revoked.
create table identity_secrets (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  kind text not null check (kind in ('current', 'previous')),
  -- Sealed by PARLEY_SECRET, but for those that are older than this table.
  secret text not null,
  mask text not null,
  created_at timestamptz(3) not null,
  primary key (project_id, id),
  unique (project_id, kind)
);
insert into identity_secrets (project_id, id, kind, secret, mask, created_at)
  select id, gen_random_uuid(), 'current', identity_secret,
    case when length(identity_secret) < 16 then '...' else '...' || right(identity_secret, 4) end, created_at
  from projects where identity_secret is not null;
alter table projects drop column identity_secret;

create table widget_restore_tokens (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  token_hash bytea not null,
  -- Lower case.
  email text not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3),
  primary key (project_id, id),
  unique (project_id, token_hash)
);
create index widget_restore_tokens__open on widget_restore_tokens (project_id, email) where used_at is null;
create index widget_restore_tokens__created_at on widget_restore_tokens (created_at);
