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

-- Figures about tickets, summed per day of the project's time zone. They are worked out ticket by ticket from the rows:
-- report_tickets holds what a ticket adds to them, so that a change takes away exactly what was added before.

create table report_tickets (
  project_id integer not null references projects on delete cascade,
  ticket_id uuid not null,
  channel_source text not null,
  -- As in ticket_count_cells: 'user:3', 'role:<uuid>' or ''.
  assignee text not null,
  tags text[] not null,
  -- Each [figure, day, n, total, bucket of the histogram or null].
  figures jsonb not null,
  -- No reference to tickets: checking it would lock them against those who answer them. A ticket is purged long after
  -- it was deleted, and a deleted one has no row here.
  primary key (project_id, ticket_id)
);

-- One row per figure, day and combination of dimensions. Tag '' stands for all tickets, '*' for all channels and all
-- assignees: whatever is asked for is in few rows.
create table report_buckets (
  project_id integer not null references projects on delete cascade,
  figure text not null,
  tag text not null,
  channel_source text not null,
  assignee text not null,
  day date not null,
  n bigint not null,
  -- Seconds of durations, points of scores.
  total bigint not null,
  -- How many durations fall into each bucket; null for figures that are none.
  histogram integer[],
  primary key (project_id, figure, tag, channel_source, assignee, day)
);

create function add_counts(a integer[], b integer[]) returns integer[] language sql immutable parallel safe as $$
  select case when a is null then b when b is null then a
    else array(select x + y from unnest(a, b) with ordinality as t(x, y, i) order by i) end
$$;

create table report_progress (
  project_id integer primary key references projects on delete cascade,
  -- Every event up to this number is in the figures.
  seq bigint not null,
  -- Whose days the figures are of.
  timezone text not null,
  -- A look at all tickets is under way and got to this number; null: none is.
  pass_after integer,
  projected_at timestamptz(3) not null
);

-- Projects that are there already have tickets no event will ever tell of.
insert into report_progress (project_id, seq, timezone, pass_after, projected_at)
select id, 0, timezone, 0, now() from projects;

-- How customers rated what was done for them. The last rating of a ticket counts.
create table satisfaction_ratings (
  project_id integer not null,
  ticket_id uuid not null,
  rating text not null check (rating in ('good', 'bad')),
  score smallint check (score between 1 and 5),
  comment text,
  created_at timestamptz(3) not null,
  primary key (project_id, ticket_id),
  foreign key (project_id, ticket_id) references tickets on delete cascade
);
