-- Owner: ticket-counts.
-- Cells and deltas also know how many of their tickets hold unread messages, so that the list of unread tickets has an
-- exact count at every size, like the facets.

alter table ticket_count_cells add column unread_tickets bigint not null default 0;
alter table ticket_count_deltas add column unread_tickets integer not null default 0;

create or replace function count_ticket() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into ticket_count_deltas
      (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread, unread_tickets)
    select old.project_id, tag, old.deleted_at is not null, old.status, coalesce(old.priority, ''), old.channel_source,
      coalesce('user:' || old.assignee_user_id, 'role:' || old.assignee_role_id, ''),
      old.snoozed_until is not null, -1, -old.unread_team_count, case when old.unread_team_count > 0 then -1 else 0 end
    from unnest(array_prepend('', old.tags)) as tag;
  end if;
  if tg_op <> 'DELETE' then
    insert into ticket_count_deltas
      (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread, unread_tickets)
    select new.project_id, tag, new.deleted_at is not null, new.status, coalesce(new.priority, ''), new.channel_source,
      coalesce('user:' || new.assignee_user_id, 'role:' || new.assignee_role_id, ''),
      new.snoozed_until is not null, 1, new.unread_team_count, case when new.unread_team_count > 0 then 1 else 0 end
    from unnest(array_prepend('', new.tags)) as tag;
  end if;
  return null;
end $$;

-- What is there already, as deltas: the next fold adds them up.
insert into ticket_count_deltas
  (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread, unread_tickets)
select t.project_id, tag, t.deleted_at is not null, t.status, coalesce(t.priority, ''), t.channel_source,
  coalesce('user:' || t.assignee_user_id, 'role:' || t.assignee_role_id, ''), t.snoozed_until is not null,
  0, 0, count(*)
from tickets t, unnest(array_prepend('', t.tags)) as tag where t.unread_team_count > 0 group by 1, 2, 3, 4, 5, 6, 7, 8;
