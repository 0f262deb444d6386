import { type RawBuilder, sql } from 'kysely';

/** A ticket whose thread is read: its own messages and those of the tickets merged into it. */
interface ThreadOwner {
  id: string;
  merged_ticket_ids: readonly string[];
}

/** Whether a message (alias m) is in the thread. Most threads are of one ticket, whose index gives their order. */
export function inThread({ id, merged_ticket_ids: merged }: ThreadOwner): RawBuilder<boolean> {
  if (merged.length === 0) return sql<boolean>`m.ticket_id = ${id}`;
  return sql<boolean>`m.ticket_id = any(${[id, ...merged]}::uuid[])`;
}

/**
 * A message as the API shows it (tickets-api.md 2.7), as JSON. Expects m (messages), t (the ticket it was written to) and u (its user
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
    'created_at', iso_utc(m.created_at),
    'ticket_id', t.id,
    'ticket_number', t.ticket_number,
    'mentions', case when m.is_private then coalesce((
      select json_agg(a.user_id order by a.user_id) from message_mentions a
      where a.project_id = m.project_id and a.message_id = m.id), '[]'::json) else '[]'::json end)::text`;
}

/** The tables messageJson needs; `messages` is a from item under the alias m. */
export const messageSources = (messages: RawBuilder<unknown>) => sql`${messages}
  join tickets t on t.project_id = m.project_id and t.id = coalesce(m.via_ticket_id, m.ticket_id)
  left join users u on u.id = m.author_user_id`;

export const MESSAGE_SOURCES = messageSources(sql`messages m`);
