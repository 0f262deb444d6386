-- Owner: audit-log, ticket-imports; the indexes of activities belong to activities.
-- Who did what to the installation itself, the log of all tickets together, and how far each import has come.

-- Of an organization, or of one of its projects. Neither users nor projects are referred to: what they did stays
-- known when they are gone. Rows leave with their organization, or after 400 days.
create table audit_log (
  organization_id uuid not null references organizations on delete cascade,
  id uuid not null,
  project_id integer,
  act text not null,
  actor jsonb not null,
  target jsonb,
  detail jsonb not null,
  ip text,
  user_agent text,
  created_at timestamptz(3) not null,
  primary key (organization_id, id)
);
create index audit_log__newest on audit_log (organization_id, created_at desc, id desc);
create index audit_log__act on audit_log (organization_id, act, created_at desc, id desc);
create index audit_log__actor on audit_log (organization_id, (actor ->> 'actor_id'), created_at desc, id desc)
  where actor ->> 'actor_id' is not null;
create index audit_log__project on audit_log (organization_id, project_id, created_at desc, id desc)
  where project_id is not null;
create index audit_log__old on audit_log (created_at);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Rows of % are never changed.', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger audit_log__append_only before update on audit_log
  for each row execute function refuse_change();

-- The fields that an entry changed.
create function activity_fields(detail jsonb) returns text[] language sql immutable parallel safe as
$$ select array(select jsonb_path_query(detail, 'lax $.changes[*].field') #>> '{}') $$;

create index activities__newest on activities (project_id, created_at desc, id desc);
create index activities__activity on activities (project_id, activity, created_at desc, id desc);
create index activities__actor on activities (project_id, (actor ->> 'actor_id'), created_at desc, id desc)
  where actor ->> 'actor_id' is not null;
-- Nearly all are by users, who are found by the first index.
create index activities__program on activities (project_id, (actor ->> 'actor_type'), created_at desc, id desc)
  where actor ->> 'actor_type' <> 'user';
create index activities__fields on activities using gin (project_id, activity_fields(detail))
  where detail -> 'changes' <> '[]';

-- One import, however many requests brought it. Every batch of lines commits together with how far it came.
create table ticket_imports (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  mode text not null check (mode in ('skip', 'update')),
  state text not null check (state in ('running', 'interrupted', 'finished')),
  -- Every line up to this one is done.
  last_line integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  skipped integer not null default 0,
  failed integer not null default 0,
  created_by integer references users on delete set null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  primary key (project_id, id)
);

-- What a line could not be loaded for, or was loaded without.
create table ticket_import_problems (
  project_id integer not null,
  import_id uuid not null,
  id integer not null,
  line integer not null,
  field text,
  code text not null,
  detail text not null,
  loaded boolean not null,
  primary key (project_id, import_id, id),
  foreign key (project_id, import_id) references ticket_imports on delete cascade
);
