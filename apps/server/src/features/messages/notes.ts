import type { messages } from '@parley/contract/messages';
import type { BodyOf } from '@parley/contract/route';
import type { MessagesTable } from '@parley/db/schema';
import type { Selectable } from 'kysely';
import { holdFiles } from '#features/files/files.attach.service.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import type { ChangeableTicket } from '#features/tickets/tickets.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import { type Authorized, authorize } from '#platform/authorized.ts';
import type { RawJson } from '#platform/http/call.ts';
import { isUuid } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { storeMentions } from './mentions.ts';
import { noteDeleted } from './messages.events.ts';
import { showMessage } from './messages.show.ts';
import { checkRichContent } from './rich-content.service.ts';

type Row = Pick<Selectable<MessagesTable>, 'id' | 'is_private' | 'author_user_id' | 'version'>;
export type OwnNote = Authorized<Row, 'edit-note'>;

/**
 * The note of the thread a path names, locked, if it is the caller's own. The order of the refusals is published: unknown, then not
 * private, then someone else's (tickets-api.md 2.10).
 */
export async function lockOwnNote(uow: Uow, ticket: ChangeableTicket, messageId: string): Promise<OwnNote> {
  const note = isUuid(messageId) ? await findMessage(uow, ticket, messageId) : undefined;
  if (!note) throw new ApiError('note_not_found', 'There is no such note.', { errorType: true });
  if (!note.is_private)
    throw new ApiError('not_private_note', 'Only private notes can be changed.', { errorType: true });
  if (note.author_user_id !== requireUser(uow.actor).id) {
    throw new ApiError('not_note_author', 'Only the author of a note can change it.', { errorType: true });
  }
  return authorize(note, 'edit-note', true);
}

function findMessage(uow: Uow, ticket: ChangeableTicket, id: string): Promise<Row | undefined> {
  return uow.tx
    .selectFrom('messages')
    .select(['id', 'is_private', 'author_user_id', 'version'])
    .where('project_id', '=', ticket.project_id)
    .where((eb) =>
      eb.or([
        eb('ticket_id', 'in', [ticket.id, ...ticket.merged_ticket_ids]),
        // Written to it while it is merged.
        eb('via_ticket_id', '=', ticket.id),
      ]),
    )
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
}

/** Rewrites a note; rich content that is left out is cleared. */
export async function updateNote(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  note: OwnNote,
  body: BodyOf<typeof messages.updateNote>,
): Promise<RawJson> {
  const rich = checkRichContent(body.rich_content);
  const content = body.message.trim();
  await uow.tx
    .updateTable('messages')
    .set({
      content,
      rich_content: rich === null ? null : JSON.stringify(rich),
      version: note.version + 1,
      edited_at: uow.now,
    })
    .where('project_id', '=', ticket.project_id)
    .where('id', '=', note.id)
    .execute();
  const written = { id: note.id, content, richContent: rich };
  await holdFiles(uow, project.id, note.id, written);
  const mentioned = await storeMentions(uow, project, ticket, written);
  uow.emit({
    ...ticketEvent('notes.update', ticket, { message_id: note.id, ...mentioned }),
    resourceId: note.id,
    resourceVersion: note.version + 1,
  });
  return showMessage(uow, project, note.id);
}

/** Hides a note. Notes count nowhere, so the ticket's figures stay. */
export async function deleteNote(uow: Uow, ticket: ChangeableTicket, note: OwnNote): Promise<void> {
  await uow.tx
    .updateTable('messages')
    .set({ deleted_at: uow.now })
    .where('project_id', '=', ticket.project_id)
    .where('id', '=', note.id)
    .execute();
  uow.emit(noteDeleted(ticket, note));
}
