-- Owner: notifications; ticket_reads is of tickets, with unread-marks.
-- What each agent is told of, made from numbered events by a cursor per project: the transaction of an event writes
-- nothing here, and a process that dies in between loses nothing and tells nobody twice.

create table notification_cursors (
  project_id integer primary key references projects on delete cascade,
  -- Every event up to this number was looked at.
  cursor_seq bigint not null
);
-- What happened before there were notifications is no news.
insert into notification_cursors (project_id, cursor_seq)
select c.project_id, c.last_seq from event_counters c join projects p on p.id = c.project_id;

create table notifications (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  user_id integer not null references users on delete cascade,
  kind text not null check (kind in
    ('assigned', 'mentioned', 'customer_replied', 'note_added', 'sla_at_risk', 'sla_breached', 'new_ticket')),
  ticket_id uuid not null,
  -- The newest one, where it is about a message. No key: it stays when the message goes.
  message_id uuid,
  -- How often it happened since the user last read it.
  count integer not null,
  -- Of the newest event. Who did it may be gone.
  actor_type text not null,
  actor_user_id integer,
  seq bigint not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  read_at timestamptz(3),
  primary key (project_id, id),
  foreign key (project_id, ticket_id) references tickets on delete cascade
);
-- Nobody is told of an event twice, whatever the code believes.
create unique index notifications__once on notifications (project_id, user_id, seq);
create index notifications__newest on notifications (project_id, user_id, updated_at desc, id desc);
create index notifications__unread on notifications (project_id, user_id, updated_at desc, id desc)
  where read_at is null;
create index notifications__ticket on notifications (project_id, ticket_id, user_id);
create index notifications__updated_at on notifications (updated_at);
create index notifications__user on notifications (user_id);

-- Null: the agent marked the ticket as unread, and it is whatever was read before.
alter table ticket_reads alter column read_at drop not null;
create index ticket_reads__marked on ticket_reads (project_id, user_id) where read_at is null;

-- What an agent may have unread (tickets.personal_unread_count): resolved tickets pile up, and are not in it.
create index tickets__mine on tickets (project_id, assignee_user_id)
  where deleted_at is null and status <> 'resolved' and assignee_user_id is not null;
