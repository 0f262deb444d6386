-- Owner: tickets.
-- The same results as before, for less work. PostgreSQL plans a function in SQL anew in every call that it cannot
-- inline; one in PL/pgSQL keeps its plans.

create or replace function words_of(value jsonb) returns text language plpgsql immutable parallel safe as $$
begin
  if value is null then return ''; end if;
  case jsonb_typeof(value)
    when 'string', 'number' then return value #>> '{}';
    when 'object', 'array' then
      return coalesce((select string_agg(word #>> '{}', E'\n')
        from jsonb_path_query(value, 'strict $.** ? (@.type() == "string" || @.type() == "number")') as word), '');
    else return '';
  end case;
end $$;

create or replace function count_ticket() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into ticket_count_deltas
      (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread)
    select old.project_id, tag, old.deleted_at is not null, old.status, coalesce(old.priority, ''), old.channel_source,
      coalesce('user:' || old.assignee_user_id, 'role:' || old.assignee_role_id, ''),
      old.snoozed_until is not null, -1, -old.unread_team_count
    from unnest(array_prepend('', old.tags)) as tag;
  end if;
  if tg_op <> 'DELETE' then
    insert into ticket_count_deltas
      (project_id, tag, deleted, status, priority, channel_source, assignee, snoozed, tickets, unread)
    select new.project_id, tag, new.deleted_at is not null, new.status, coalesce(new.priority, ''), new.channel_source,
      coalesce('user:' || new.assignee_user_id, 'role:' || new.assignee_role_id, ''),
      new.snoozed_until is not null, 1, new.unread_team_count
    from unnest(array_prepend('', new.tags)) as tag;
  end if;
  return null;
end $$;

drop function append_ticket_count(tickets, integer);

-- What goes with a ticket or a view is found without reading what every agent ever read.
create index ticket_reads__ticket on ticket_reads (project_id, ticket_id);
create index ticket_view_favorites__view on ticket_view_favorites (project_id, view_id);
create index ticket_view_defaults__view on ticket_view_defaults (project_id, view_id);
