import Type, { type Static } from 'typebox';
import { FileIds } from './files.ts';
import { defineRoute } from './route.ts';
import { ScheduledReply } from './scheduled-reply.ts';
import {
  AnyJson,
  Instant,
  InstantInput,
  NonBlank,
  Nullable,
  Page,
  PageQuery,
  StringEnum,
  Uuid,
} from './schemas.ts';
import { TICKET_PATH, TICKET_STATUSES, TICKETS_PATH } from './tickets.ts';
import { UNDO_SECONDS_MAX } from './undo.ts';

/** tickets-api.md 2.7. */
export const Message = Type.Object(
  {
    id: Uuid,
    content: Type.String(),
    rich_content: AnyJson,
    author_type: Type.String(),
    author_name: Type.String(),
    author_email: Nullable(Type.String()),
    is_private: Type.Boolean(),
    has_full_email_content: Type.Boolean(),
    version: Type.Integer(),
    created_at: Instant,
    ticket_id: Type.String({
      format: 'uuid',
      description: 'The ticket it was written to: another one where that was merged into this one.',
    }),
    ticket_number: Type.Integer(),
    mentions: Type.Array(Type.Integer(), { description: 'User ids; private notes only.' }),
  },
  { title: 'Message' },
);
export type Message = Static<typeof Message>;

/** Longest serialised rich_content, in characters (tickets-api.md 2.9). */
export const RICH_CONTENT_MAX = 100_000;

const message = NonBlank(5000);
const richContent = Type.Optional(
  Type.Unsafe<unknown>({ description: 'TipTap document or null; at most 100,000 characters serialised.' }),
);

export const ReplyBody = Type.Object(
  {
    message: Type.String({ maxLength: 5000, description: 'Not blank, unless there are file_ids.' }),
    is_private: Type.Optional(Type.Boolean()),
    rich_content: richContent,
    set_status: Type.Optional(StringEnum(TICKET_STATUSES, { description: 'Send, and set the status.' })),
    discard_draft: Type.Optional(
      Type.Boolean({ description: 'Your draft on the ticket goes with it, or stays when it fails.' }),
    ),
    send_at: Type.Optional(
      Type.String({
        ...InstantInput,
        description: 'Sent then instead of now: in the future, within a year.',
      }),
    ),
    undo_seconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: UNDO_SECONDS_MAX,
        description: 'Sent this much later, by the clock of the server. Not together with `send_at`.',
      }),
    ),
    cancel_if_customer_replies: Type.Optional(
      Type.Boolean({ description: 'With `send_at`: held when the customer writes before.' }),
    ),
    file_ids: FileIds,
  },
  { title: 'Reply' },
);
export type ReplyBody = Static<typeof ReplyBody>;

export const NoteBody = Type.Object({ message, rich_content: richContent }, { title: 'Note' });

export const ComposeBody = Type.Object(
  {
    recipient_email: Type.String({ format: 'email', maxLength: 254 }),
    recipient_distinct_id: Type.Optional(Type.String({ maxLength: 400 })),
    email_subject: Type.Optional(Type.String({ maxLength: 500 })),
    email_config_id: Uuid,
    message,
    rich_content: richContent,
    tags: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 100 })),
  },
  { title: 'Compose' },
);
export type ComposeBody = Static<typeof ComposeBody>;

const write = { credentials: ['ticket:write'], project: 'editor' } as const;

export const messages = {
  list: defineRoute({
    id: 'messages.list',
    method: 'GET',
    path: `${TICKET_PATH}messages/`,
    summary: 'List the messages of a ticket, oldest first, private notes included',
    description: 'Marks nothing as read. Messages of tickets that were merged into it are among them.',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object({
      ...PageQuery,
      cursor: Type.Optional(
        Type.String({ description: 'Opaque position; `cursor=` (empty) starts keyset paging.' }),
      ),
    }),
    responses: { 200: Page(Message) },
    mcpTool: 'conversations-tickets-messages-retrieve',
  }),
  reply: defineRoute({
    id: 'tickets.reply',
    method: 'POST',
    path: `${TICKET_PATH}reply/`,
    summary: 'Reply to the customer, or add a private note',
    description:
      'The same message from the same author within 120 seconds answers 200 with the first one. With `send_at` or `undo_seconds` the answer is 202: nothing is sent until then, and `scheduled_replies.delete` takes it back. A key needs `ticket:write` for `is_private` and `set_status`.',
    credentials: ['ticket:reply', 'ticket:write'],
    project: 'editor',
    body: ReplyBody,
    lateBody: true,
    form: true,
    idempotent: true,
    rateLimit: 'reply',
    responses: { 200: Message, 201: Message, 202: ScheduledReply },
    mcpTool: 'conversations-tickets-reply-create',
  }),
  updateNote: defineRoute({
    id: 'notes.update',
    method: 'PATCH',
    path: `${TICKET_PATH}notes/:message_id/`,
    summary: 'Change your own private note',
    description: 'Leaving rich_content out clears the stored one.',
    ...write,
    body: NoteBody,
    lateBody: true,
    form: true,
    responses: { 200: Message },
    mcpTool: 'conversations-tickets-notes-partial-update',
  }),
  deleteNote: defineRoute({
    id: 'notes.delete',
    method: 'DELETE',
    path: `${TICKET_PATH}notes/:message_id/`,
    summary: 'Delete your own private note',
    ...write,
    responses: { 204: null },
    mcpTool: 'conversations-tickets-notes-destroy',
  }),
  compose: defineRoute({
    id: 'tickets.compose',
    method: 'POST',
    path: `${TICKETS_PATH}compose/`,
    summary: 'Start a ticket by e-mail to a customer',
    ...write,
    body: ComposeBody,
    form: true,
    idempotent: true,
    rateLimit: 'reply',
    responses: {
      200: Type.Object({ id: Uuid, ticket_number: Type.Integer() }),
      201: Type.Object({ id: Uuid, ticket_number: Type.Integer() }),
    },
  }),
  suggestReply: defineRoute({
    id: 'tickets.suggest_reply',
    method: 'POST',
    path: `${TICKET_PATH}suggest_reply/`,
    summary: 'Have a reply drafted from the conversation; it is also kept as a private note',
    ...write,
    idempotent: true,
    rateLimit: 'suggest',
    responses: { 200: Type.Object({ suggestion: Type.String() }) },
  }),
};
