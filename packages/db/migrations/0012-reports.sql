-- Owner: tags, reports.

-- Tags that are renamed, merged or deleted. The name is gone from the vocabulary at once; tickets follow in batches.
create table tag_operations (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  kind text not null check (kind in ('rename', 'merge', 'delete')),
  from_tags text[] not null,
  into_tag text,
  -- What tickets get instead: into_tag, unless a later operation took that one away.
  replacement text,
  state text not null check (state in ('running', 'done')),
  tickets_total bigint not null,
  tickets_changed bigint not null default 0,
  -- Tickets up to this number were looked at in this round.
  after_number integer not null default 0,
  created_at timestamptz(3) not null,
  finished_at timestamptz(3),
  primary key (project_id, id)
);
create index tag_operations__running on tag_operations (created_at) where state = 'running';

-- A name that is on its way out. Its row stays until no ticket has it: whoever puts it on a ticket meanwhile finds the
-- row, and the ticket is found by the last look of the operation.
alter table tags add column operation_id uuid;
