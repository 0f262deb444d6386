-- Owner: ticket-counts.
-- Sums of the cells over the facets that most lists do not name, so that their count reads a few rows instead of some
-- thousands. A level says which facets it keeps (ticket-counts.levels.ts); the others are '' or false. The fold that
-- writes the cells writes these.

create table ticket_count_sums (
  project_id integer not null references projects on delete cascade,
  tag text not null,
  deleted boolean not null,
  level smallint not null,
  status text not null,
  priority text not null,
  channel_source text not null,
  assignee text not null,
  snoozed boolean not null,
  tickets bigint not null,
  unread bigint not null,
  unread_tickets bigint not null,
  primary key (project_id, tag, deleted, level, status, priority, channel_source, assignee, snoozed)
);

insert into ticket_count_sums
select project_id, tag, deleted,
  case when grouping(channel_source) = 0 then 3 when grouping(assignee) = 0 then 2 else 1 end, status,
  coalesce(priority, ''), coalesce(channel_source, ''), coalesce(assignee, ''), coalesce(snoozed, false),
  sum(tickets), sum(unread), sum(unread_tickets)
from ticket_count_cells
group by grouping sets (
  (project_id, tag, deleted, status, snoozed),
  (project_id, tag, deleted, status, snoozed, assignee),
  (project_id, tag, deleted, status, priority, channel_source));

-- Both are written anew every few seconds: room on the page keeps the new version beside the old one, off the index.
alter table ticket_count_cells set (fillfactor = 70);
alter table ticket_count_sums set (fillfactor = 70);
