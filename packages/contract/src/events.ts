/**
 * Every event that is reported, with the name the published product gives it (decisions.md 19a). An event that belongs
 * to an operation has its id; the others say what changed.
 */
export const EVENTS = {
  'tickets.create': { workflowEvent: '$conversation_ticket_created' },
  /** Any change of a ticket's own fields; the more telling events below come besides it. */
  'tickets.update': {},
  'tickets.change_status': { workflowEvent: '$conversation_ticket_status_changed' },
  'tickets.change_priority': { workflowEvent: '$conversation_ticket_priority_changed' },
  'tickets.assign': { workflowEvent: '$conversation_ticket_assigned' },
  'tickets.read': {},
  'tickets.delete': {},
  'tickets.restore': {},
  'tickets.reply': { workflowEvent: '$conversation_message_sent' },
  'messages.receive': { workflowEvent: '$conversation_message_received' },
  'notes.create': { workflowEvent: '$conversation_private_message_sent' },
  'notes.update': {},
  'notes.delete': {},
  'messages.delete': {},
  'views.create': {},
  'views.update': {},
  'views.delete': {},
  'persons.upsert': {},
} as const satisfies Record<string, { workflowEvent?: string }>;

export type EventName = keyof typeof EVENTS;
