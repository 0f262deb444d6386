import { drafts, type ReplyDraft } from '@parley/contract/drafts';
import { type Message, messages } from '@parley/contract/messages';
import { type QuickAction, quickActions } from '@parley/contract/quick-actions';
import { type SearchResult, search } from '@parley/contract/search';
import { type Tag, tags } from '@parley/contract/tags';
import { ticketBulk } from '@parley/contract/ticket-bulk';
import {
  AI_TRIAGE_RESULTS,
  ORDER_COLUMNS,
  TICKET_PRIORITIES,
  TICKET_STATUSES,
  type Ticket,
  tickets,
} from '@parley/contract/tickets';
import { type View, views } from '@parley/contract/views';
import { shortFound, shortMessage, shortTicket } from './present.ts';
import { runReply } from './reply.ts';
import { commaList, listShape, shapeOf } from './shape.ts';
import type { ToolShape } from './tool.ts';

const DATE = {
  pattern:
    '^(all|-?\\d{0,8}[hdwmqy](Start|End)?|\\d{4}-\\d\\d-\\d\\d([T ]\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+ -]\\d\\d(:?\\d\\d)?)?)?)$',
};
const TAG_LIST = { pattern: '^\\[[^]*\\]$' };
const DRAFT_RULE =
  'To reach the customer the key needs the scope `ticket:reply` by name; without it the reply is kept as a draft that a person sends, and the answer says `draft: true`.';

const list = listShape<Ticket>(tickets.list, 'tickets', {
  limit: { usual: 25, most: 100 },
  isUntrusted: true,
  notes: 'Shows short tickets; conversations-tickets-retrieve has all of one.',
  input: {
    status: commaList(TICKET_STATUSES),
    priority: commaList(TICKET_PRIORITIES, ' Tickets without a priority never match.'),
    ai_triage_result: commaList(AI_TRIAGE_RESULTS),
    order_by: { enum: ORDER_COLUMNS.flatMap((column) => [`-${column}`, column]) },
    assignee: {
      pattern: '^(unassigned|me|(user|role):[0-9a-fA-F-]+)(,(unassigned|me|(user|role):[0-9a-fA-F-]+))*$',
    },
    count: { enum: ['exact'] },
    date_from: DATE,
    date_to: DATE,
    created_from: DATE,
    created_to: DATE,
    tags: TAG_LIST,
    tags_all: TAG_LIST,
    tags_exclude: TAG_LIST,
  },
  show: shortTicket,
});

const reply: ToolShape = { isUntrusted: true, run: runReply };

/** What the tools change about their operations, by the name of the tool (inbox.md 15). */
export const SHAPES: Readonly<Record<string, ToolShape>> = {
  'conversations-tickets-list': list,
  'conversations-tickets-retrieve': shapeOf(tickets.retrieve, {
    // Looking is not handling: the team would no longer see that somebody waits.
    fixed: { mark_read: 'false' },
    isUntrusted: true,
    summary: 'Get a ticket by uuid or number. It stays unread',
    present: (ticket) => ({ text: `Ticket #${ticket.ticket_number} is ${ticket.status}.`, data: ticket }),
  }),
  'conversations-tickets-messages-retrieve': listShape<Message>(messages.list, 'messages', {
    limit: { usual: 50, most: 200 },
    isUntrusted: true,
    show: shortMessage,
  }),
  'conversations-tickets-reply-create': {
    ...reply,
    isOpenWorld: true,
    // That of the person whose key it is.
    withheld: ['discard_draft'],
    summary: 'Reply to the customer; with `is_private: true` a note that only the team sees',
    notes: `By default it is public and really delivered. ${DRAFT_RULE} The same words within 120 seconds are stored once.`,
  },
  'conversations-tickets-notes-create': {
    ...reply,
    fixed: { is_private: true },
    withheld: ['set_status', 'send_at', 'undo_seconds', 'cancel_if_customer_replies', 'discard_draft'],
    summary: 'Add a private note to a ticket. The customer never sees it',
  },
  'conversations-tickets-notes-partial-update': shapeOf(messages.updateNote, {
    present: (note) => ({ text: 'The note is changed.', data: shortMessage(note) }),
  }),
  'conversations-tickets-update': shapeOf(tickets.update, {
    withheld: ['anonymous_traits', 'ai_resolved', 'escalation_reason'],
    isUntrusted: true,
    present: (ticket) => ({
      text: `Ticket #${ticket.ticket_number} is changed.`,
      data: shortTicket(ticket),
    }),
  }),
  'conversations-tickets-bulk-update': shapeOf(ticketBulk.update, {
    // What takes tickets away from others is for people.
    withheld: ['delete', 'merge_into', 'allow_different_customers'],
    isIdempotent: true,
    summary: 'Assign, snooze, set or tag up to 500 tickets',
    notes: 'Those that cannot be changed are skipped with the reason. `undo` takes it back within 24 hours.',
    present: (done) => ({
      text: `${done.updated} changed, ${done.skipped.length} skipped.`,
      data: done,
    }),
  }),
  'conversations-tickets-bulk-update-undo': shapeOf(ticketBulk.undo, {
    present: (done) => ({ text: `${done.updated} taken back, ${done.skipped.length} not.`, data: done }),
  }),
  'conversations-tickets-search': listShape<SearchResult>(search.tickets, 'tickets', {
    limit: { usual: 25, most: 100 },
    isUntrusted: true,
    show: shortFound,
  }),
  'conversations-tickets-reply-drafts-list': listShape<ReplyDraft>(drafts.listShared, 'drafts', {
    limit: { usual: 25, most: 100 },
    isUntrusted: true,
    show: ({ id, message, origin, created_by, created_at }) => ({
      id,
      message,
      origin,
      created_by: created_by?.email,
      created_at,
    }),
  }),
  'conversations-tickets-reply-drafts-create': shapeOf(drafts.createShared, {
    fixed: { origin: 'mcp' },
    notes: 'Nothing is sent.',
    present: ({ id, ticket_id }) => ({
      text: `The reply is kept as draft ${id} for a person to send.`,
      data: { draft: true, reply_draft_id: id, ticket_id },
    }),
  }),
  'conversations-views-list': listShape<View>(views.list, 'views', {
    limit: { usual: 100, most: 200 },
    notes: 'Shows names and short ids; conversations-views-retrieve has the filters.',
    show: ({ short_id, name, is_favorited, visibility }) => ({ short_id, name, is_favorited, visibility }),
  }),
  'conversations-tags-list': listShape<Tag>(tags.list, 'tags', {
    limit: { usual: 100, most: 200 },
    show: ({ name }) => name,
  }),
  'conversations-quick-actions-retrieve': shapeOf(quickActions.retrieve, {
    input: { short_id: { description: 'The short id of the quick action.' } },
    notes: 'Nothing is done: insert its text and make its changes with the other tools.',
  }),
  'conversations-quick-actions-list': listShape<QuickAction>(quickActions.list, 'quick actions', {
    limit: { usual: 25, most: 100 },
    notes: 'Shows no texts; conversations-quick-actions-retrieve has them.',
    show: ({ short_id, name, description, folder }) => ({ short_id, name, description, folder }),
  }),
};
