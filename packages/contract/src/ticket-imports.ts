import Type, { type Static } from 'typebox';
import { ACTOR_TYPES } from './activities.ts';
import { ERROR_CODES } from './errors.ts';
import { defineRoute } from './route.ts';
import {
  Instant,
  InstantInput,
  IntegerText,
  JsonObject,
  NonNullJson,
  Nullable,
  StringEnum,
  Uuid,
} from './schemas.ts';
import {
  CHANNEL_DETAILS,
  CHANNEL_SOURCES,
  TICKET_PRIORITIES,
  TICKET_STATUSES,
  TICKET_TAGS_MAX,
  TICKETS_PATH,
} from './tickets.ts';

/** Of one line, in bytes. */
export const IMPORT_LINE_MAX = 10 * 1024 * 1024;
/** Of one request, in bytes; a longer file comes in several. */
export const IMPORT_MAX = 1024 * 1024 * 1024;
/** Kept of one import. The counts go on. */
export const IMPORT_PROBLEMS_MAX = 1000;
/** Numbers beyond it would leave too few for the tickets to come. */
export const IMPORT_NUMBER_MAX = 1_000_000_000;

export const IMPORT_MODES = ['skip', 'update'] as const;
export const IMPORT_STATES = ['running', 'interrupted', 'finished'] as const;

const optional = {
  text: (maxLength: number) => Type.Optional(Nullable(Type.String({ maxLength }))),
  instant: Type.Optional(Nullable(InstantInput)),
  count: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  object: Type.Optional(Nullable(JsonObject)),
};

export const ImportedMessage = Type.Object({
  id: Type.Optional(Uuid),
  content: Type.String({ maxLength: 1_000_000 }),
  rich_content: Type.Optional(Type.Unsafe<unknown>({})),
  item_context: Type.Optional(
    Nullable(
      Type.Object({
        author_type: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
        is_private: Type.Optional(Type.Boolean()),
      }),
    ),
  ),
  author: optional.text(320),
  author_name: optional.text(400),
  author_type: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
  is_private: Type.Optional(Type.Boolean()),
  full_email: optional.text(5_000_000),
  created_at: InstantInput,
  edited_at: optional.instant,
});
export type ImportedMessage = Static<typeof ImportedMessage>;

/** One line of an import: what an export writes, of which only `id` and `created_at` must be there. */
export const ImportedTicket = Type.Object({
  id: Uuid,
  ticket_number: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: IMPORT_NUMBER_MAX }))),
  channel_source: Type.Optional(StringEnum(CHANNEL_SOURCES)),
  channel_detail: Type.Optional(Nullable(StringEnum(CHANNEL_DETAILS))),
  distinct_id: optional.text(400),
  status: Type.Optional(StringEnum(TICKET_STATUSES)),
  priority: Type.Optional(Nullable(StringEnum(TICKET_PRIORITIES))),
  assignee: Type.Optional(
    Nullable(
      Type.Object({
        type: StringEnum(['user', 'role']),
        email: optional.text(320),
        name: optional.text(400),
      }),
    ),
  ),
  tags: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: TICKET_TAGS_MAX })),
  anonymous_traits: Type.Optional(Type.Unsafe<unknown>({ ...NonNullJson })),
  identity_verified: Type.Optional(Nullable(Type.Boolean())),
  ai_resolved: Type.Optional(Type.Boolean()),
  escalation_reason: optional.text(10_000),
  ai_triage: Type.Optional(
    Nullable(
      Type.Object({
        status: optional.text(100),
        result: optional.text(100),
      }),
    ),
  ),
  session_id: optional.text(64),
  session_context: optional.object,
  slack_channel_id: optional.text(64),
  slack_thread_ts: optional.text(64),
  slack_team_id: optional.text(64),
  email_subject: optional.text(500),
  email_from: optional.text(320),
  email_to: optional.text(320),
  cc_participants: Type.Optional(Type.Array(Type.Unsafe<unknown>({}), { maxItems: 500 })),
  github_repo: optional.text(256),
  github_issue_number: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 2_147_483_647 }))),
  organization_id: optional.text(400),
  organization_id_source: Type.Optional(Nullable(StringEnum(['person', 'slack_channel_account']))),
  unread_team_count: optional.count,
  unread_customer_count: optional.count,
  created_at: InstantInput,
  updated_at: optional.instant,
  sla_due_at: optional.instant,
  snoozed_until: optional.instant,
  resolved_at: optional.instant,
  deleted_at: optional.instant,
  merged_into_id: Type.Optional(Nullable(Uuid)),
  person: Type.Optional(
    Nullable(
      Type.Object({
        id: Type.Optional(Uuid),
        distinct_ids: Type.Array(Type.String({ minLength: 1, maxLength: 400 }), { maxItems: 1000 }),
        properties: Type.Optional(JsonObject),
        is_identified: Type.Optional(Type.Boolean()),
        created_at: Type.Optional(InstantInput),
      }),
    ),
  ),
  messages: Type.Optional(Type.Array(ImportedMessage, { maxItems: 10_000 })),
  activities: Type.Optional(
    Type.Array(
      Type.Object({
        id: Uuid,
        activity: Type.String({ maxLength: 50 }),
        detail: JsonObject,
        actor: Type.Object({
          actor_type: StringEnum(ACTOR_TYPES),
          actor_id: optional.text(40),
          actor_email: optional.text(320),
        }),
        created_at: InstantInput,
      }),
      { maxItems: 10_000 },
    ),
  ),
});
export type ImportedTicket = Static<typeof ImportedTicket>;

export const ImportProblem = Type.Object(
  {
    line: Type.Integer(),
    field: Nullable(Type.String()),
    code: Type.String({
      description: `As in errors: ${Object.keys(ERROR_CODES).slice(0, 4).join(', ')} and so on.`,
    }),
    detail: Type.String(),
    loaded: Type.Boolean({ description: 'The ticket was loaded all the same, but for this.' }),
  },
  { title: 'ImportProblem' },
);
export type ImportProblem = Static<typeof ImportProblem>;

export const TicketImport = Type.Object(
  {
    id: Uuid,
    mode: StringEnum(IMPORT_MODES),
    state: StringEnum(IMPORT_STATES, {
      description: 'interrupted: the request broke off. Every line up to last_line is done.',
    }),
    last_line: Type.Integer(),
    created: Type.Integer(),
    updated: Type.Integer(),
    skipped: Type.Integer({ description: 'There already, and left as they are.' }),
    failed: Type.Integer({ description: 'Lines that could not be loaded.' }),
    problems: Type.Array(ImportProblem, { description: `The first ${IMPORT_PROBLEMS_MAX}.` }),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'TicketImport' },
);
export type TicketImport = Static<typeof TicketImport>;

const PATH = `${TICKETS_PATH}import/` as const;

export const ticketImports = {
  create: defineRoute({
    id: 'ticket_imports.create',
    method: 'POST',
    path: PATH,
    summary: 'Import tickets from NDJSON, as an export writes it',
    description:
      'Ids, dates and free numbers are kept; nothing is sent to anybody. Bad lines are told and the others loaded. The same file can be sent again: tickets that are there are left alone, or brought up to date with `mode=update`. To go on with an import that broke off, name it with `import`: lines that are done are passed over.',
    credentials: ['ticket:write'],
    project: 'manager',
    query: Type.Object({
      mode: Type.Optional(Type.String({ description: '`skip` (default) or `update`.' })),
      import: Type.Optional(Type.String({ description: 'id of an import to go on with.' })),
      start_line: Type.Optional(
        IntegerText({ description: 'Number of the first line that is sent, where a file comes in pieces.' }),
      ),
      more: Type.Optional(Type.String({ description: '`true`: another piece follows this one.' })),
    }),
    consumes: 'application/x-ndjson',
    responses: { 201: TicketImport },
  }),
  retrieve: defineRoute({
    id: 'ticket_imports.retrieve',
    method: 'GET',
    path: `${PATH}:import_id/`,
    summary: 'Get how far an import has come, with its bad lines',
    credentials: ['ticket:write'],
    project: 'manager',
    responses: { 200: TicketImport },
  }),
};
