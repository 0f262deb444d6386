import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, InstantInput, Nullable, StringEnum, Uuid } from './schemas.ts';
import { Assignee, TICKET_PRIORITIES, TICKET_STATUSES, Ticket } from './tickets.ts';

const EXTERNAL_TICKET_PATH = '/api/conversations/external/ticket/:ticket_id';

export const SLA_UNITS = ['minute', 'hour', 'day'] as const;

const shown = Ticket.properties;

/** A ticket as other systems see it (tickets-api.md 4.7). */
export const ExternalTicket = Type.Object(
  {
    id: Uuid,
    number: Type.Integer(),
    status: shown.status,
    priority: shown.priority,
    channel_source: shown.channel_source,
    channel_detail: shown.channel_detail,
    distinct_id: Type.String(),
    created_at: Instant,
    updated_at: Instant,
    message_count: Type.Integer(),
    last_message_at: Nullable(Instant),
    last_message_text: Nullable(Type.String()),
    unread_team_count: Type.Integer(),
    unread_customer_count: Type.Integer(),
    sla: Nullable(Instant),
    snoozed_until: Nullable(Instant),
    assignee: Nullable(Assignee),
    url: Nullable(Type.String({ description: 'Where the customer was when they wrote.' })),
    slack_channel_id: Nullable(Type.String()),
    slack_thread_ts: Nullable(Type.String()),
    slack_team_id: Nullable(Type.String()),
    email_subject: Nullable(Type.String()),
    email_from: Nullable(Type.String()),
    email_to: Nullable(Type.String()),
    cc_participants: shown.cc_participants,
    tags: Type.Array(Type.String()),
    first_customer_message_text: Type.Optional(
      Nullable(Type.String({ description: 'The first words of the customer, up to 200 bytes.' })),
    ),
  },
  { title: 'ExternalTicket' },
);
export type ExternalTicket = Static<typeof ExternalTicket>;

export const ExternalTicketQuery = Type.Object({
  include_first_customer_message_text: Type.Optional(
    Type.String({ description: '`true` adds `first_customer_message_text`.' }),
  ),
});
export type ExternalTicketQuery = Static<typeof ExternalTicketQuery>;

const BUSINESS_HOURS =
  `Count only working time: \`{"days": ["monday", …], "time": "any" or ["09:00", "17:00"],
"timezone": IANA name}\`, where the time zone is the project's unless named, or \`"project"\` for the working hours and
holidays of the project.`.replaceAll('\n', ' ');

/** Changes to a ticket as other systems send them (tickets-api.md 4.7). */
export const ExternalTicketUpdate = Type.Object(
  {
    status: Type.Optional(StringEnum(TICKET_STATUSES)),
    priority: Type.Optional(StringEnum(TICKET_PRIORITIES)),
    sla_due_at: Type.Optional(Nullable(InstantInput)),
    sla_amount: Type.Optional(
      Type.Number({
        description: 'A deadline this far from now; more than 0. Not together with sla_due_at.',
      }),
    ),
    sla_unit: Type.Optional(StringEnum(SLA_UNITS, { description: 'Default hour.' })),
    sla_business_hours: Type.Optional(Type.Unsafe<unknown>({ description: BUSINESS_HOURS })),
    snoozed_until: Type.Optional(Nullable(InstantInput)),
    assignee: Type.Optional(
      Type.Unsafe<unknown>({
        description: '{"type": "user", "id": integer} or {"type": "role", "id": uuid}, or null to clear it.',
      }),
    ),
    tags: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 })),
    tags_mode: Type.Optional(StringEnum(['add', 'set', 'remove'], { description: 'Default add.' })),
  },
  { title: 'ExternalTicketUpdate' },
);
export type ExternalTicketUpdate = Static<typeof ExternalTicketUpdate>;

export const Done = Type.Object({ ok: Type.Literal(true) });

const secret = {
  path: EXTERNAL_TICKET_PATH,
  credentials: 'project_secret',
  project: 'editor',
  errors: 'plain',
} as const;

export const externalTickets = {
  retrieve: defineRoute({
    id: 'external_tickets.retrieve',
    method: 'GET',
    summary: 'Get a ticket, with a secret of its project',
    description: 'Marks nothing as read.',
    ...secret,
    secretScope: 'support_ticket:read',
    query: ExternalTicketQuery,
    responses: { 200: ExternalTicket },
  }),
  update: defineRoute({
    id: 'external_tickets.update',
    method: 'PATCH',
    summary: 'Change a ticket, with a secret of its project',
    description:
      'The header X-PostHog-Hog-Flow-Id with the uuid of a workflow marks what follows as set off by it.',
    ...secret,
    body: ExternalTicketUpdate,
    form: true,
    responses: { 200: Done },
  }),
};
