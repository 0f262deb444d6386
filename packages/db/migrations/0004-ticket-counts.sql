-- Owner: ticket-counts.
-- One cell per combination of facets holds how many tickets (and unread messages) fall into it; tag '' is the
-- cell of all tickets. A change appends deltas in its own transaction, so no two writers meet on a hot row; a job
-- folds them. A count is the sum over cells and deltas, exact at every size.

create table ticket_count_cells (
  project_id integer not null references projects on delete cascade,
  tag text not null,
  deleted boolean not null,
  status text not null,
  priority text not null,
  channel_source text not null,
  assignee text not null,
  snoozed boolean not null,
  tickets bigint not null,
  unread bigint not null,
  primary key (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed)
);

create table ticket_count_deltas (
  project_id integer not null references projects on delete cascade,
  id bigint generated always as identity,
  tag text not null,
  deleted boolean not null,
  status text not null,
  priority text not null,
  channel_source text not null,
  assignee text not null,
  snoozed boolean not null,
  tickets integer not null,
  unread integer not null,
  primary key (project_id, id)
);

-- One ticket's share of the cells it falls into, times sign.
create function append_ticket_count(ticket tickets, sign integer) returns void language sql as $$
  insert into ticket_count_deltas
    (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread)
  select ticket.project_id, tag, ticket.deleted_at is not null, ticket.status, coalesce(ticket.priority, ''),
    ticket.channel_source,
    coalesce('user:' || ticket.assignee_user_id, 'role:' || ticket.assignee_role_id, ''),
    ticket.snoozed_until is not null, sign, sign * ticket.unread_team_count
  from unnest(array_prepend('', ticket.tags)) as tag
$$;

create function count_ticket() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then perform append_ticket_count(old, -1); end if;
  if tg_op <> 'DELETE' then perform append_ticket_count(new, 1); end if;
  return null;
end $$;

-- A trigger, because no statement that changes a facet may ever forget its deltas.
create trigger tickets__count_insert_delete after insert or delete on tickets
  for each row execute function count_ticket();
create trigger tickets__count_update after update on tickets for each row
  when ((old.status, old.priority, old.channel_source, old.assignee_user_id, old.assignee_role_id,
         old.snoozed_until is not null, old.deleted_at is not null, old.tags, old.unread_team_count)
    is distinct from
        (new.status, new.priority, new.channel_source, new.assignee_user_id, new.assignee_role_id,
         new.snoozed_until is not null, new.deleted_at is not null, new.tags, new.unread_team_count))
  execute function count_ticket();
