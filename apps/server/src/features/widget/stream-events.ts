import type { EventName } from '@parley/contract/events';
import type { StreamEvent } from '#platform/realtime/event-reader.ts';

type Kind = 'message' | 'status' | 'read' | 'ticket';

/** What a customer is told of, and as what. Everything else that happens to a ticket is the team's own business. */
const KINDS: Partial<Record<EventName, Kind>> = {
  'tickets.create': 'ticket',
  'tickets.delete': 'ticket',
  'tickets.restore': 'ticket',
  'tickets.merge': 'ticket',
  'tickets.unmerge': 'ticket',
  'widget.restore': 'ticket',
  'tickets.reply': 'message',
  'messages.receive': 'message',
  'messages.update': 'message',
  'messages.delete': 'message',
  'tickets.split': 'message',
  'tickets.change_status': 'status',
  'tickets.read': 'read',
  'tickets.customer_read': 'read',
};

/** After these a ticket may be somebody else's, or somebody's for the first time. */
const NEW_OWNER: readonly string[] = [
  'tickets.create',
  'tickets.restore',
  'widget.restore',
] satisfies EventName[];

/** An event as customers are told of it. */
export interface VisitorEvent {
  seq: number;
  kind: Kind;
  ticketId: string;
  by: 'team' | 'customer' | undefined;
  /** Whose it is has to be looked up before anybody is told. */
  hasNewOwner: boolean;
}

/** Undefined for what no customer is told of. */
export function toVisitorEvent({ seq, name, ticket_id: ticketId }: StreamEvent): VisitorEvent | undefined {
  // Names are stored as text; those of another version are unknown here.
  const kind = KINDS[name as EventName];
  if (kind === undefined || ticketId === null) return undefined;
  const by = kind === 'read' ? (name === 'tickets.read' ? 'team' : 'customer') : undefined;
  return { seq, kind, ticketId, by, hasNewOwner: NEW_OWNER.includes(name) };
}

/** As a line of the stream. Without a place it has no part in resuming. */
export function formatVisitorEvent(event: string, data: object, place?: string): string {
  return `${place === undefined ? '' : `id: ${place}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
