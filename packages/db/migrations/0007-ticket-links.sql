-- Owner: ticket-merge, ticket-links, followers, ticket-bulk; mentions are of messages.
-- A merge moves no message: the thread of a ticket is its own messages and those of the tickets merged into it, so
-- taking a merge back restores both threads whatever happened meanwhile (docs/decisions/0013).

alter table tickets
  -- Where this ticket's thread goes on.
  add column merged_into_id uuid,
  -- Every ticket whose messages are shown in this one's thread, those merged into merged ones included.
  add column merged_ticket_ids uuid[] not null default '{}',
  add constraint tickets__merged_into foreign key (project_id, merged_into_id)
    references tickets on delete set null (merged_into_id);
create index tickets__merged_into on tickets (project_id, merged_into_id) where merged_into_id is not null;

-- A message that was written to a ticket after that ticket had been merged: it is stored with the other one, and goes
-- back when the merge is undone.
alter table messages
  add column via_ticket_id uuid,
  add constraint messages__via_ticket foreign key (project_id, via_ticket_id)
    references tickets on delete set null (via_ticket_id);
create index messages__via_ticket on messages (project_id, via_ticket_id) where via_ticket_id is not null;

-- What has to be known to take a merge back.
create table ticket_merges (
  project_id integer not null,
  source_id uuid not null,
  target_id uuid not null,
  merged_at timestamptz(3) not null,
  -- Fields of the source before the merge and as the merge left them: what was changed since stays.
  before jsonb not null,
  after jsonb not null,
  -- How much of the unread counters of the thread's head came from the source. Reading the head clears them.
  unread_team integer not null,
  unread_customer integer not null,
  source_message_id uuid,
  target_message_id uuid,
  primary key (project_id, source_id),
  foreign key (project_id, source_id) references tickets on delete cascade,
  foreign key (project_id, target_id) references tickets on delete cascade
);
create index ticket_merges__target on ticket_merges (project_id, target_id);

-- kind says what the linked ticket is to the ticket; the other side is shown the reverse.
create table ticket_links (
  project_id integer not null,
  id uuid not null,
  ticket_id uuid not null,
  linked_ticket_id uuid not null,
  kind text not null
    check (kind in ('related', 'duplicate', 'parent', 'merged', 'split', 'follow_up', 'maybe_related')),
  created_by integer references users on delete set null,
  created_at timestamptz(3) not null,
  primary key (project_id, id),
  check (ticket_id <> linked_ticket_id),
  foreign key (project_id, ticket_id) references tickets on delete cascade,
  foreign key (project_id, linked_ticket_id) references tickets on delete cascade
);
create unique index ticket_links__once on ticket_links
  (project_id, least(ticket_id, linked_ticket_id), greatest(ticket_id, linked_ticket_id), kind);
create unique index ticket_links__one_parent on ticket_links (project_id, ticket_id) where kind = 'parent';
create index ticket_links__ticket on ticket_links (project_id, ticket_id);
create index ticket_links__linked on ticket_links (project_id, linked_ticket_id);

create table ticket_followers (
  project_id integer not null,
  ticket_id uuid not null,
  user_id integer not null references users on delete cascade,
  added_by integer references users on delete set null,
  created_at timestamptz(3) not null,
  primary key (project_id, ticket_id, user_id),
  foreign key (project_id, ticket_id) references tickets on delete cascade
);
create index ticket_followers__user on ticket_followers (project_id, user_id);

create table message_mentions (
  project_id integer not null,
  message_id uuid not null,
  user_id integer not null references users on delete cascade,
  primary key (project_id, message_id, user_id),
  foreign key (project_id, message_id) references messages on delete cascade
);
create index message_mentions__user on message_mentions (project_id, user_id);

-- How to take a bulk action back, for a day.
create table undos (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  user_id integer not null references users on delete cascade,
  -- Per ticket the fields that changed, before and after.
  changes jsonb not null,
  created_at timestamptz(3) not null,
  undone_at timestamptz(3),
  primary key (project_id, id)
);
create index undos__created_at on undos (created_at);
