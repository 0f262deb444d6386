-- Owner: event-intake (page_events); persons.
-- What pages with posthog-js report. Anybody who reads the public token can report anything, so what is only said there
-- is told from what programs with a key have set.

create table page_events (
  project_id integer not null references projects on delete cascade,
  id bigint generated always as identity,
  session_id text not null,
  kind text not null check (kind in ('page_view', 'exception')),
  url text,
  -- The title of a page, or type and message of an exception.
  title text not null,
  distinct_id text not null,
  created_at timestamptz(3) not null,
  primary key (project_id, id)
);
create index page_events__session on page_events (project_id, session_id, kind, id desc);
create index page_events__created_at on page_events (created_at);

-- An id that a page alone has put beside others opens no ticket of theirs.
alter table person_distinct_ids add column is_said boolean not null default false;
-- An address that a page alone has named gets no link to tickets.
alter table persons add column is_email_said boolean not null default false;
