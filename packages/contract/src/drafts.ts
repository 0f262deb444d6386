import Type, { type Static } from 'typebox';
import { Message, RICH_CONTENT_MAX } from './messages.ts';
import { BasicUser } from './people.ts';
import { defineRoute } from './route.ts';
import { AnyJson, Instant, NonBlank, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';
import { TICKET_PATH, TICKET_STATUSES, TICKET_TAGS_MAX } from './tickets.ts';

const DRAFTS_PATH = '/api/projects/:project_id/conversations/drafts/';
const COMPOSE_PATH = `${DRAFTS_PATH}compose/` as const;
const DRAFT_PATH = `${TICKET_PATH}draft/` as const;
const REPLY_DRAFTS_PATH = `${TICKET_PATH}reply_drafts/` as const;
const REPLY_DRAFT_PATH = `${REPLY_DRAFTS_PATH}:reply_draft_id/` as const;

/** Longest text of a draft, in characters: more than may be sent, so that nothing is lost while it is shortened. */
export const DRAFT_MAX = 50_000;

const shown = {
  message: Type.String(),
  rich_content: AnyJson,
  is_private: Type.Boolean(),
  set_status: Nullable(
    StringEnum(TICKET_STATUSES, { description: 'What sending it is to make of the ticket.' }),
  ),
  cc: Type.Array(Type.String()),
  bcc: Type.Array(Type.String()),
  email_subject: Nullable(Type.String()),
  recipient_email: Nullable(Type.String()),
  recipient_distinct_id: Nullable(Type.String()),
  email_config_id: Nullable(Uuid),
  tags: Type.Array(Type.String()),
};

export const Draft = Type.Object(
  {
    id: Uuid,
    ticket_id: Nullable(
      Type.String({ format: 'uuid', description: 'Null for a ticket that is still composed.' }),
    ),
    ticket_number: Nullable(Type.Integer()),
    ...shown,
    version: Type.Integer({ description: '+1 each time it is saved.' }),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Draft' },
);
export type Draft = Static<typeof Draft>;

const richContent = Type.Optional(
  Type.Unsafe<unknown>({
    description: `TipTap document or null; at most ${RICH_CONTENT_MAX} characters serialised.`,
  }),
);
const addresses = Type.Optional(Type.Array(Type.String({ maxLength: 320 }), { maxItems: 50 }));
const text = (maxLength: number) => Type.Optional(Nullable(Type.String({ maxLength })));

const common = {
  message: Type.Optional(Type.String({ maxLength: DRAFT_MAX })),
  rich_content: richContent,
  cc: addresses,
  bcc: addresses,
  if_version: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 2_147_483_647,
      description: 'Saves only over this version; 0: only when there is no draft. Else 409 with `current`.',
    }),
  ),
};

export const DraftBody = Type.Object(
  {
    ...common,
    is_private: Type.Optional(Type.Boolean()),
    set_status: Type.Optional(Nullable(StringEnum(TICKET_STATUSES))),
  },
  { title: 'DraftBody' },
);
export type DraftBody = Static<typeof DraftBody>;

/** Addresses may be half typed: they are checked when the ticket is composed. */
export const ComposeDraftBody = Type.Object(
  {
    ...common,
    email_subject: text(500),
    recipient_email: text(320),
    recipient_distinct_id: text(400),
    email_config_id: Type.Optional(Nullable(Uuid)),
    tags: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: TICKET_TAGS_MAX })),
  },
  { title: 'ComposeDraftBody' },
);
export type ComposeDraftBody = Static<typeof ComposeDraftBody>;

const REPLY_DRAFT_ORIGINS = ['agent', 'mcp'] as const;

export const ReplyDraft = Type.Object(
  {
    id: Uuid,
    ticket_id: Uuid,
    origin: StringEnum(REPLY_DRAFT_ORIGINS, { description: 'Who wrote it: a person, or a program for one.' }),
    message: Type.String(),
    rich_content: AnyJson,
    created_by: Nullable(BasicUser),
    created_at: Instant,
  },
  { title: 'ReplyDraft' },
);
export type ReplyDraft = Static<typeof ReplyDraft>;

export const ReplyDraftBody = Type.Object(
  {
    message: NonBlank(5000),
    rich_content: richContent,
    origin: Type.Optional(StringEnum(REPLY_DRAFT_ORIGINS, { description: 'Default agent.' })),
  },
  { title: 'ReplyDraftBody' },
);
export type ReplyDraftBody = Static<typeof ReplyDraftBody>;

export const ReplyDraftSend = Type.Object(
  {
    message: Type.Optional(NonBlank(5000)),
    rich_content: richContent,
    allow_different_customers: Type.Optional(
      Type.Boolean({
        description: 'Needed where tickets of different customers were merged since it was written.',
      }),
    ),
  },
  { title: 'ReplyDraftSend' },
);
export type ReplyDraftSend = Static<typeof ReplyDraftSend>;

const read = { credentials: ['ticket:read'], project: 'viewer' } as const;
/** Your own draft stays yours to throw away when you may no longer reply. */
const remove = { credentials: ['ticket:write'], project: 'viewer', responses: { 204: null } } as const;
const write = { credentials: ['ticket:write'], project: 'editor' } as const;
const saved = { 200: Draft };
const found = { 200: Type.Object({ draft: Nullable(Draft) }) };
const REPLACES =
  'Replaces all of it; what is left out is empty. The last save wins unless `if_version` is sent.';

/** Replies that are not sent yet: each agent's own (`drafts.*`), and those left for the team (`reply_drafts.*`). */
export const drafts = {
  list: defineRoute({
    id: 'drafts.list',
    method: 'GET',
    path: DRAFTS_PATH,
    summary: 'List your drafts, newest first',
    description: 'Drafts of deleted tickets are left out.',
    ...read,
    query: Type.Object(PageQuery),
    responses: { 200: Page(Draft) },
  }),
  retrieveCompose: defineRoute({
    id: 'drafts.retrieve_compose',
    method: 'GET',
    path: COMPOSE_PATH,
    summary: 'Get your draft of a ticket that is still to be composed, or null',
    ...read,
    responses: found,
  }),
  saveCompose: defineRoute({
    id: 'drafts.save_compose',
    method: 'PUT',
    path: COMPOSE_PATH,
    summary: 'Save your draft of a ticket that is still to be composed',
    description: REPLACES,
    ...write,
    body: ComposeDraftBody,
    responses: saved,
  }),
  deleteCompose: defineRoute({
    id: 'drafts.delete_compose',
    method: 'DELETE',
    path: COMPOSE_PATH,
    summary: 'Throw away your draft of a ticket that is still to be composed',
    ...remove,
  }),
  retrieve: defineRoute({
    id: 'drafts.retrieve',
    method: 'GET',
    path: DRAFT_PATH,
    summary: 'Get your draft on a ticket, or null',
    ...read,
    responses: found,
  }),
  save: defineRoute({
    id: 'drafts.save',
    method: 'PUT',
    path: DRAFT_PATH,
    summary: 'Save your draft on a ticket',
    description: REPLACES,
    ...write,
    body: DraftBody,
    responses: saved,
  }),
  delete: defineRoute({
    id: 'drafts.delete',
    method: 'DELETE',
    path: DRAFT_PATH,
    summary: 'Throw away your draft on a ticket',
    ...remove,
  }),
  listShared: defineRoute({
    id: 'reply_drafts.list',
    method: 'GET',
    path: REPLY_DRAFTS_PATH,
    summary: 'List the replies that were left on a ticket for the team to send, oldest first',
    ...read,
    query: Type.Object(PageQuery),
    responses: { 200: Page(ReplyDraft) },
    mcpTool: 'conversations-tickets-reply-drafts-list',
  }),
  createShared: defineRoute({
    id: 'reply_drafts.create',
    method: 'POST',
    path: REPLY_DRAFTS_PATH,
    summary: 'Leave a reply on a ticket for the team to send',
    ...write,
    body: ReplyDraftBody,
    idempotent: true,
    responses: { 201: ReplyDraft },
    mcpTool: 'conversations-tickets-reply-drafts-create',
  }),
  sendShared: defineRoute({
    id: 'reply_drafts.send',
    method: 'POST',
    path: `${REPLY_DRAFT_PATH}send/`,
    summary: 'Send a reply that was left for the team, in your own name',
    description:
      'With a message in the body that one is sent instead. The draft is gone then. Exactly one sender wins. Where merges joined tickets of different customers since it was written, `allow_different_customers` is needed: they would get it.',
    credentials: ['ticket:reply', 'ticket:write'],
    project: 'editor',
    body: ReplyDraftSend,
    idempotent: true,
    rateLimit: 'reply',
    responses: { 200: Message, 201: Message },
  }),
  discardShared: defineRoute({
    id: 'reply_drafts.discard',
    method: 'DELETE',
    path: REPLY_DRAFT_PATH,
    summary: 'Throw away a reply that was left for the team',
    ...write,
    responses: { 204: null },
  }),
};
