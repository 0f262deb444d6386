import Type, { type Static } from 'typebox';
import { BasicUser } from './people.ts';
import { defineRoute } from './route.ts';
import { Instant, JsonObject, NonBlank, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';
import {
  AI_TRIAGE_RESULTS,
  CHANNEL_SOURCES,
  SLA_STATES,
  TICKET_PRIORITIES,
  TICKET_STATUSES,
} from './tickets.ts';

export const VIEWS_PATH = '/api/projects/:project_id/conversations/views/';
const VIEW_PATH = `${VIEWS_PATH}:short_id/` as const;

/** Longest serialised filters, in characters (tickets-api.md 4.1). */
export const VIEW_FILTERS_MAX = 10_000;
/** Most entries of the assignee filter (inbox.md 4.2). */
export const VIEW_ASSIGNEES_MAX = 100;

const DATE = 'A date, a datetime, or relative such as `-7d`, `-1mStart`; `all` and null do not narrow.';
const listOf = <const T extends readonly string[]>(values: T) =>
  Type.Optional(Type.Array(StringEnum(values)));
const tagNames = Type.Optional(Type.Array(Type.String(), { description: 'First 50 used.' }));
const dateBound = Type.Optional(Nullable(Type.String({ maxLength: 64, description: DATE })));

/** What a view may be stored with (inbox.md 4.2, decisions.md 17). Keys it does not know are kept, not applied. */
export const ViewFilters = Type.Object(
  {
    status: listOf(TICKET_STATUSES),
    priority: listOf(TICKET_PRIORITIES),
    channel: Type.Optional(StringEnum([...CHANNEL_SOURCES, 'all'])),
    sla: Type.Optional(StringEnum([...SLA_STATES, 'all'])),
    aiTriageResult: listOf(AI_TRIAGE_RESULTS),
    assignee: Type.Optional(
      Type.Unsafe<unknown>({
        description:
          'List of up to 100 of "me", "unassigned", {"type": "user", "id": integer}, {"type": "role", "id": uuid}. One such value alone, and "all", are taken as older clients send them.',
      }),
    ),
    tags: tagNames,
    tagsMatch: Type.Optional(StringEnum(['any', 'all'], { description: 'Default any.' })),
    tagsExclude: tagNames,
    dateFrom: dateBound,
    dateTo: dateBound,
    createdFrom: dateBound,
    createdTo: dateBound,
    snoozed: Type.Optional(Type.Boolean()),
    unread: Type.Optional(
      Type.Unsafe<boolean | 'mine'>({
        enum: [true, false, 'mine'],
        description: 'true: unread by the team. "mine": unread by the viewer.',
      }),
    ),
    sorting: Type.Optional(
      Nullable(
        Type.Object({
          columnKey: Type.String({ maxLength: 100 }),
          order: Type.Unsafe<1 | -1>({ type: 'integer', enum: [1, -1] }),
        }),
      ),
    ),
    search: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { title: 'ViewFilters', description: 'At most 10,000 characters serialised.' },
);
export type ViewFilters = Static<typeof ViewFilters>;

/** tickets-api.md 4.1. */
export const View = Type.Object(
  {
    id: Uuid,
    short_id: Type.String(),
    name: Type.String(),
    filters: JsonObject,
    created_at: Instant,
    created_by: Nullable(BasicUser),
    is_favorited: Type.Boolean({ description: 'Yours, nobody else sees it.' }),
    is_default: Type.Boolean({ description: 'Yours, nobody else sees it.' }),
    visibility: StringEnum(['shared', 'private']),
    version: Type.Integer({ description: '+1 on every change of the view.' }),
  },
  { title: 'View' },
);
export type View = Static<typeof View>;

const writable = {
  filters: Type.Optional(ViewFilters),
  is_favorited: Type.Optional(Type.Boolean()),
  is_default: Type.Optional(Type.Boolean()),
  visibility: Type.Optional(StringEnum(['shared', 'private'])),
};
export const ViewCreate = Type.Object({ name: NonBlank(400), ...writable }, { title: 'ViewCreate' });
export type ViewCreate = Static<typeof ViewCreate>;
export const ViewUpdate = Type.Object(
  { name: Type.Optional(NonBlank(400)), ...writable },
  { title: 'ViewUpdate' },
);
export type ViewUpdate = Static<typeof ViewUpdate>;

const READ = ['conversation:read', 'ticket:read'] as const;
const WRITE = ['conversation:write', 'ticket:write'] as const;

export const views = {
  list: defineRoute({
    id: 'views.list',
    method: 'GET',
    path: VIEWS_PATH,
    summary: 'List saved views, your favourites first, then newest first',
    credentials: READ,
    project: 'viewer',
    query: Type.Object(PageQuery),
    responses: { 200: Page(View) },
    mcpTool: 'conversations-views-list',
  }),
  create: defineRoute({
    id: 'views.create',
    method: 'POST',
    path: VIEWS_PATH,
    summary: 'Save a view',
    credentials: WRITE,
    project: 'editor',
    body: ViewCreate,
    form: true,
    idempotent: true,
    responses: { 201: View },
    mcpTool: 'conversations-views-create',
  }),
  default: defineRoute({
    id: 'views.default',
    method: 'GET',
    path: `${VIEWS_PATH}default/`,
    summary: 'Get the view you open first, or null',
    credentials: READ,
    project: 'viewer',
    responses: { 200: Type.Object({ default_view: Nullable(View) }) },
  }),
  retrieve: defineRoute({
    id: 'views.retrieve',
    method: 'GET',
    path: VIEW_PATH,
    summary: 'Get a saved view',
    credentials: READ,
    project: 'viewer',
    responses: { 200: View },
    mcpTool: 'conversations-views-retrieve',
  }),
  update: defineRoute({
    id: 'views.update',
    method: 'PATCH',
    path: VIEW_PATH,
    summary: 'Change a saved view, or your own marks on it',
    description:
      'filters replaces the whole object. Without edit access only is_favorited and is_default may be sent.',
    credentials: WRITE,
    project: 'viewer',
    body: ViewUpdate,
    form: true,
    responses: { 200: View },
    mcpTool: 'conversations-views-update',
  }),
  delete: defineRoute({
    id: 'views.delete',
    method: 'DELETE',
    path: VIEW_PATH,
    summary: 'Delete a saved view, for everybody',
    credentials: WRITE,
    project: 'editor',
    responses: { 204: null },
  }),
};
