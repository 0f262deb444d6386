import Type, { type Static } from 'typebox';
import { Message, RICH_CONTENT_MAX } from './messages.ts';
import { defineRoute } from './route.ts';
import { SCHEDULED_REPLY_STATES, ScheduledReply } from './scheduled-reply.ts';
import { InstantInput, NonBlank, Nullable, Page, PageQuery, StringEnum } from './schemas.ts';
import { TICKET_STATUSES } from './tickets.ts';

const SCHEDULED_REPLIES_PATH = '/api/projects/:project_id/conversations/scheduled_replies/';
const SCHEDULED_REPLY_PATH = `${SCHEDULED_REPLIES_PATH}:scheduled_reply_id/` as const;

const confirm = {
  allow_different_customers: Type.Optional(
    Type.Boolean({
      description: 'Needed where tickets of different customers were merged since: they would get it.',
    }),
  ),
};

export const ScheduledReplyConfirm = Type.Object(confirm, { title: 'ScheduledReplyConfirm' });
export type ScheduledReplyConfirm = Static<typeof ScheduledReplyConfirm>;

export const ScheduledReplyUpdate = Type.Object(
  {
    ...confirm,
    message: Type.Optional(NonBlank(5000)),
    rich_content: Type.Optional(
      Type.Unsafe<unknown>({
        description: `At most ${RICH_CONTENT_MAX} characters serialised. A new message without it clears it.`,
      }),
    ),
    send_at: Type.Optional(InstantInput),
    set_status: Type.Optional(Nullable(StringEnum(TICKET_STATUSES))),
    cancel_if_customer_replies: Type.Optional(Type.Boolean()),
  },
  { title: 'ScheduledReplyUpdate' },
);
export type ScheduledReplyUpdate = Static<typeof ScheduledReplyUpdate>;

const read = { credentials: ['ticket:read'], project: 'viewer' } as const;
const write = { credentials: ['ticket:reply', 'ticket:write'], project: 'editor' } as const;

/** Replies that wait for their time. `tickets.reply` with `send_at` or `undo_seconds` makes them. */
export const scheduledReplies = {
  list: defineRoute({
    id: 'scheduled_replies.list',
    method: 'GET',
    path: SCHEDULED_REPLIES_PATH,
    summary: 'List your scheduled replies, or everybody’s on one ticket; the next one first',
    description: 'On a ticket: also on those merged into it. A manager may list all of the project.',
    ...read,
    query: Type.Object({
      ...PageQuery,
      ticket: Type.Optional(Type.String({ description: 'Uuid or number of a ticket.' })),
      user: Type.Optional(
        Type.String({
          description: 'Id of a user, `@me` or `all`. Others than you: with a ticket, or for managers.',
        }),
      ),
      state: Type.Optional(Type.String({ description: SCHEDULED_REPLY_STATES.join(', ') })),
    }),
    responses: { 200: Page(ScheduledReply) },
  }),
  retrieve: defineRoute({
    id: 'scheduled_replies.retrieve',
    method: 'GET',
    path: SCHEDULED_REPLY_PATH,
    summary: 'Get a scheduled reply',
    ...read,
    responses: { 200: ScheduledReply },
  }),
  update: defineRoute({
    id: 'scheduled_replies.update',
    method: 'PATCH',
    path: SCHEDULED_REPLY_PATH,
    summary: 'Change the words or the time of your scheduled reply',
    description: 'A new `send_at` also schedules one again that is held or failed.',
    ...write,
    body: ScheduledReplyUpdate,
    responses: { 200: ScheduledReply },
  }),
  delete: defineRoute({
    id: 'scheduled_replies.delete',
    method: 'DELETE',
    path: SCHEDULED_REPLY_PATH,
    summary: 'Take a scheduled reply back',
    description:
      'Once it is sent this is 409 `already_sent`. Every editor may take one back; a key needs `ticket:write` for another author’s.',
    ...write,
    responses: { 204: null },
  }),
  sendNow: defineRoute({
    id: 'scheduled_replies.send_now',
    method: 'POST',
    path: `${SCHEDULED_REPLY_PATH}send_now/`,
    summary: 'Send your scheduled reply now, whatever holds it',
    description: 'To another customer than it was written to only when that is confirmed.',
    ...write,
    body: ScheduledReplyConfirm,
    idempotent: true,
    rateLimit: 'reply',
    responses: { 201: Message },
  }),
};
