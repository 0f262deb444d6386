import { setStatus, writeTeamMessage } from '#features/messages/tickets.reply.service.ts';
import type { ChangeableTicket, TicketRow } from '#features/tickets/tickets.service.ts';
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

/** Whether the customer wrote since the reply was scheduled; `head` is where its ticket's thread goes on. */
export function customerWrote(reply: ScheduledReplyRow, head: TicketRow): boolean {
  const last = head.last_customer_message_at?.getTime();
  if (head.id === reply.ticket_id) return last !== reply.answers_message_at?.getTime();
  return last !== undefined && last > reply.scheduled_at.getTime();
}
