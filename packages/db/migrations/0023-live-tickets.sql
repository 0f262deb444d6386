-- Owner: tickets (search).
-- All that a search asks of the tickets a text leads to, so that it reads none of them. In exchange for an index that the
-- unique one of numbers stands in for: deleted tickets are few.
create index tickets__live on tickets (project_id, id) include (updated_at, ticket_number)
  where deleted_at is null and merged_into_id is null;
drop index tickets__number;
