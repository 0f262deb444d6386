import { setStatus, writeTeamMessage } from '#features/messages/tickets.reply.service.ts';
import type { WaitingReply } from '#features/ticket-merge/reached.service.ts';
import type { ChangeableTicket } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { scheduledReplyEvent } from './scheduled-replies.events.ts';
import { remove, type ScheduledReplyRow } from './scheduled-replies.repo.ts';

/**
 * Makes a locked scheduled reply the message it was to become, by the rules of every reply. The message has the reply's
 * id, and the row goes with it: it is sent once, whatever happens.
 */
export async function sendReply(
  uow: Uow,
  project: Project,
  head: ChangeableTicket,
  reply: ScheduledReplyRow,
): Promise<void> {
  await remove(uow.tx, reply);
  const { id, message: content, rich_content: richContent, is_private: isPrivate } = reply;
  const ticket = await setStatus(uow, head, reply.set_status);
  await writeTeamMessage(uow, project, ticket, { id, content, richContent, isPrivate });
  uow.emit(scheduledReplyEvent('scheduled_replies.send', { ...reply, version: reply.version + 1 }));
}

/** As what reaches customers; a note goes to the team. A change of its time looks anew to whom it goes. */
export function asWaiting(reply: ScheduledReplyRow, head: ChangeableTicket): WaitingReply {
  return { ticketId: reply.ticket_id, head, since: reply.hold_from };
}
