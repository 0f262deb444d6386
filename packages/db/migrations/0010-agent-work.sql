-- Owner: drafts, scheduled-replies, quick-actions, availability, preferences, content-articles, guidance-rules.
-- What agents keep on the server while they work.

-- What an agent has typed and not sent: one per ticket, and one for a ticket that is still to be composed. Nobody else
-- sees it.
create table drafts (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  user_id integer not null references users on delete cascade,
  ticket_id uuid,
  message text not null,
  rich_content jsonb,
  is_private boolean not null,
  set_status text,
  cc text[] not null,
  bcc text[] not null,
  email_subject text,
  recipient_email text,
  recipient_distinct_id text,
  email_config_id uuid,
  tags text[] not null,
  version integer not null default 1,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  primary key (project_id, id),
  unique nulls not distinct (project_id, user_id, ticket_id),
  foreign key (project_id, ticket_id) references tickets on delete cascade
);
create index drafts__ticket on drafts (project_id, ticket_id) where ticket_id is not null;
create index drafts__newest on drafts (project_id, user_id, updated_at desc, id desc);

-- A reply that somebody wrote for others to look at and send.
create table reply_drafts (
  project_id integer not null,
  id uuid not null,
  ticket_id uuid not null,
  origin text not null check (origin in ('agent', 'mcp')),
  message text not null,
  rich_content jsonb,
  created_by integer references users on delete set null,
  created_at timestamptz(3) not null,
  primary key (project_id, id),
  foreign key (project_id, ticket_id) references tickets on delete cascade
);
create index reply_drafts__ticket on reply_drafts (project_id, ticket_id, id);

-- A reply that is not a message yet. Its id becomes the message's, and its row goes in the message's transaction.
create table scheduled_replies (
  project_id integer not null,
  id uuid not null,
  ticket_id uuid not null,
  -- Null once the account is gone: then it fails, where everybody sees it.
  user_id integer references users on delete set null,
  -- The key it was last written with. No reference: a key that is gone must not look like none.
  key_id uuid,
  message text not null,
  rich_content jsonb,
  is_private boolean not null,
  set_status text,
  cancel_if_customer_replies boolean not null,
  -- The customer's messages of this instant and later were not there when the reply was scheduled.
  hold_from timestamptz(3) not null,
  send_at timestamptz(3) not null,
  -- When it is tried: send_at, or later after a try went wrong.
  due_at timestamptz(3) not null,
  attempts integer not null default 0,
  state text not null check (state in ('scheduled', 'held', 'failed')),
  reason text,
  version integer not null default 1,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  primary key (project_id, id),
  foreign key (project_id, ticket_id) references tickets on delete cascade
);
create index scheduled_replies__due on scheduled_replies (due_at) where state = 'scheduled';
create index scheduled_replies__ticket on scheduled_replies (project_id, ticket_id, send_at, id);
create index scheduled_replies__next on scheduled_replies (project_id, send_at, id);
create index scheduled_replies__user on scheduled_replies (project_id, user_id, send_at, id);

create table quick_actions (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  short_id text not null,
  name text not null,
  description text not null,
  content text not null,
  rich_content jsonb,
  actions jsonb not null,
  visibility text not null check (visibility in ('team', 'personal')),
  shortcut text,
  folder text,
  use_count integer not null default 0,
  last_used_at timestamptz(3),
  created_by integer references users on delete set null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  version integer not null default 1,
  primary key (project_id, id),
  unique (project_id, short_id)
);
create index quick_actions__newest on quick_actions (project_id, created_at desc, id desc);

-- Of an agent in a whole organization; without a row an agent is available.
create table agent_availability (
  organization_id uuid not null,
  user_id integer not null,
  is_available boolean not null,
  changed_by integer references users on delete set null,
  version integer not null default 1,
  updated_at timestamptz(3) not null,
  primary key (organization_id, user_id),
  foreign key (organization_id, user_id) references memberships on delete cascade
);

create table user_preferences (
  user_id integer primary key references users on delete cascade,
  -- Only what was set: what holds without is in the program.
  preferences jsonb not null default '{}',
  client_state jsonb not null default '{}',
  version integer not null default 1,
  updated_at timestamptz(3) not null
);

create table project_preferences (
  project_id integer not null references projects on delete cascade,
  user_id integer not null references users on delete cascade,
  preferences jsonb not null default '{}',
  client_state jsonb not null default '{}',
  version integer not null default 1,
  updated_at timestamptz(3) not null,
  primary key (project_id, user_id)
);

create table content_articles (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  title text not null,
  body text not null,
  is_enabled boolean not null,
  channels text[] not null,
  embeddings jsonb,
  created_by integer references users on delete set null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  version integer not null default 1,
  primary key (project_id, id)
);
create index content_articles__newest on content_articles (project_id, created_at desc, id desc);

create table guidance_rules (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  rule_type text not null check (rule_type in ('tone', 'escalation')),
  name text not null,
  content text not null,
  is_active boolean not null,
  channels text[] not null,
  created_by integer references users on delete set null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  version integer not null default 1,
  primary key (project_id, id)
);
create index guidance_rules__newest on guidance_rules (project_id, created_at desc, id desc);
