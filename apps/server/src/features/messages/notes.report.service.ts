import { ticketEvent } from '#features/tickets/tickets.events.ts';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { storeMentions } from './mentions.ts';

/** Keeps whom a new note of a locked ticket mentions, and tells of the note. */
export async function reportNote(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
  note: { id: string; content: string; richContent: unknown },
): Promise<void> {
  const mentioned = await storeMentions(uow, project, ticket, note);
  const event = ticketEvent('notes.create', ticket, { message_id: note.id, ...mentioned });
  uow.emit({ ...event, resourceId: note.id, resourceVersion: 0 });
}
