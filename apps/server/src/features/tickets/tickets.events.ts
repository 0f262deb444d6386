import type { EventName } from '@parley/contract/events';
import type { NewEvent } from '#platform/events/event.ts';
import { firstCharacters } from '#platform/text.ts';
import type { TicketRow } from './tickets.repo.ts';

/** Of a name or an address in an event: it is copied into every one of them, and handed to what reacts. */
const CUSTOMER_MAX = 400;

/** What every event of a ticket carries (tickets-api.md 6.5). */
function baseProperties(ticket: TicketRow): object {
  const { id, ticket_number, channel_source, channel_detail, status, priority } = ticket;
  return { ticket_id: id, ticket_number, channel_source, channel_detail, status, priority };
}

/** The customer as the ticket knows them. */
function customerProperties(ticket: TicketRow): object {
  const traits = ticket.anonymous_traits;
  const { name, email } =
    typeof traits === 'object' && traits !== null ? (traits as { name?: unknown; email?: unknown }) : {};
  const address = typeof email === 'string' ? email : ticket.email_from;
  return {
    customer_name: typeof name === 'string' ? firstCharacters(name, CUSTOMER_MAX) : null,
    customer_email: address === null ? null : firstCharacters(address, CUSTOMER_MAX),
    customer_distinct_id: ticket.distinct_id,
  };
}

/** An event about a ticket as it is after the change. */
export function ticketEvent(name: EventName, ticket: TicketRow, payload: object = {}): NewEvent {
  return {
    name,
    projectId: ticket.project_id,
    resourceId: ticket.id,
    resourceVersion: ticket.version,
    ticketId: ticket.id,
    payload: { ...baseProperties(ticket), ...customerProperties(ticket), ...payload },
  };
}
