import type { MessagesTable } from '@parley/db/schema';
import type { Selectable } from 'kysely';
import { holdFiles } from '#features/files/files.attach.service.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import { type ChangeableTicket, lockTicket } from '#features/tickets/tickets.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { ApiError, notFound } from '#platform/api-error.ts';
import { type Authorized, authorize } from '#platform/authorized.ts';
import { isUuid } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { storeMentions } from './mentions.ts';

const ROW = ['id', 'content', 'rich_content', 'is_private', 'author_user_id', 'version'] as const;
type Row = Pick<Selectable<MessagesTable>, (typeof ROW)[number]>;

/** A message with its ticket, both locked, that its author is about to change. */
export interface OwnMessage {
  ticket: ChangeableTicket;
  message: Authorized<Row, 'edit'>;
}

/** The message a path names, if it is the caller's own: 404 for none, 403 for somebody else's (tickets-api.md 4.9). */
export async function lockOwnMessage(uow: Uow, project: Project, id: string): Promise<OwnMessage> {
  const found = isUuid(id)
    ? await uow.tx
        .selectFrom('messages')
        .select('ticket_id')
        .where('project_id', '=', project.id)
        .where('id', '=', id)
        .executeTakeFirst()
    : undefined;
  if (!found) throw notFound();
  // The ticket first, as everywhere: two who lock both in different orders would wait for each other.
  const ticket = await lockTicket(uow, project, found.ticket_id);
  const message = await uow.tx
    .selectFrom('messages')
    .select(ROW)
    .where('project_id', '=', project.id)
    .where('ticket_id', '=', ticket.id)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (!message) throw notFound();
  if (message.author_user_id !== requireUser(uow.actor).id)
    throw new ApiError('not_comment_author', 'Only the author of a message can change it.');
  return { ticket, message: authorize(message, 'edit', true) };
}

/** Rewrites a message. The ticket's figures and its last message stay as they are (tickets-api.md 6.2). */
export async function editMessage(
  uow: Uow,
  project: Project,
  { ticket, message }: OwnMessage,
  { content, richContent }: { content: string; richContent: unknown },
): Promise<void> {
  const version = message.version + 1;
  await uow.tx
    .updateTable('messages')
    .set({
      content,
      rich_content: richContent === null ? null : JSON.stringify(richContent),
      version,
      edited_at: uow.now,
    })
    .where('project_id', '=', project.id)
    .where('id', '=', message.id)
    .execute();
  await holdFiles(uow, project.id, message.id, { content, richContent });
  const name = message.is_private ? 'notes.update' : 'messages.update';
  const mentioned = message.is_private
    ? await storeMentions(uow, project, ticket, { id: message.id, content, richContent })
    : {};
  uow.emit({
    ...ticketEvent(name, ticket, { message_id: message.id, ...mentioned }),
    resourceId: message.id,
    resourceVersion: version,
  });
}
