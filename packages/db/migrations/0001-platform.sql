-- Owner: platform.
-- What every feature stands on: how an instant is printed, the event log, and remembered answers to repeated writes.

create extension if not exists pg_trgm;

-- ISO 8601 UTC with exactly three fractional digits, the one form an instant has on every surface.
-- Declared stable (as to_char is) so that the planner inlines it.
create function iso_utc(instant timestamptz) returns text language sql stable parallel safe as
$$ select to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

-- array_to_string is only stable because elements may be of any type; for text[] it never changes.
create function join_lines(lines text[]) returns text language sql immutable parallel safe as
$$ select array_to_string(lines, E'\n') $$;

-- The texts and numbers anywhere in a JSON value, a line each: what a search looks through. Names of properties and
-- the signs JSON is written with are not among them, or a search for one of those would find everything.
create function words_of(value jsonb) returns text language sql immutable parallel safe as
$$ select coalesce(string_agg(word #>> '{}', E'\n'), '')
   from jsonb_path_query(value, 'strict $.** ? (@.type() == "string" || @.type() == "number")') as word $$;

-- Events are written without a number, in the transaction of the change they describe. One sequencer gives
-- committed events a dense number per project, so a reader that resumes by seq can never miss a late commit.
create table events (
  project_id integer not null,
  id bigint generated always as identity,
  seq bigint,
  name text not null,
  resource_id text not null,
  resource_version integer not null,
  ticket_id uuid,
  actor jsonb not null,
  payload jsonb not null,
  -- Rules this event's chain already ran through; bounds workflow recursion.
  chain text[] not null default '{}',
  created_at timestamptz(3) not null,
  primary key (project_id, id)
);
create unique index events__project_id_seq on events (project_id, seq) where seq is not null;
create index events__unsequenced on events (id) where seq is null;
create index events__created_at on events (created_at);

create table event_counters (
  project_id integer primary key,
  last_seq bigint not null default 0
);

-- project_id 0 holds writes that belong to no project (organizations, people).
create table idempotency_keys (
  project_id integer not null,
  actor text not null,
  route text not null,
  key text not null,
  body_hash bytea not null,
  status smallint not null,
  response text not null,
  created_at timestamptz(3) not null,
  primary key (project_id, actor, route, key)
);
create index idempotency_keys__created_at on idempotency_keys (created_at);

-- One row per running process: without a shared store, limits divide by the number of live nodes.
create table nodes (
  id uuid primary key,
  started_at timestamptz(3) not null,
  seen_at timestamptz(3) not null
);
