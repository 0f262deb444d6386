-- Owner: search.
-- What a search looks through, found in two ways: by trigrams where the text sought has three letters in a row, else by
-- its characters and pairs of characters, so that one letter, a sign or a word of two characters has an index too.
-- Every index begins with the project: a word that is rare in one may be common in another.

create extension if not exists btree_gin;

-- The characters of a text, the pairs of neighbours, and every space with the two characters on its either side: of a
-- phrase of common words only that is rare. Repetitions are left to the index, which drops them.
create function short_grams(value text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
  letters text[] := string_to_array(value, null);
begin
  return letters || array(
    select gram from unnest(letters, letters[2:], letters[3:], letters[4:], letters[5:]) as near(a, b, c, d, e),
      lateral (values (a || b), (case when c = ' ' then a || b || c || d || e end)) as grams(gram)
    where gram is not null);
end $$;

-- What short_grams holds of every text that contains this one: enough of it to look it up.
create function short_keys(value text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
  spaces text[] := array(select distinct substr(value, at, 5) from generate_series(1, least(length(value) - 4, 100)) as at
    where substr(value, at + 2, 1) = ' ');
begin
  if length(value) = 1 then return array[value]; end if;
  if cardinality(spaces) > 0 then return spaces; end if;
  return array(select distinct substr(value, at, 2) from generate_series(1, least(length(value) - 1, 16)) as at);
end $$;

-- A ticket's own words in a row of their own: in an index of tickets every change of a status would write them anew.
create table ticket_words (
  project_id integer not null,
  ticket_id uuid not null,
  words text not null,
  primary key (project_id, ticket_id),
  foreign key (project_id, ticket_id) references tickets on delete cascade
);
insert into ticket_words (project_id, ticket_id, words)
  select project_id, id, search_text from tickets where search_text ~ '[^\n]';

-- A trigger, because no statement that changes a word may ever forget it.
create function keep_ticket_words() returns trigger language plpgsql as $$
begin
  insert into ticket_words (project_id, ticket_id, words) values (new.project_id, new.id, new.search_text)
  on conflict (project_id, ticket_id) do update set words = excluded.words;
  return null;
end $$;
create trigger tickets__words_insert after insert on tickets for each row
  when (new.search_text ~ '[^\n]') execute function keep_ticket_words();
create trigger tickets__words_update after update on tickets for each row
  when (old.search_text is distinct from new.search_text) execute function keep_ticket_words();

drop index tickets__search;
drop index persons__search;
drop index messages__search;
-- A short list of what is not yet in the index proper: every search reads all of it.
create index ticket_words__trigrams on ticket_words using gin (project_id, words gin_trgm_ops)
  with (gin_pending_list_limit = 1024);
create index ticket_words__grams on ticket_words using gin (project_id, short_grams(words) collate "C")
  with (gin_pending_list_limit = 1024);
create index persons__trigrams on persons using gin (project_id, search_text gin_trgm_ops)
  with (gin_pending_list_limit = 1024);
create index persons__grams on persons using gin (project_id, short_grams(search_text) collate "C")
  with (gin_pending_list_limit = 1024);
create index messages__trigrams on messages using gin (project_id, lower(content) gin_trgm_ops)
  with (gin_pending_list_limit = 1024) where deleted_at is null;
create index messages__grams on messages using gin (project_id, short_grams(lower(content)) collate "C")
  with (gin_pending_list_limit = 1024) where deleted_at is null;

-- Whether a message came with a file: an image in its text, or what its channel noted beside it (channels.md 1.2).
create function holds_file(content text, rich_content jsonb, item_context jsonb)
returns boolean language sql immutable parallel safe as $$
  select content ~ '!\[[^]]*\]\('
    or coalesce(jsonb_path_exists(rich_content, 'strict $.** ? (@.type == "image" || @.type == "file")'), false)
    or jsonb_path_exists(item_context, 'lax $.keyvalue() ? (@.key == "email_attachments" || @.key == "slack_images"
      || @.key == "slack_files" || @.key == "attachment_media_ids" || @.key == "attachments").value[0]')
$$;
create index messages__files on messages (project_id, ticket_id)
  where deleted_at is null and holds_file(content, rich_content, item_context);

-- Holds what a list by last activity is cut with, so that all tickets of a span are sorted without reading one.
drop index tickets__created_at;
create index tickets__created_at on tickets (project_id, created_at desc, ticket_number desc) include (updated_at, id)
  where deleted_at is null;

-- Filters that had no index.
create index tickets__channel_detail on tickets (project_id, channel_detail, updated_at desc, ticket_number desc)
  where deleted_at is null and channel_detail is not null;
create index tickets__triage_result on tickets (project_id, (ai_triage ->> 'result'), updated_at desc, ticket_number desc)
  where deleted_at is null and ai_triage ->> 'result' is not null;
create index tickets__triage_status on tickets (project_id, (ai_triage ->> 'status'), updated_at desc, ticket_number desc)
  where deleted_at is null and ai_triage ->> 'status' is not null;
