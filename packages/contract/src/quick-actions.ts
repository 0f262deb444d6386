import Type, { type Static } from 'typebox';
import { RICH_CONTENT_MAX } from './messages.ts';
import { BasicUser } from './people.ts';
import { defineRoute } from './route.ts';
import { AnyJson, Instant, NonBlank, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';
import { TICKET_PRIORITIES, TICKET_STATUSES, TICKET_TAGS_MAX } from './tickets.ts';

const QUICK_ACTIONS_PATH = '/api/projects/:project_id/conversations/quick_actions/';
const QUICK_ACTION_PATH = `${QUICK_ACTIONS_PATH}:short_id/` as const;

/** Longest serialised actions, in characters (tickets-api.md 4.2). */
export const QUICK_ACTIONS_MAX = 10_000;

const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }));
const name = (maxLength: number) => Type.Optional(Nullable(Type.String({ maxLength })));

const Assignee = Type.Object({
  type: StringEnum(['user', 'role']),
  id: Nullable(Type.String({ maxLength: 100, description: 'As text, for users too.' })),
});

/** What a quick action does to a ticket. The client does it: it inserts the text and changes the ticket. */
export const QuickActionActions = Type.Object(
  {
    status: Type.Optional(Nullable(StringEnum(TICKET_STATUSES))),
    priority: Type.Optional(Nullable(StringEnum(TICKET_PRIORITIES))),
    tags: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: TICKET_TAGS_MAX })),
    assignee: Type.Optional(Nullable(Assignee)),
  },
  {
    title: 'QuickActionActions',
    description:
      'Replaces what is stored, but an assignee that is left out stays; null takes a part away. Unknown keys are dropped.',
  },
);
export type QuickActionActions = Static<typeof QuickActionActions>;

const fields = {
  description: text(400),
  content: Type.Optional(Type.String({ maxLength: 50_000, description: 'May hold {{variables}}.' })),
  rich_content: Type.Optional(
    Type.Unsafe<unknown>({ description: `At most ${RICH_CONTENT_MAX} characters serialised, or null.` }),
  ),
  actions: Type.Optional(QuickActionActions),
  visibility: Type.Optional(
    StringEnum(['team', 'personal'], { description: 'Only the creator may make it personal.' }),
  ),
  shortcut: name(50),
  folder: name(100),
};

export const QuickActionCreate = Type.Object(
  { name: NonBlank(200), ...fields },
  { title: 'QuickActionCreate', description: 'It needs a content, a rich_content or an action.' },
);
export type QuickActionCreate = Static<typeof QuickActionCreate>;

export const QuickActionUpdate = Type.Object(
  { name: Type.Optional(NonBlank(200)), ...fields },
  { title: 'QuickActionUpdate' },
);
export type QuickActionUpdate = Static<typeof QuickActionUpdate>;

/** tickets-api.md 4.2. */
export const QuickAction = Type.Object(
  {
    id: Uuid,
    short_id: Type.String(),
    name: Type.String(),
    description: Type.String(),
    content: Type.String(),
    rich_content: AnyJson,
    actions: QuickActionActions,
    visibility: StringEnum(['team', 'personal']),
    shortcut: Nullable(Type.String()),
    folder: Nullable(Type.String()),
    use_count: Type.Integer(),
    last_used_at: Nullable(Instant),
    created_at: Instant,
    created_by: Nullable(BasicUser),
    version: Type.Integer({ description: '+1 on every change.' }),
  },
  { title: 'QuickAction' },
);
export type QuickAction = Static<typeof QuickAction>;

const read = { credentials: ['ticket:read'], project: 'viewer' } as const;
const write = { credentials: ['ticket:write'], project: 'editor' } as const;

export const quickActions = {
  list: defineRoute({
    id: 'quick_actions.list',
    method: 'GET',
    path: QUICK_ACTIONS_PATH,
    summary: 'List the quick actions of the team and your personal ones, newest first',
    ...read,
    query: Type.Object(PageQuery),
    responses: { 200: Page(QuickAction) },
    mcpTool: 'conversations-quick-actions-list',
  }),
  create: defineRoute({
    id: 'quick_actions.create',
    method: 'POST',
    path: QUICK_ACTIONS_PATH,
    summary: 'Create a quick action',
    ...write,
    body: QuickActionCreate,
    idempotent: true,
    responses: { 201: QuickAction },
  }),
  retrieve: defineRoute({
    id: 'quick_actions.retrieve',
    method: 'GET',
    path: QUICK_ACTION_PATH,
    summary: 'Get a quick action',
    ...read,
    responses: { 200: QuickAction },
    mcpTool: 'conversations-quick-actions-retrieve',
  }),
  update: defineRoute({
    id: 'quick_actions.update',
    method: 'PATCH',
    path: QUICK_ACTION_PATH,
    summary: 'Change fields of a quick action',
    ...write,
    body: QuickActionUpdate,
    responses: { 200: QuickAction },
  }),
  replace: defineRoute({
    id: 'quick_actions.replace',
    method: 'PUT',
    path: QUICK_ACTION_PATH,
    summary: 'Change fields of a quick action (the same as PATCH, with a name)',
    ...write,
    body: QuickActionCreate,
    responses: { 200: QuickAction },
  }),
  delete: defineRoute({
    id: 'quick_actions.delete',
    method: 'DELETE',
    path: QUICK_ACTION_PATH,
    summary: 'Delete a quick action, for everybody',
    ...write,
    responses: { 204: null },
  }),
  use: defineRoute({
    id: 'quick_actions.use',
    method: 'POST',
    path: `${QUICK_ACTION_PATH}use/`,
    summary: 'Count that a quick action was used',
    ...write,
    idempotent: true,
    responses: { 200: QuickAction },
  }),
};
