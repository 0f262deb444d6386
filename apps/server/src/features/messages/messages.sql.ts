import { type RawBuilder, sql } from 'kysely';

/**
 * A message as the API shows it (tickets-api.md 2.7), as JSON. Expects m (messages), t (its ticket) and u (its user
 * author, or null) in scope. `assistantName` stands for messages of the AI (decisions.md 35).
 */
export function messageJson(assistantName: string | RawBuilder<string>): RawBuilder<string> {
  return sql<string>`json_build_object(
    'id', m.id,
    'content', m.content,
    'rich_content', m.rich_content,
    'author_type', m.author_type,
    'author_name', coalesce(
      nullif(trim(u.first_name || ' ' || u.last_name), ''), u.email,
      case when m.author_type = 'AI' then ${assistantName}::text end,
      nullif(m.item_context ->> 'author_name', ''), nullif(m.item_context ->> 'author_email', ''),
      nullif(m.item_context ->> 'slack_author_name', ''), nullif(m.item_context ->> 'teams_author_name', ''),
      nullif(m.item_context ->> 'teams_author_email', ''), nullif(m.item_context ->> 'github_login', ''),
      nullif(m.item_context ->> 'email_from_name', ''),
      case when m.author_type = 'customer' then coalesce(nullif(t.anonymous_traits ->> 'name', ''),
        nullif(t.anonymous_traits ->> 'email', ''), 'Customer') end,
      'Support'),
    'author_email', u.email,
    'is_private', m.is_private,
    'has_full_email_content', m.full_email is not null,
    'version', m.version,
    'created_at', iso_utc(m.created_at))::text`;
}

/** The tables messageJson needs; messages are the alias m. */
export const MESSAGE_SOURCES = sql`messages m
  join tickets t on t.project_id = m.project_id and t.id = m.ticket_id
  left join users u on u.id = m.author_user_id`;
