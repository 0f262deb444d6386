-- Owner: people, keys, projects.
-- These tables are global: they are reached by organization, user or token, never by ticket traffic alone.

create table organizations (
  id uuid primary key,
  name text not null,
  is_ai_data_processing_approved boolean not null default false,
  created_at timestamptz(3) not null
);

create table projects (
  id integer generated always as identity primary key,
  organization_id uuid not null references organizations on delete cascade,
  name text not null,
  timezone text not null default 'UTC',
  -- Public: it is written into web pages.
  token text not null unique,
  identity_secret text,
  conversations_enabled boolean not null default true,
  conversations_settings jsonb not null default '{}',
  created_at timestamptz(3) not null
);
create index projects__organization_id on projects (organization_id);

create table users (
  id integer generated always as identity primary key,
  uuid uuid not null unique default gen_random_uuid(),
  email text not null unique check (email = lower(email)),
  email_verified boolean not null default false,
  name text not null default '',
  image text,
  first_name text not null default '',
  last_name text not null default '',
  current_project_id integer references projects on delete set null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

-- A token read here opens nothing by itself: the cookie also carries its signature by PARLEY_SECRET.
create table sessions (
  id integer generated always as identity primary key,
  token text not null unique,
  user_id integer not null references users on delete cascade,
  ip_address text,
  user_agent text,
  expires_at timestamptz(3) not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);
create index sessions__user_id on sessions (user_id);

-- How a user proves who they are: a password, or later a provider.
create table accounts (
  id integer generated always as identity primary key,
  user_id integer not null references users on delete cascade,
  account_id text not null,
  provider_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz(3),
  refresh_token_expires_at timestamptz(3),
  scope text,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  unique (provider_id, account_id)
);
create index accounts__user_id on accounts (user_id);

create table verifications (
  id integer generated always as identity primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz(3) not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);
create index verifications__identifier on verifications (identifier);

create table memberships (
  organization_id uuid not null references organizations on delete cascade,
  user_id integer not null references users on delete cascade,
  level text not null check (level in ('member', 'admin', 'owner')),
  created_at timestamptz(3) not null,
  primary key (organization_id, user_id)
);
create index memberships__user_id on memberships (user_id);

create table project_access (
  project_id integer not null references projects on delete cascade,
  user_id integer not null references users on delete cascade,
  level text not null check (level in ('none', 'viewer', 'editor', 'manager')),
  primary key (project_id, user_id)
);

-- A role is a group of users that tickets can be assigned to.
create table roles (
  id uuid primary key,
  organization_id uuid not null references organizations on delete cascade,
  name text not null,
  created_at timestamptz(3) not null
);
create unique index roles__organization_id_name on roles (organization_id, lower(name));

create table role_members (
  role_id uuid not null references roles on delete cascade,
  user_id integer not null references users on delete cascade,
  primary key (role_id, user_id)
);

create table invitations (
  id uuid primary key,
  organization_id uuid not null references organizations on delete cascade,
  email text not null,
  level text not null check (level in ('member', 'admin', 'owner')),
  token_hash bytea not null unique,
  created_by integer references users on delete set null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null
);
create index invitations__organization_id on invitations (organization_id);

-- Only the SHA-256 of a key is kept: 256 random bits need no slow hash, and a request must not pay for one.
create table api_keys (
  id uuid primary key,
  user_id integer not null references users on delete cascade,
  label text not null,
  mask text not null,
  token_hash bytea not null unique,
  scopes text[] not null,
  project_ids integer[],
  created_at timestamptz(3) not null,
  last_used_at timestamptz(3)
);
create index api_keys__user_id on api_keys (user_id);

-- In the database, so that racing requests and several nodes share one count.
create table login_attempts (
  key text primary key,
  attempts integer not null,
  window_started_at timestamptz(3) not null
);
