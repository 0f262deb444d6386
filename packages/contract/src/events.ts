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
  /** The customer has read what the team wrote. */
  'tickets.customer_read': {},
  /** For the whole team; an agent's own mark is no event. */
  'tickets.mark_unread': {},
  'tickets.delete': {},
  'tickets.restore': {},
  /** An hour or less is left until the deadline. Once per deadline, and so is the next. */
  'tickets.sla_at_risk': {},
  'tickets.sla_breached': {},
  /** What a reviewer wrote about the AI, and how they rated it: of these, one per review (tickets-api.md 2.15). */
  'tickets.ai_feedback': { workflowEvent: '$ai_feedback' },
  'tickets.ai_metric': { workflowEvent: '$ai_metric' },
  /** The customer said how satisfied they are. */
  'tickets.rate': {},
  /** A ticket's thread goes on in another one; `tickets.unmerge` takes that back. */
  'tickets.merge': {},
  'tickets.unmerge': {},
  'tickets.split': {},
  /** A batch of an import: its tickets have no events of their own. */
  'tickets.import': {},
  'ticket_links.create': {},
  'ticket_links.delete': {},
  'followers.add': {},
  'followers.remove': {},
  'tickets.reply': { workflowEvent: '$conversation_message_sent' },
  'messages.receive': { workflowEvent: '$conversation_message_received' },
  /** An e-mail that a workflow had sent by itself was put into the thread. */
  'messages.capture': {},
  /** The ticket belongs to another browser of its customer now. */
  'widget.restore': {},
  'notes.create': { workflowEvent: '$conversation_private_message_sent' },
  'notes.update': {},
  'notes.delete': {},
  'messages.update': {},
  'messages.delete': {},
  /** The tag is gone from the list; `tags.finish` comes when it is gone from all tickets. */
  'tags.rename': {},
  'tags.merge': {},
  'tags.delete': {},
  'tags.finish': {},
  'views.create': {},
  'views.update': {},
  'views.delete': {},
  'persons.upsert': {},
  'reply_drafts.create': {},
  'reply_drafts.send': {},
  'reply_drafts.discard': {},
  'scheduled_replies.create': {},
  'scheduled_replies.update': {},
  'scheduled_replies.delete': {},
  'scheduled_replies.send': {},
  /** The customer wrote meanwhile: it waits until its author decides. */
  'scheduled_replies.hold': {},
  'scheduled_replies.fail': {},
  'quick_actions.create': {},
  'quick_actions.update': {},
  'quick_actions.delete': {},
  /** In every project of the organization. */
  'availability.update': {},
  'content_articles.create': {},
  'content_articles.update': {},
  'content_articles.delete': {},
  'guidance_rules.create': {},
  'guidance_rules.update': {},
  'guidance_rules.delete': {},
  'working_hours.update': {},
  'webhooks.create': {},
  'webhooks.update': {},
  'webhooks.delete': {},
  'webhooks.enable': {},
  /** By itself, after a week of failures or an answer of 410. */
  'webhooks.disable': {},
  'webhooks.rotate_secret': {},
} as const satisfies Record<string, { workflowEvent?: string }>;

export type EventName = keyof typeof EVENTS;
