import { ticketEvent } from '#features/tickets/tickets.events.ts';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { NewEvent } from '#platform/events/event.ts';
import { formatInstant } from '#platform/instant.ts';
import { firstCharacters } from '#platform/text.ts';

/** Characters of a message that its event carries (tickets-api.md 6.5). */
const EXCERPT = 1000;

interface ReportedMessage {
  id: string;
  content: string;
}

/** The team wrote to the customer. `sla_delta_seconds` is positive when the message came too late. */
export function messageSent(ticket: TicketRow, { id, content }: ReportedMessage, now: Date): NewEvent {
  const { sla_due_at: due } = ticket;
  const late = due === null ? null : Math.round((now.getTime() - due.getTime()) / 1000);
  return ticketEvent('tickets.reply', ticket, {
    message_id: id,
    message_content: firstCharacters(content, EXCERPT),
    author_type: 'team',
    sla_due_at: due && formatInstant(due),
    sla_active: late !== null,
    sla_breached: late !== null && late > 0,
    sla_delta_seconds: late,
  });
}

/** What a workflow had sent to the customer is in the thread now. */
export function messageCaptured(ticket: TicketRow, { id, content }: ReportedMessage): NewEvent {
  return ticketEvent('messages.capture', ticket, {
    message_id: id,
    message_content: firstCharacters(content, EXCERPT),
    author_type: 'workflow',
  });
}

/** A note is gone. */
export function noteDeleted(ticket: TicketRow, { id, version }: { id: string; version: number }): NewEvent {
  const event = ticketEvent('notes.delete', ticket, { message_id: id });
  return { ...event, resourceId: id, resourceVersion: version + 1 };
}

/** The customer wrote to the team. */
export function messageReceived(ticket: TicketRow, { id, content }: ReportedMessage): NewEvent {
  return ticketEvent('messages.receive', ticket, {
    message_id: id,
    message_content: firstCharacters(content, EXCERPT),
    author_type: 'customer',
  });
}
