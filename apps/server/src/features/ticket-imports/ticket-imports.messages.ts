import type { ImportedMessage } from '@parley/contract/ticket-imports';
import { newId } from '#platform/ids.ts';
import { toInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import type { Team } from './ticket-imports.people.ts';

/** A message in its place in the thread. */
export interface PlacedMessage {
  id: string;
  content: string;
  rich_content: unknown;
  item_context: { author_type: string; is_private: boolean } & Record<string, unknown>;
  author_user_id: number | null;
  full_email: string | null;
  created_at: Date;
  edited_at: Date | null;
}

/**
 * Messages in the order of their dates. Two of one ticket never have the same (decisions.md 13): the later one in the
 * file moves on by as many milliseconds as it takes. `taken` are dates of messages that are there already.
 */
export function placeMessages(
  messages: readonly ImportedMessage[],
  team: Team,
  taken: Iterable<number> = [],
): PlacedMessage[] {
  const used = new Set(taken);
  const dated = messages.map((message) => ({ message, at: toInstant(message.created_at).getTime() }));
  dated.sort((a, b) => a.at - b.at);
  return dated.map(({ message, at: wanted }) => {
    let at = wanted;
    while (used.has(at)) at += 1;
    used.add(at);
    return {
      id: message.id?.toLowerCase() ?? newId(),
      content: message.content,
      rich_content: message.rich_content ?? null,
      ...authorOf(message, team),
      full_email: message.full_email ?? null,
      created_at: new Date(at),
      edited_at: message.edited_at == null ? null : toInstant(message.edited_at),
    };
  });
}

/** An author who is no member here keeps name and address with the message. */
function authorOf(
  message: ImportedMessage,
  team: Team,
): Pick<PlacedMessage, 'item_context' | 'author_user_id'> {
  const { author, author_name, author_type, is_private } = message;
  const userId = author ? team.users.get(author.toLowerCase()) : undefined;
  const item_context = {
    author_type: author_type ?? (author ? 'support' : 'customer'),
    is_private: is_private ?? false,
    ...(author && userId === undefined ? { author_name: author_name ?? author, author_email: author } : {}),
    ...message.item_context,
  };
  return { item_context, author_user_id: userId ?? null };
}

/** Rows of one statement: a message is up to some megabytes. */
const MESSAGES_INSERTED = 500;

export async function insertMessages(
  uow: Uow,
  projectId: number,
  threads: readonly { ticketId: string; messages: readonly PlacedMessage[] }[],
): Promise<void> {
  const rows = threads.flatMap(({ ticketId, messages }) =>
    messages.map(({ rich_content, item_context, ...message }) => ({
      ...message,
      project_id: projectId,
      ticket_id: ticketId,
      rich_content: rich_content === null ? null : JSON.stringify(rich_content),
      item_context: JSON.stringify(item_context),
    })),
  );
  for (let start = 0; start < rows.length; start += MESSAGES_INSERTED) {
    await uow.tx
      .insertInto('messages')
      .values(rows.slice(start, start + MESSAGES_INSERTED))
      .execute();
  }
}
