import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { AnyJson, Instant, IntegerText, JsonObject, Nullable, StringEnum, Uuid } from './schemas.ts';
import {
  CHANNEL_DETAILS,
  CHANNEL_SOURCES,
  TICKET_PRIORITIES,
  TICKET_STATUSES,
  TICKETS_PATH,
  TicketListQuery,
} from './tickets.ts';

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
export const EXPORT_PARTS = ['messages', 'activities'] as const;

const ExportedMessage = Type.Object(
  {
    id: Uuid,
    content: Type.String(),
    rich_content: AnyJson,
    item_context: Type.Unsafe<Record<string, unknown>>({
      ...JsonObject,
      description: 'Holds author_type and is_private, and what its channel knows of it.',
    }),
    author: Nullable(Type.String({ description: 'E-mail of the team member who wrote it.' })),
    author_name: Nullable(Type.String()),
    full_email: Nullable(Type.String()),
    created_at: Instant,
    edited_at: Nullable(Instant),
  },
  { title: 'ExportedMessage' },
);

/** One line of an export: a ticket with what it takes to bring it into another installation. */
export const ExportedTicket = Type.Object(
  {
    id: Uuid,
    ticket_number: Type.Integer({ description: 'As `after` it goes on behind this line.' }),
    channel_source: StringEnum(CHANNEL_SOURCES),
    channel_detail: Nullable(StringEnum(CHANNEL_DETAILS)),
    distinct_id: Type.String(),
    status: StringEnum(TICKET_STATUSES),
    priority: Nullable(StringEnum(TICKET_PRIORITIES)),
    assignee: Nullable(
      Type.Object({
        type: StringEnum(['user', 'role']),
        email: Type.Optional(Type.String()),
        name: Type.Optional(Type.String()),
      }),
    ),
    tags: Type.Array(Type.String()),
    anonymous_traits: AnyJson,
    identity_verified: Nullable(Type.Boolean()),
    ai_resolved: Type.Boolean(),
    escalation_reason: Nullable(Type.String()),
    ai_triage: JsonObject,
    session_id: Nullable(Type.String()),
    session_context: JsonObject,
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
    message_count: Type.Integer(),
    last_message_at: Nullable(Instant),
    last_message_text: Nullable(Type.String()),
    unread_team_count: Type.Integer(),
    unread_customer_count: Type.Integer(),
    created_at: Instant,
    updated_at: Instant,
    sla_due_at: Nullable(Instant),
    snoozed_until: Nullable(Instant),
    resolved_at: Nullable(Instant),
    deleted_at: Nullable(Instant),
    merged_into_id: Nullable(Uuid),
    person: Nullable(
      Type.Object({
        id: Uuid,
        distinct_ids: Type.Array(Type.String()),
        properties: JsonObject,
        is_identified: Type.Boolean(),
        created_at: Instant,
      }),
    ),
    messages: Type.Optional(Type.Array(ExportedMessage)),
    activities: Type.Optional(
      Type.Array(
        Type.Object({
          id: Uuid,
          activity: Type.String(),
          detail: JsonObject,
          actor: JsonObject,
          created_at: Instant,
        }),
      ),
    ),
  },
  { title: 'ExportedTicket' },
);
export type ExportedTicket = Static<typeof ExportedTicket>;

const {
  limit: _limit,
  offset: _offset,
  cursor: _cursor,
  count: _count,
  order_by: _order,
  ...filters
} = TicketListQuery.properties;

export const ticketExports = {
  download: defineRoute({
    id: 'ticket_exports.download',
    method: 'GET',
    path: `${TICKETS_PATH}export/`,
    summary: 'Export tickets as NDJSON or CSV, in the order of their numbers',
    description:
      'Takes every filter of the list. A file that broke off is continued with `after` set to the ticket_number of its last whole line; CSV then comes without its head. In CSV, a text that a spreadsheet could take for a formula begins with an apostrophe.',
    credentials: ['ticket:read'],
    project: 'manager',
    query: Type.Object({
      format: Type.Optional(Type.String({ description: '`ndjson` (default) or `csv`.' })),
      include: Type.Optional(
        Type.String({ description: 'Comma list of `messages` and `activities`; NDJSON only.' }),
      ),
      after: Type.Optional(IntegerText({ description: 'Only tickets with a higher number.' })),
      bom: Type.Optional(
        Type.String({ description: '`true`: CSV begins with a byte order mark, for spreadsheets.' }),
      ),
      ...filters,
    }),
    produces: ['application/x-ndjson', 'text/csv'],
    responses: { 200: ExportedTicket },
  }),
};
