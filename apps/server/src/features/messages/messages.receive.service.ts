import { type CustomerDetails, noteCustomer } from '#features/tickets/tickets.customer.service.ts';
import { reportRuleEffects } from '#features/tickets/tickets.report.service.ts';
import type { ChangeableTicket, TicketRow } from '#features/tickets/tickets.service.ts';
import { unreadCountKey } from '#features/tickets/tickets.unread-count.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { lockPlace } from './follow-up.ts';
import { messageReceived } from './messages.events.ts';
import { afterCustomerMessage } from './messages.rules.ts';
import { type StoredMessage, storeMessage } from './messages.store.service.ts';

export interface ReceiveOptions {
  /** A document that shows more than its text. */
  richContent?: unknown;
  /** More about where it came from, kept with the message. */
  details?: Record<string, unknown>;
  /** What their browser said besides. It is kept where the message goes, unless that is another customer's ticket. */
  customer?: CustomerDetails;
}

/**
 * Takes in what a customer wrote, over any channel. The answer's `ticket` is where it went: a merged ticket's messages
 * go to the head of its thread, and one that was resolved long ago may be followed up by a new one (decisions.md 20).
 * `ticket` need not be locked: one that is merged had better not be, for only the head is.
 */
export async function receiveMessage(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
  content: string,
  options: ReceiveOptions = {},
): Promise<StoredMessage> {
  const { ticket: place, isNew } = await lockPlace(uow, project, ticket);
  const isTheirs = place.via === undefined;
  const noted = options.customer && isTheirs ? await noteCustomer(uow, place, options.customer) : place;
  return store(uow, project, noted, content, { ...options, isFirst: isNew });
}

/** The message that opens a ticket, which was inserted in this transaction. */
export function receiveFirstMessage(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  content: string,
  options: Pick<ReceiveOptions, 'richContent'> = {},
): Promise<StoredMessage> {
  return store(uow, project, ticket, content, { ...options, isFirst: true });
}

async function store(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  content: string,
  { details = {}, richContent = null, isFirst }: ReceiveOptions & { isFirst: boolean },
): Promise<StoredMessage> {
  const message = await storeMessage(
    uow,
    ticket,
    {
      content,
      richContent,
      itemContext: { ...details, author_type: 'customer', is_private: false },
      authorUserId: null,
    },
    // The message that opens a ticket states it: the status it was given stays.
    isFirst ? undefined : afterCustomerMessage(project, ticket),
  );
  await reportRuleEffects(uow, ticket, message.ticket);
  uow.emit(messageReceived(message.ticket, { id: message.id, content }));
  uow.invalidate(unreadCountKey(project.id));
  return message;
}
