import { countMovedUnread } from '#features/ticket-merge/moved-unread.service.ts';
import { followMerges } from '#features/ticket-merge/thread-head.service.ts';
import { unmergeTicket } from '#features/ticket-merge/tickets.unmerge.service.ts';
import { reportRuleEffects } from '#features/tickets/tickets.report.service.ts';
import type { ChangeableTicket } from '#features/tickets/tickets.service.ts';
import { unreadCountKey } from '#features/tickets/tickets.unread-count.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { followUp } from './follow-up.ts';
import { messageReceived } from './messages.events.ts';
import { markVia } from './messages.move.service.ts';
import { afterCustomerMessage } from './messages.rules.ts';
import { type StoredMessage, storeMessage } from './messages.store.service.ts';

export interface ReceiveOptions {
  /** More about where it came from, kept with the message. */
  details?: Record<string, unknown>;
  /** The message that opens a ticket states it: the status it was given stays. */
  opensTicket?: boolean;
}

/**
 * Takes in what a customer wrote, over any channel. The answer's `ticket` is where it went: a merged ticket's messages
 * go to the head of its thread, and one that was resolved long ago may be followed up by a new one (decisions.md 20).
 */
export async function receiveMessage(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  content: string,
  options: ReceiveOptions = {},
): Promise<StoredMessage> {
  if (options.opensTicket) return store(uow, project, ticket, content, options);
  if (ticket.merged_into_id !== null) return receiveMerged(uow, project, ticket, content, options);
  const next = await followUp(uow, project, ticket);
  if (!next) return store(uow, project, ticket, content, options);
  return receiveMessage(uow, project, next.ticket, content, { ...options, opensTicket: next.isNew });
}

async function receiveMerged(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  content: string,
  options: ReceiveOptions,
): Promise<StoredMessage> {
  const head = await followMerges(uow, project, ticket);
  if (!head || head.deleted_at !== null) {
    // Nobody would see it there. The ticket stands for itself again, and takes it.
    const alone = await unmergeTicket(uow, project, ticket.id);
    return receiveMessage(uow, project, alone, content, options);
  }
  const next = await followUp(uow, project, head, ticket);
  if (next)
    return receiveMessage(uow, project, next.ticket, content, { ...options, opensTicket: next.isNew });
  const message = await store(uow, project, head, content, options);
  await markVia(uow, message.id, ticket);
  await countMovedUnread(uow, ticket, head);
  return message;
}

async function store(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  content: string,
  { details = {}, opensTicket = false }: ReceiveOptions,
): Promise<StoredMessage> {
  const message = await storeMessage(
    uow,
    ticket,
    { content, itemContext: { ...details, author_type: 'customer', is_private: false }, authorUserId: null },
    opensTicket ? undefined : afterCustomerMessage(project, ticket),
  );
  await reportRuleEffects(uow, ticket, message.ticket);
  uow.emit(messageReceived(message.ticket, { id: message.id, content }));
  uow.invalidate(unreadCountKey(project.id));
  return message;
}
