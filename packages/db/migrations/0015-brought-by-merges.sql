-- Owner: ticket-merge.
-- What the target of a merge has because of it: taking the merge back takes this and nothing else.
alter table ticket_merges
  add column added_tags text[] not null default '{}',
  -- Addresses among its CC participants.
  add column added_cc text[] not null default '{}';
