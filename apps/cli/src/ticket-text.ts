import type { Ticket } from '@parley/contract/tickets';
import { formatInstant, formatTable, plain, short } from './output.ts';

const HEADER = ['#', 'STATUS', 'PRIORITY', 'ASSIGNEE', 'UNREAD', 'UPDATED', 'CUSTOMER', 'SUBJECT'];

/** One line per ticket. */
export function formatTickets(tickets: readonly Ticket[], withHeader = true): string {
  return formatTable([...(withHeader ? [HEADER] : []), ...tickets.map(toRow)]);
}

function toRow(ticket: Ticket): string[] {
  return [
    String(ticket.ticket_number),
    ticket.status,
    ticket.priority ?? '-',
    short(assigneeOf(ticket), 24),
    String(ticket.unread_team_count),
    formatInstant(ticket.updated_at),
    short(customerOf(ticket), 28),
    short(ticket.email_subject || ticket.last_message_text, 60),
  ];
}

/** Everything a person wants to know of one ticket. */
export function formatTicket(ticket: Ticket): string {
  const lines: [string, string][] = [
    ['ticket', `#${ticket.ticket_number}  ${ticket.id}`],
    ['subject', short(ticket.email_subject, 200)],
    ['customer', short(customerOf(ticket), 200)],
    ['channel', ticket.channel_source],
    ['status', ticket.status],
    ['priority', ticket.priority ?? ''],
    ['assignee', short(assigneeOf(ticket), 200)],
    ['tags', plain(ticket.tags.join(', '))],
    ['snoozed until', formatInstant(ticket.snoozed_until)],
    ['SLA due at', formatInstant(ticket.sla_due_at)],
    ['created', formatInstant(ticket.created_at)],
    ['updated', formatInstant(ticket.updated_at)],
    ['messages', `${ticket.message_count} (${ticket.unread_team_count} unread)`],
    ['last message', short(ticket.last_message_text, 200)],
  ];
  return formatTable(lines.filter(([, value]) => value !== '' && value !== '-'));
}

function assigneeOf({ assignee }: Ticket): string {
  if (!assignee) return '-';
  return assignee.user?.email ?? assignee.role?.name ?? `${assignee.type}:${assignee.id}`;
}

function customerOf({ person, email_from, anonymous_traits }: Ticket): string {
  if (person) return person.name;
  if (email_from) return email_from;
  const traits = typeof anonymous_traits === 'object' && anonymous_traits !== null ? anonymous_traits : {};
  for (const name of ['name', 'email']) {
    const value: unknown = Reflect.get(traits, name);
    if (typeof value === 'string' && value !== '') return value;
  }
  return '-';
}
