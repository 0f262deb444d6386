import Type, { type Static } from 'typebox';
import { FileIds, upload } from './files.ts';
import { defineRoute } from './route.ts';
import { Instant, IntegerText, JsonObject, NonBlank, Nullable, StringEnum, Uuid } from './schemas.ts';
import { TICKET_STATUSES } from './tickets.ts';

/** Of the routes that a widget in a customer's browser calls (widget.md 5). */
export const WIDGET_PATH = '/api/conversations/v1/widget/';
/** Holds the public token of the project. */
export const WIDGET_TOKEN_HEADER = 'x-conversations-token';
/** Holds the visitor's own fields, written like a query, for those who want them in no address. */
export const VISITOR_HEADER = 'x-conversations-visitor';

export const WIDGET_MESSAGE_MAX = 10_000;
export const WIDGET_PAGE_MAX = 500;
/** Of a distinct id, as the tickets table takes it. */
export const DISTINCT_ID_MAX = 400;

const IDENTITY = 'The id of a person whom the site has signed in.';
const HASH = 'HMAC-SHA256 of it under the identity secret of the project, in lower-case hex.';

const text = (description: string) => Type.Optional(Nullable(Type.String({ description })));

/** Who the visitor is: a browser by its session, a person by a signed id, or both (widget.md 6). */
const visitor = {
  widget_session_id: text('A uuid that the browser made and keeps to itself.'),
  identity_distinct_id: text(IDENTITY),
  identity_hash: text(HASH),
  identity_email: text('An address that the site vouches for.'),
  identity_hash_email: text('Its signature.'),
  identity_exp_email: Type.Optional(
    Type.Unsafe<string | number | null>({
      type: ['string', 'number', 'null'],
      description: 'When that signature ends, in unix seconds: at most a day ahead.',
    }),
  ),
};

const Status = StringEnum(TICKET_STATUSES);

export const WidgetMessageCreate = Type.Object(
  {
    ...visitor,
    message: Type.String({
      maxLength: WIDGET_MESSAGE_MAX,
      description: 'Trimmed. Not blank, unless there are file_ids.',
    }),
    file_ids: FileIds,
    distinct_id: Type.Optional(
      Nullable(NonBlank(DISTINCT_ID_MAX, { description: 'Needed with a session. No proof of anything.' })),
    ),
    ticket_id: Type.Optional(Nullable(Type.String({ description: 'Without one a new ticket is opened.' }))),
    traits: Type.Optional(JsonObject),
    session_id: Type.Optional(Nullable(Type.String({ maxLength: 64 }))),
    session_context: Type.Optional(JsonObject),
  },
  { title: 'WidgetMessageCreate' },
);
export type WidgetMessageCreate = Static<typeof WidgetMessageCreate>;

const VisitorBody = Type.Object(visitor, { title: 'WidgetVisitor' });

export const WidgetMessageSent = Type.Object(
  {
    ticket_id: Uuid,
    message_id: Uuid,
    ticket_status: Status,
    unread_count: Type.Integer({ description: 'Replies of the team that were not marked as read.' }),
    created_at: Instant,
  },
  { title: 'WidgetMessageSent' },
);
export type WidgetMessageSent = Static<typeof WidgetMessageSent>;

export const WidgetRating = Type.Object(
  {
    ...visitor,
    rating: StringEnum(['good', 'bad']),
    comment: Type.Optional(Nullable(Type.String({ maxLength: 2000 }))),
  },
  { title: 'WidgetRating' },
);
export type WidgetRating = Static<typeof WidgetRating>;

export const WidgetTraits = Type.Object({ ...visitor, traits: JsonObject }, { title: 'WidgetTraits' });
export type WidgetTraits = Static<typeof WidgetTraits>;

const WidgetMessage = Type.Object(
  {
    id: Uuid,
    content: Type.String(),
    rich_content: Type.Unsafe<unknown>({ description: 'A TipTap document, or null.' }),
    author_type: Type.String(),
    author_name: Type.String(),
    created_at: Instant,
  },
  { title: 'WidgetMessage' },
);

export const WidgetMessages = Type.Object(
  {
    ticket_id: Uuid,
    ticket_status: Status,
    unread_count: Type.Integer(),
    messages: Type.Array(WidgetMessage),
    has_more: Type.Boolean(),
  },
  { title: 'WidgetMessages' },
);

const WidgetTicket = Type.Object(
  {
    id: Uuid,
    ticket_number: Type.Integer(),
    status: Status,
    unread_count: Type.Integer(),
    last_message: Nullable(Type.String()),
    last_message_at: Nullable(Instant),
    message_count: Type.Integer(),
    created_at: Instant,
  },
  { title: 'WidgetTicket' },
);

export const WidgetTickets = Type.Object(
  { count: Type.Integer(), results: Type.Array(WidgetTicket) },
  { title: 'WidgetTickets' },
);

export const WidgetStreamEvent = Type.Object(
  {
    ticket_id: Uuid,
    by: Type.Optional(StringEnum(['team', 'customer'], { description: 'Of `read`.' })),
    is_typing: Type.Optional(Type.Boolean({ description: 'Of `typing`: whether the team is.' })),
  },
  { title: 'WidgetStreamEvent' },
);

export const WidgetRestoreRequest = Type.Object(
  {
    email: Type.String({ format: 'email', maxLength: 254 }),
    request_url: NonBlank(2048, { description: 'The page to come back to.' }),
  },
  { title: 'WidgetRestoreRequest' },
);
export type WidgetRestoreRequest = Static<typeof WidgetRestoreRequest>;

export const WidgetRestore = Type.Object(
  {
    restore_token: Type.String({ minLength: 40, maxLength: 50 }),
    widget_session_id: Uuid,
  },
  { title: 'WidgetRestore' },
);
export type WidgetRestore = Static<typeof WidgetRestore>;

export const WidgetRestored = Type.Object(
  {
    status: StringEnum(['success', 'invalid', 'used', 'expired']),
    code: Type.Optional(StringEnum(['token_invalid', 'token_already_used', 'token_expired'])),
    widget_session_id: Type.Optional(Uuid),
    migrated_ticket_ids: Type.Optional(Type.Array(Uuid, { description: 'Left out when there are none.' })),
  },
  { title: 'WidgetRestored' },
);
export type WidgetRestored = Static<typeof WidgetRestored>;

const limit = (fallback: number) =>
  Type.Optional(IntegerText({ minimum: 1, maximum: WIDGET_PAGE_MAX, description: `Default ${fallback}.` }));

export const WidgetMessagesQuery = Type.Object({
  ...visitor,
  after: Type.Optional(Type.String({ description: 'Only messages after this instant.' })),
  limit: limit(500),
});
export type WidgetMessagesQuery = Static<typeof WidgetMessagesQuery>;

export const WidgetTicketsQuery = Type.Object({
  ...visitor,
  limit: limit(100),
  offset: Type.Optional(IntegerText({ minimum: 0, description: 'Tickets to skip.' })),
  status: Type.Optional(StringEnum(TICKET_STATUSES, { description: 'Only tickets of this status.' })),
});
export type WidgetTicketsQuery = Static<typeof WidgetTicketsQuery>;

/** What every route of the widget has in common. Bodies are checked by the handler, in the order of widget.md 5. */
const page = {
  credentials: 'public_token',
  project: 'editor',
  errors: 'widget',
  crossOrigin: true,
} as const;

export const widget = {
  sendMessage: defineRoute({
    id: 'widget.send_message',
    method: 'POST',
    path: `${WIDGET_PATH}message`,
    summary: 'Send a message as a customer, to a ticket of theirs or to open one',
    ...page,
    idempotent: true,
    body: WidgetMessageCreate,
    lateBody: true,
    responses: { 200: WidgetMessageSent },
  }),
  uploadFile: defineRoute({
    id: 'widget.upload_file',
    path: `${WIDGET_PATH}files`,
    summary: 'Upload a file for a message of a customer',
    description:
      'Images, PDF, text and zip files of at most 20 MB. Who calls is said by the header X-Conversations-Visitor, ' +
      'written like a query. What no message holds a day later is removed.',
    ...page,
    ...upload,
  }),
  listMessages: defineRoute({
    id: 'widget.list_messages',
    method: 'GET',
    path: `${WIDGET_PATH}messages/:ticket_id`,
    summary: 'Read the messages of a ticket as its customer',
    description: 'Oldest first. Marks nothing as read.',
    ...page,
    query: WidgetMessagesQuery,
    responses: { 200: WidgetMessages },
  }),
  markRead: defineRoute({
    id: 'widget.mark_read',
    method: 'POST',
    path: `${WIDGET_PATH}messages/:ticket_id/read`,
    summary: 'Mark a ticket as read by its customer',
    ...page,
    body: VisitorBody,
    lateBody: true,
    responses: { 200: Type.Object({ success: Type.Literal(true), unread_count: Type.Integer() }) },
  }),
  rate: defineRoute({
    id: 'widget.rate',
    method: 'POST',
    path: `${WIDGET_PATH}messages/:ticket_id/rating`,
    summary: 'Rate a ticket as its customer',
    description: 'Another rating takes the place of the one before.',
    ...page,
    body: WidgetRating,
    lateBody: true,
    responses: { 200: Type.Object({ success: Type.Literal(true) }) },
  }),
  updateTraits: defineRoute({
    id: 'widget.update_traits',
    method: 'POST',
    path: `${WIDGET_PATH}messages/:ticket_id/traits`,
    summary: 'Say more about yourself, as the customer of a ticket',
    description: 'Such as an e-mail address. What is known stays where nothing is said instead.',
    ...page,
    body: WidgetTraits,
    lateBody: true,
    responses: { 200: Type.Object({ success: Type.Literal(true) }) },
  }),
  listTickets: defineRoute({
    id: 'widget.list_tickets',
    method: 'GET',
    path: `${WIDGET_PATH}tickets`,
    summary: 'List the tickets of a customer',
    description: 'Those created last first.',
    ...page,
    query: WidgetTicketsQuery,
    responses: { 200: WidgetTickets },
  }),
  stream: defineRoute({
    id: 'widget.stream',
    method: 'GET',
    path: `${WIDGET_PATH}stream`,
    summary: 'Follow what changes in the tickets of a customer (server-sent events)',
    description:
      'Who calls is said by the header X-Conversations-Visitor alone, written like a query. Starts with `ready`; its id, ' +
      'or that of any later event, sent back as Last-Event-ID goes on from there. `reset` means that the place is too ' +
      'old: fetch afresh. Then `message`, `status`, `read` (by the team or the customer) and `ticket` (one more, or one ' +
      'less) name the ticket to fetch again. `typing` has no id and is never sent again.',
    ...page,
    responses: { 200: WidgetStreamEvent },
    stream: true,
  }),
  requestRestore: defineRoute({
    id: 'widget.request_restore',
    method: 'POST',
    path: `${WIDGET_PATH}restore/request`,
    summary: 'Mail a customer the way back to their tickets',
    description: 'Answers the same whether or not there are any.',
    ...page,
    body: WidgetRestoreRequest,
    lateBody: true,
    responses: { 200: Type.Object({ ok: Type.Literal(true) }) },
  }),
  restore: defineRoute({
    id: 'widget.restore',
    method: 'POST',
    path: `${WIDGET_PATH}restore`,
    summary: 'Give the tickets of a mailed link to this browser',
    description: 'The browser that had them before has them no longer.',
    ...page,
    body: WidgetRestore,
    lateBody: true,
    responses: { 200: WidgetRestored },
  }),
};
