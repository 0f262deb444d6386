import { reportRuleEffects } from '#features/tickets/tickets.report.service.ts';
import type { ChangeableTicket } from '#features/tickets/tickets.service.ts';
import { unreadCountKey } from '#features/tickets/tickets.unread-count.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { messageReceived } from './messages.events.ts';
import { afterCustomerMessage } from './messages.rules.ts';
import { type StoredMessage, storeMessage } from './messages.store.service.ts';

export interface ReceiveOptions {
  /** More about where it came from, kept with the message. */
  details?: Record<string, unknown>;
  /** The message that opens a ticket states it: the status it was given stays. */
  opensTicket?: boolean;
}

/** Takes in what a customer wrote, over any channel. */
export async function receiveMessage(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  content: string,
  { details = {}, opensTicket = false }: ReceiveOptions = {},
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
