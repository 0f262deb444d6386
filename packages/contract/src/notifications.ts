import Type, { type Static } from 'typebox';
import { BasicUser } from './people.ts';
import { defineRoute } from './route.ts';
import { Instant, InstantInput, IntegerText, Nullable, StringEnum, Uuid } from './schemas.ts';
import { TICKET_STATUSES } from './tickets.ts';

/** What a user can be told of. */
export const FEED_KINDS = [
  'assigned',
  'mentioned',
  'customer_replied',
  'note_added',
  'sla_at_risk',
  'sla_breached',
  'new_ticket',
] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

/** Notifications that one request may name. */
export const NOTIFICATION_IDS_MAX = 500;

export const Notification = Type.Object(
  {
    id: Uuid,
    kind: StringEnum(FEED_KINDS),
    count: Type.Integer({
      description: 'How often it happened on this ticket since you last read it. A mention is always one.',
    }),
    ticket: Type.Object({
      id: Uuid,
      ticket_number: Type.Integer(),
      status: StringEnum(TICKET_STATUSES),
      email_subject: Nullable(Type.String()),
      customer_name: Nullable(Type.String()),
    }),
    message_id: Nullable(Type.String({ format: 'uuid', description: 'Of the newest one.' })),
    excerpt: Nullable(Type.String({ description: 'How that message begins; null once it is deleted.' })),
    actor: Type.Object({
      type: StringEnum(['user', 'system', 'external', 'customer']),
      user: Nullable(BasicUser),
    }),
    created_at: Instant,
    updated_at: Type.String({ format: 'date-time', description: 'When it last happened.' }),
    read_at: Nullable(Instant),
  },
  { title: 'Notification' },
);
export type Notification = Static<typeof Notification>;

const Ids = Type.Array(Uuid, { minItems: 1, maxItems: NOTIFICATION_IDS_MAX });

export const NotificationsMarkRead = Type.Object(
  {
    ids: Type.Optional(Ids),
    until: Type.Optional(
      Type.String({
        ...InstantInput,
        description: 'All that last happened at or before this instant, such as when the list was shown.',
      }),
    ),
  },
  { title: 'NotificationsMarkRead', description: 'Either ids or until.' },
);
export const NotificationsMarkUnread = Type.Object({ ids: Ids }, { title: 'NotificationsMarkUnread' });

const PATH = '/api/projects/:project_id/conversations/notifications/';
const Marked = Type.Object(
  { changed: Type.Integer({ description: 'Of yours; what was so already is not counted.' }) },
  { title: 'MarkedNotifications' },
);
const write = { method: 'POST', credentials: ['ticket:write'], project: 'viewer' } as const;

export const notifications = {
  list: defineRoute({
    id: 'notifications.list',
    method: 'GET',
    path: PATH,
    summary: 'List what you were told of, newest first',
    description:
      'Kept for 90 days. It is paged along its order and never counted: `next` leads to what is older.',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object({
      unread: Type.Optional(
        Type.String({ description: '`true`: only unread ones. `false`: only read ones.' }),
      ),
      kind: Type.Optional(Type.String({ description: `One or more, by comma: ${FEED_KINDS.join(', ')}.` })),
      cursor: Type.Optional(Type.String({ description: 'Position from a `next` link.' })),
      limit: Type.Optional(IntegerText({ description: 'Page size, default 50, at most 200.' })),
    }),
    responses: { 200: Type.Object({ next: Nullable(Type.String()), results: Type.Array(Notification) }) },
  }),
  unreadCount: defineRoute({
    id: 'notifications.unread_count',
    method: 'GET',
    path: `${PATH}unread_count/`,
    summary: 'Count your unread notifications',
    description: 'Beyond 1000 it says 1000 and `count_capped: true`.',
    credentials: ['ticket:read'],
    project: 'viewer',
    responses: {
      200: Type.Object({ count: Type.Integer(), count_capped: Type.Optional(Type.Literal(true)) }),
    },
  }),
  markRead: defineRoute({
    id: 'notifications.mark_read',
    path: `${PATH}mark_read/`,
    summary: 'Mark notifications of yours as read',
    description: 'Reading a ticket does it for all of that ticket.',
    ...write,
    body: NotificationsMarkRead,
    responses: { 200: Marked },
  }),
  markUnread: defineRoute({
    id: 'notifications.mark_unread',
    path: `${PATH}mark_unread/`,
    summary: 'Mark notifications of yours as unread',
    ...write,
    body: NotificationsMarkUnread,
    responses: { 200: Marked },
  }),
};
