-- Owner: files.
-- Files that came in for messages. The bytes are in the storage, under the project and the id.

create table files (
  project_id integer not null references projects on delete cascade,
  id uuid not null,
  -- 256 random bits: whoever has them may read the file.
  token text not null unique,
  -- Who sent it, as nobody else can be: only they put it into a message by its id.
  uploader text not null,
  name text not null,
  media_type text not null,
  size integer not null,
  -- Shown in place; everything else is only downloaded.
  is_image boolean not null,
  width integer,
  height integer,
  sha256 bytea not null,
  -- False until the storage has all of it.
  is_stored boolean not null default false,
  -- The first message that held it. Gone with it, the file goes too.
  message_id uuid,
  created_at timestamptz(3) not null,
  primary key (project_id, id),
  foreign key (project_id, message_id) references messages on delete set null (message_id)
);
create index files__message on files (project_id, message_id) where message_id is not null;
create index files__unheld on files (created_at) where message_id is null;
create index files__uploader on files (project_id, uploader) where message_id is null;

-- Files that are no images are linked to in the text of a message.
drop index messages__files;
create or replace function holds_file(content text, rich_content jsonb, item_context jsonb)
returns boolean language sql immutable parallel safe as $$
  select content ~ '!\[[^]]*\]\(|/files/[A-Za-z0-9_-]{43}/'
    or coalesce(jsonb_path_exists(rich_content, 'strict $.** ? (@.type == "image" || @.type == "file")'), false)
    or jsonb_path_exists(item_context, 'lax $.keyvalue() ? (@.key == "email_attachments" || @.key == "slack_images"
      || @.key == "slack_files" || @.key == "attachment_media_ids" || @.key == "attachments").value[0]')
$$;
create index messages__files on messages (project_id, ticket_id)
  where deleted_at is null and holds_file(content, rich_content, item_context);
