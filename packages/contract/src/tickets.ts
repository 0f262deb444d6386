import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import {
  AnyJson,
  Instant,
  InstantInput,
  JsonObject,
  NonNullJson,
  Nullable,
  Page,
  PageQuery,
  StringEnum,
  Uuid,
} from './schemas.ts';

export const TICKET_STATUSES = ['new', 'open', 'pending', 'on_hold', 'resolved'] as const;
export const TICKET_PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export const CHANNEL_SOURCES = ['widget', 'email', 'slack', 'teams', 'github'] as const;
export const CHANNEL_DETAILS = [
  'slack_channel_message',
  'slack_bot_mention',
  'slack_emoji_reaction',
  'teams_channel_message',
  'teams_bot_mention',
  'widget_embedded',
  'widget_api',
  'github_issue',
] as const;
export const SLA_STATES = ['breached', 'at-risk', 'on-track'] as const;
export const AI_TRIAGE_RESULTS = [
  'persisted',
  'suggested',
  'escalated_with_findings',
  'escalated_with_best',
  'escalated_no_reply',
  'skipped_unactionable',
  'blocked_unsafe',
  'blocked_unsafe_reply',
  'clarified',
  'suggested_clarification',
  'in_progress',
] as const;
export const ORDER_COLUMNS = [
  'updated_at',
  'sla_due_at',
  'snoozed_until',
  'created_at',
  'ticket_number',
] as const;

export type TicketStatus = (typeof TICKET_STATUSES)[number];
export type TicketPriority = (typeof TICKET_PRIORITIES)[number];
export type ChannelSource = (typeof CHANNEL_SOURCES)[number];

/** Of the JSON of anonymous_traits, in characters. */
export const ANONYMOUS_TRAITS_MAX = 100_000;
/** On one ticket. */
export const TICKET_TAGS_MAX = 100;

export const TICKETS_PATH = '/api/projects/:project_id/conversations/tickets/';
export const TICKET_PATH = '/api/projects/:project_id/conversations/tickets/:id/';

const ASSIGNEE_WRITE =
  'An object {"type": "user", "id": integer} or {"type": "role", "id": uuid}, or null to clear. Errors name the attr assignee.';

export const Assignee = Type.Object(
  {
    id: Type.Unsafe<number | string>({
      type: ['integer', 'string'],
      description: 'Integer for users, uuid for roles.',
    }),
    type: StringEnum(['user', 'role']),
    user: Nullable(Type.Object({ email: Type.String() })),
    role: Nullable(Type.Object({ name: Type.String() })),
  },
  { title: 'Assignee' },
);

export const TicketPerson = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    distinct_ids: Type.Array(Type.String()),
    properties: JsonObject,
    created_at: Instant,
    is_identified: Type.Boolean(),
  },
  { title: 'TicketPerson' },
);

/** tickets-api.md 2.1 as settled by decisions.md 7. */
export const Ticket = Type.Object(
  {
    id: Uuid,
    ticket_number: Type.Integer(),
    channel_source: StringEnum(CHANNEL_SOURCES),
    channel_detail: Nullable(StringEnum(CHANNEL_DETAILS)),
    distinct_id: Type.String(),
    status: StringEnum(TICKET_STATUSES),
    priority: Nullable(StringEnum(TICKET_PRIORITIES)),
    assignee: Nullable(Assignee),
    anonymous_traits: AnyJson,
    identity_verified: Nullable(Type.Boolean()),
    ai_resolved: Type.Boolean(),
    escalation_reason: Nullable(Type.String()),
    ai_triage: JsonObject,
    created_at: Instant,
    updated_at: Instant,
    message_count: Type.Integer(),
    last_message_at: Nullable(Instant),
    last_message_text: Nullable(Type.String()),
    unread_team_count: Type.Integer(),
    unread_customer_count: Type.Integer(),
    session_id: Nullable(Type.String()),
    session_context: JsonObject,
    sla_due_at: Nullable(Instant),
    snoozed_until: Nullable(Instant),
    slack_channel_id: Nullable(Type.String()),
    slack_thread_ts: Nullable(Type.String()),
    slack_team_id: Nullable(Type.String()),
    email_subject: Nullable(Type.String()),
    email_from: Nullable(Type.String()),
    email_to: Nullable(Type.String()),
    cc_participants: Type.Array(AnyJson),
    github_repo: Nullable(Type.String()),
    github_issue_number: Nullable(Type.Integer()),
    organization_id: Nullable(Type.String()),
    organization_id_source: Nullable(StringEnum(['person', 'slack_channel_account'])),
    person: Nullable(TicketPerson),
    tags: Type.Array(Type.String()),
    merged_into_id: Nullable(Type.String({ format: 'uuid', description: 'Where its thread goes on.' })),
    merged_into_ticket_number: Nullable(Type.Integer()),
    user_access_level: StringEnum(['none', 'viewer', 'editor', 'manager']),
    version: Type.Integer({ description: '+1 on every change of the ticket.' }),
    deleted_at: Nullable(Instant),
  },
  { title: 'Ticket' },
);
export type Ticket = Static<typeof Ticket>;

/** Of tickets in one bulk action. */
export const BULK_MAX = 500;
export const BulkIds = Type.Array(Uuid, { minItems: 1, maxItems: BULK_MAX });

/** Takes a bulk action back: `tickets.undo_bulk_update`. */
export const Undo = Type.Object(
  {
    id: Uuid,
    expires_at: Instant,
  },
  { title: 'Undo' },
);
export type Undo = Static<typeof Undo>;

const text = (description: string) => Type.Optional(Type.String({ description }));
/** Documented as a choice; the list drops what is none of it. */
const choice = (values: readonly string[], description: string) =>
  Type.Optional(Type.Unsafe<string>({ type: 'string', enum: [...values], description }));

/** tickets-api.md 3: an invalid value is dropped, never refused, except an unknown view. */
export const TicketListQuery = Type.Object({
  ...PageQuery,
  cursor: text('Opaque position from a `next` or `previous` link. `cursor=` (empty) starts keyset paging.'),
  count: text('`exact` counts past 10,000 whatever the filter.'),
  status: text('One or a comma list.'),
  priority: text('One or a comma list. Tickets without a priority never match.'),
  channel_source: choice(CHANNEL_SOURCES, 'One channel.'),
  channel_detail: choice(CHANNEL_DETAILS, 'One channel detail.'),
  assignee: text('Comma list of `unassigned`, `me`, `user:<id>`, `role:<uuid>`; up to 100.'),
  date_from: text(
    'updated_at at or after: a date, a datetime, or relative such as `-7d`, `-1mStart`; `all` disables.',
  ),
  date_to: text('updated_at at or before; the same forms.'),
  created_from: text('created_at at or after; the same forms.'),
  created_to: text('created_at at or before; the same forms.'),
  distinct_ids: text('Comma list, first 100. ORed with emails.'),
  emails: text('Comma list, first 100; ignores case. ORed with distinct_ids.'),
  ids: text('Comma list of uuids, first 100.'),
  search: text('Up to 200 characters. Digits, with an optional leading #, find a ticket number.'),
  sla: choice(SLA_STATES, 'Where the ticket is on the way to its deadline.'),
  snoozed: choice(['true', 'false'], 'Whether snoozed_until is set.'),
  unread: choice(['true', 'mine'], '`true`: the team has unread messages. `mine`: the caller has.'),
  deleted: choice(['true'], '`true` lists deleted tickets, which can be restored for 30 days.'),
  organization: text('The customer organization of the ticket.'),
  tags: text('JSON array; has at least one. First 50 used.'),
  tags_all: text('JSON array; has every one. First 50 used.'),
  tags_exclude: text('JSON array; has none. First 50 used.'),
  response_target: text(
    "Label of a group of the project's `response_target_groups`: tickets that belong to it. Unknown labels are ignored.",
  ),
  ai_triage_result: text('Comma list of triage results.'),
  view: text('short_id of a saved view; other parameters override it per dimension.'),
  order_by: text(
    'updated_at, sla_due_at, snoozed_until, created_at or ticket_number, with an optional leading -.',
  ),
});
export type TicketListQuery = Static<typeof TicketListQuery>;

const writable = {
  status: Type.Optional(StringEnum(TICKET_STATUSES)),
  priority: Type.Optional(
    Type.Unsafe<TicketPriority | '' | null>({
      type: ['string', 'null'],
      enum: [...TICKET_PRIORITIES, '', null],
    }),
  ),
  assignee: Type.Optional(Type.Unsafe<unknown>({ description: ASSIGNEE_WRITE })),
  anonymous_traits: Type.Optional(
    Type.Unsafe<unknown>({
      ...NonNullJson,
      description:
        'The customer without a person: `name`, `email` and more; at most 100,000 characters serialised.',
    }),
  ),
  ai_resolved: Type.Optional(Type.Boolean()),
  escalation_reason: Type.Optional(Nullable(Type.String({ maxLength: 10_000 }))),
  sla_due_at: Type.Optional(Nullable(InstantInput)),
  snoozed_until: Type.Optional(Nullable(InstantInput)),
  tags: Type.Optional(
    Type.Array(Type.String({ maxLength: 255 }), {
      maxItems: TICKET_TAGS_MAX,
      description: 'Replaces the whole set.',
    }),
  ),
};

export const TicketUpdate = Type.Object(writable, { title: 'TicketUpdate' });
export type TicketUpdate = Static<typeof TicketUpdate>;

export const TicketCreate = Type.Object(
  {
    ...writable,
    distinct_id: Type.Optional(Type.String({ maxLength: 400 })),
    message: Type.Optional(
      Type.String({ maxLength: 10_000, description: "Stored as the customer's first message." }),
    ),
    email_subject: Type.Optional(Nullable(Type.String({ maxLength: 500 }))),
  },
  { title: 'TicketCreate' },
);
export type TicketCreate = Static<typeof TicketCreate>;

const read = { credentials: ['ticket:read'], project: 'viewer' } as const;
const write = { credentials: ['ticket:write'], project: 'editor' } as const;

export const tickets = {
  list: defineRoute({
    id: 'tickets.list',
    method: 'GET',
    path: TICKETS_PATH,
    summary: 'List tickets, with the person of each',
    description: 'Marks nothing as read. The default order is newest updated first.',
    ...read,
    query: TicketListQuery,
    responses: { 200: Page(Ticket) },
    mcpTool: 'conversations-tickets-list',
  }),
  create: defineRoute({
    id: 'tickets.create',
    method: 'POST',
    path: TICKETS_PATH,
    summary: 'Create a ticket',
    ...write,
    body: TicketCreate,
    form: true,
    idempotent: true,
    responses: { 201: Ticket },
  }),
  retrieve: defineRoute({
    id: 'tickets.retrieve',
    method: 'GET',
    path: TICKET_PATH,
    summary: 'Get a ticket by uuid or number, and mark it as read',
    description: 'Callers without edit access, and `?mark_read=false`, leave the unread counter alone.',
    ...read,
    query: Type.Object({ mark_read: choice(['true', 'false'], '`false` reads without marking.') }),
    responses: { 200: Ticket },
    mcpTool: 'conversations-tickets-retrieve',
  }),
  read: defineRoute({
    id: 'tickets.read',
    method: 'POST',
    path: `${TICKET_PATH}read/`,
    summary: 'Mark a ticket as read',
    credentials: ['ticket:read'],
    project: 'viewer',
    responses: { 200: Ticket },
  }),
  update: defineRoute({
    id: 'tickets.update',
    method: 'PATCH',
    path: TICKET_PATH,
    summary: 'Change fields of a ticket',
    description:
      'Setting a snooze moves the status to on_hold and clearing it to open, unless the same request sets a status.',
    ...write,
    body: TicketUpdate,
    form: true,
    responses: { 200: Ticket },
    mcpTool: 'conversations-tickets-update',
  }),
  replace: defineRoute({
    id: 'tickets.replace',
    method: 'PUT',
    path: TICKET_PATH,
    summary: 'Change fields of a ticket (the same as PATCH)',
    ...write,
    body: TicketUpdate,
    form: true,
    responses: { 200: Ticket },
  }),
  delete: defineRoute({
    id: 'tickets.delete',
    method: 'DELETE',
    path: TICKET_PATH,
    summary: 'Delete a ticket; it can be restored for 30 days',
    ...write,
    responses: { 204: null },
  }),
  restore: defineRoute({
    id: 'tickets.restore',
    method: 'POST',
    path: `${TICKET_PATH}restore/`,
    summary: 'Bring a deleted ticket back',
    ...write,
    responses: { 200: Ticket },
  }),
  bulkUpdateStatus: defineRoute({
    id: 'tickets.bulk_update_status',
    method: 'POST',
    path: `${TICKETS_PATH}bulk_update_status/`,
    summary: 'Set the status of up to 500 tickets',
    description: 'Answers with the tickets whose status changed; the others are skipped.',
    ...write,
    form: true,
    body: Type.Object({ ids: BulkIds, status: StringEnum(TICKET_STATUSES) }),
    responses: {
      200: Type.Object({ updated: Type.Integer(), ids: Type.Array(Uuid), undo: Nullable(Undo) }),
    },
  }),
  bulkUpdateTags: defineRoute({
    id: 'tickets.bulk_update_tags',
    method: 'POST',
    path: `${TICKETS_PATH}bulk_update_tags/`,
    summary: 'Add, remove or set tags on up to 500 tickets',
    description: `When one of the tickets would have more than ${TICKET_TAGS_MAX} tags, none is changed.`,
    ...write,
    form: true,
    body: Type.Object({
      ids: BulkIds,
      action: StringEnum(['add', 'remove', 'set']),
      tags: Type.Array(Type.String({ maxLength: 255 }), { maxItems: 100 }),
    }),
    responses: {
      200: Type.Object({
        updated: Type.Array(Type.Object({ id: Uuid, tags: Type.Array(Type.String()) })),
        skipped: Type.Array(Type.Object({ id: Uuid, reason: Type.String() })),
        undo: Nullable(Undo),
      }),
    },
  }),
  unreadCount: defineRoute({
    id: 'tickets.unread_count',
    method: 'GET',
    path: `${TICKETS_PATH}unread_count/`,
    summary: 'Count the unread messages of all tickets that are not resolved',
    ...read,
    responses: { 200: Type.Object({ count: Type.Integer() }) },
  }),
  activity: defineRoute({
    id: 'tickets.activity',
    method: 'GET',
    path: `${TICKET_PATH}activity/`,
    summary: 'List what was done to a ticket, newest first',
    ...read,
    query: Type.Object(PageQuery),
    responses: {
      200: Page(
        Type.Object(
          {
            id: Uuid,
            activity: Type.String(),
            detail: JsonObject,
            actor: JsonObject,
            created_at: Instant,
          },
          { title: 'Activity' },
        ),
      ),
    },
  }),
};
