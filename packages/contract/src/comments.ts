import Type, { type Static } from 'typebox';
import { BasicUser } from './people.ts';
import { defineRoute } from './route.ts';
import { AnyJson, Instant, JsonObject, Nullable, StringEnum, Uuid } from './schemas.ts';

const COMMENTS_PATH = '/api/projects/:project_id/comments/';
const COMMENT_PATH = `${COMMENTS_PATH}:comment_id/` as const;

const COMMENT_SCOPES = ['conversations_ticket'] as const;

/** A message of a ticket in the form of the generic comments route (tickets-api.md 4.9). */
export const Comment = Type.Object(
  {
    id: Uuid,
    created_by: Nullable(BasicUser),
    created_at: Instant,
    content: Type.String(),
    rich_content: AnyJson,
    version: Type.Integer(),
    deleted: Type.Boolean(),
    scope: StringEnum(COMMENT_SCOPES),
    item_id: Uuid,
    item_context: JsonObject,
    source_comment: Type.Null(),
  },
  { title: 'Comment' },
);
export type Comment = Static<typeof Comment>;

const content = Type.Optional(Nullable(Type.String({ maxLength: 5000 })));
const richContent = Type.Optional(
  Type.Unsafe<unknown>({ description: 'TipTap document or null; at most 100,000 characters serialised.' }),
);

export const CommentCreate = Type.Object(
  {
    scope: StringEnum(COMMENT_SCOPES),
    item_id: Uuid,
    content,
    rich_content: richContent,
    item_context: Type.Optional(
      Nullable(
        Type.Unsafe<Record<string, unknown>>({
          type: 'object',
          additionalProperties: true,
          description: '`is_private: true` makes it a private note. Everything else is set by the server.',
        }),
      ),
    ),
  },
  { title: 'CommentCreate' },
);
export type CommentCreate = Static<typeof CommentCreate>;

export const CommentUpdate = Type.Object(
  { content, rich_content: richContent, deleted: Type.Optional(Type.Boolean()) },
  { title: 'CommentUpdate' },
);
export type CommentUpdate = Static<typeof CommentUpdate>;

const text = (description: string) => Type.Optional(Type.String({ description }));

export const comments = {
  list: defineRoute({
    id: 'comments.list',
    method: 'GET',
    path: COMMENTS_PATH,
    summary: 'List the messages of a ticket, newest first',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object({
      scope: text('`conversations_ticket`, the only one there is.'),
      item_id: text('The uuid of the ticket; required.'),
      limit: text('Page size; default 100, at most 200.'),
      cursor: text('Opaque position from a `next` or `previous` link.'),
    }),
    responses: {
      200: Type.Object({
        next: Nullable(Type.String()),
        previous: Nullable(Type.String()),
        results: Type.Array(Comment),
      }),
    },
  }),
  create: defineRoute({
    id: 'comments.create',
    method: 'POST',
    path: COMMENTS_PATH,
    summary: 'Reply to the customer of a ticket, or add a private note',
    description:
      'Does what tickets.reply does; an identical message within 120 seconds is the first one. A key needs `ticket:write` for a private note.',
    credentials: ['ticket:reply', 'ticket:write'],
    project: 'editor',
    body: CommentCreate,
    idempotent: true,
    rateLimit: 'reply',
    responses: { 200: Comment, 201: Comment },
  }),
  retrieve: defineRoute({
    id: 'comments.retrieve',
    method: 'GET',
    path: COMMENT_PATH,
    summary: 'Get a message of a ticket',
    credentials: ['ticket:read'],
    project: 'viewer',
    responses: { 200: Comment },
  }),
  update: defineRoute({
    id: 'comments.update',
    method: 'PATCH',
    path: COMMENT_PATH,
    summary: 'Change your own message, or delete it with `deleted: true`',
    credentials: ['ticket:write'],
    project: 'editor',
    body: CommentUpdate,
    responses: { 200: Comment },
  }),
};
