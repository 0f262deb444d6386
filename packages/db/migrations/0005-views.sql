-- Owner: views.
-- filters is json, not jsonb: what a client stored comes back exactly as it was sent.

create table ticket_views (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  short_id text not null check (length(short_id) <= 12),
  name text not null,
  filters json not null default '{}',
  visibility text not null check (visibility in ('shared', 'private')),
  created_by integer references users on delete set null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  version integer not null default 1,
  primary key (project_id, id),
  unique (project_id, short_id)
);
create index ticket_views__created_at on ticket_views (project_id, created_at desc, id desc);

create table ticket_view_favorites (
  project_id integer not null,
  user_id integer not null references users on delete cascade,
  view_id uuid not null,
  primary key (project_id, user_id, view_id),
  foreign key (project_id, view_id) references ticket_views on delete cascade
);

create table ticket_view_defaults (
  project_id integer not null,
  user_id integer not null references users on delete cascade,
  view_id uuid not null,
  primary key (project_id, user_id),
  foreign key (project_id, view_id) references ticket_views on delete cascade
);
