import { setStatus, writeTeamMessage } from '#features/messages/tickets.reply.service.ts';
import { areOfOneCustomer } from '#features/ticket-merge/same-customer.service.ts';
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

/** Whether it would reach another customer than the one it was written to, whose ticket was merged into theirs. */
export async function isForAnother(
  uow: Uow,
  reply: ScheduledReplyRow,
  ticket: TicketRow,
  head: TicketRow,
): Promise<boolean> {
  return !reply.is_private && head.id !== ticket.id && !(await areOfOneCustomer(uow, ticket, head));
}
