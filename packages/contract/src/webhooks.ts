import Type, { type Static } from 'typebox';
import { EVENTS } from './events.ts';
import { defineRoute } from './route.ts';
import { Instant, InstantInput, JsonObject, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';

export const WEBHOOKS_PATH = '/api/projects/:project_id/webhooks/';
const WEBHOOK_PATH = `${WEBHOOKS_PATH}:webhook_id/` as const;

/** The event that webhooks.test sends. Nobody subscribes to it: it goes to the one webhook that is tested. */
export const TEST_EVENT = 'webhooks.test';

const ALIASES = Object.values(EVENTS).flatMap((event: { workflowEvent?: string }) =>
  event.workflowEvent === undefined ? [] : [event.workflowEvent],
);
/** What a webhook may subscribe to: names of events, their published names, or all. */
export const SUBSCRIBABLE: readonly string[] = [...Object.keys(EVENTS), ...ALIASES, '*'];

export const DELIVERY_STATES = ['pending', 'sending', 'delivered', 'failed'] as const;

/** Why a webhook is off: somebody turned it off, it failed for a week, or it answered 410. */
export const DISABLED_REASONS = ['manual', 'failing', 'gone'] as const;

/** What is posted to a webhook. The same body every time it is sent. */
export const WebhookMessage = Type.Object(
  {
    id: Type.String({ description: 'Also the header webhook-id: the same however often this is sent.' }),
    type: Type.String({ description: 'Name of the event.' }),
    alias: Nullable(Type.String({ description: 'Its published name, where it has one.' })),
    seq: Nullable(Type.Integer({ description: 'Number of the event in its project; null for a test.' })),
    timestamp: Instant,
    project_id: Type.Integer(),
    ticket_id: Nullable(Type.String()),
    resource_id: Type.String({ description: 'What changed.' }),
    resource_version: Type.Integer(),
    data: JsonObject,
  },
  { title: 'WebhookMessage' },
);
export type WebhookMessage = Static<typeof WebhookMessage>;

export const Webhook = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    url: Type.String(),
    events: Type.Array(Type.String()),
    enabled: Type.Boolean(),
    disabled_at: Nullable(Instant),
    disabled_reason: Nullable(StringEnum(DISABLED_REASONS)),
    breaker: StringEnum(['closed', 'open', 'half_open'], {
      description: 'open: nothing is sent until `paused_until`. half_open: one delivery at a time tries it.',
    }),
    paused_until: Nullable(Instant),
    consecutive_failures: Type.Integer(),
    failing_since: Nullable(Instant),
    previous_secret_expires_at: Nullable(Instant),
    created_at: Instant,
    updated_at: Instant,
    version: Type.Integer({ description: '+1 on every change of its settings.' }),
  },
  { title: 'Webhook' },
);
export type Webhook = Static<typeof Webhook>;

const Secret = Type.String({ description: 'whsec_…, shown this once.' });
export const WebhookWithSecret = Type.Object(
  { ...Webhook.properties, secret: Secret },
  { title: 'WebhookWithSecret' },
);
export type WebhookWithSecret = Static<typeof WebhookWithSecret>;

const Name = Type.String({ maxLength: 200 });
const Url = Type.String({
  minLength: 1,
  maxLength: 2000,
  description: 'https, or http to a host that PARLEY_OUTBOUND_ALLOW names.',
});
const Events = Type.Array(StringEnum(SUBSCRIBABLE), {
  minItems: 1,
  maxItems: 100,
  description: 'Names of events, their published names ($conversation_…), or `*`.',
});

export const WebhookCreate = Type.Object(
  { url: Url, events: Events, name: Type.Optional(Name), enabled: Type.Optional(Type.Boolean()) },
  { title: 'WebhookCreate' },
);
export type WebhookCreate = Static<typeof WebhookCreate>;

export const WebhookUpdate = Type.Object(
  {
    url: Type.Optional(Url),
    events: Type.Optional(Events),
    name: Type.Optional(Name),
    enabled: Type.Optional(Type.Boolean({ description: 'What happens while it is off is sent later.' })),
  },
  { title: 'WebhookUpdate' },
);
export type WebhookUpdate = Static<typeof WebhookUpdate>;

export const WebhookDelivery = Type.Object(
  {
    id: Uuid,
    webhook_id: Uuid,
    event: Type.String(),
    seq: Nullable(Type.Integer()),
    ticket_id: Nullable(Type.String()),
    state: StringEnum(DELIVERY_STATES),
    attempts: Type.Integer(),
    next_attempt_at: Nullable(
      Type.String({
        format: 'date-time',
        description: 'Null when it is done, or waits for an earlier one of its ticket.',
      }),
    ),
    finished_at: Nullable(Instant),
    response_status: Nullable(Type.Integer({ description: 'Of the last attempt; null without an answer.' })),
    error: Nullable(Type.String({ description: 'Why the last attempt failed.' })),
    created_at: Instant,
  },
  { title: 'WebhookDelivery' },
);
export type WebhookDelivery = Static<typeof WebhookDelivery>;

/** One try, as the log keeps it. */
export const WebhookAttempt = Type.Object(
  {
    at: Instant,
    duration_ms: Type.Integer(),
    url: Type.String(),
    response_status: Nullable(Type.Integer()),
    response_body: Type.String({ description: 'The first 1000 characters.' }),
    error: Nullable(Type.String()),
  },
  { title: 'WebhookAttempt' },
);
export type WebhookAttempt = Static<typeof WebhookAttempt>;

export const WebhookDeliveryDetail = Type.Object(
  {
    ...WebhookDelivery.properties,
    request_body: WebhookMessage,
    log: Type.Array(WebhookAttempt, { description: 'The last 20 attempts, oldest first.' }),
  },
  { title: 'WebhookDeliveryDetail' },
);
export type WebhookDeliveryDetail = Static<typeof WebhookDeliveryDetail>;

export const WebhookReplay = Type.Object(
  {
    delivery_id: Type.Optional(Type.String({ format: 'uuid', description: 'One that is done, either way.' })),
    failed_since: Type.Optional(
      Type.String({ ...InstantInput, description: 'All that failed and were created at or after this.' }),
    ),
  },
  { title: 'WebhookReplay', description: 'Exactly one of the two.' },
);
export type WebhookReplay = Static<typeof WebhookReplay>;

/** A webhook sees everything of its project, so it takes a manager, and a key that may do all the manager may. */
const MANAGER = { credentials: 'trusted', project: 'manager' } as const;

export const webhooks = {
  list: defineRoute({
    id: 'webhooks.list',
    method: 'GET',
    path: WEBHOOKS_PATH,
    summary: 'List webhooks, oldest first',
    ...MANAGER,
    query: Type.Object(PageQuery),
    responses: { 200: Page(Webhook) },
  }),
  create: defineRoute({
    id: 'webhooks.create',
    method: 'POST',
    path: WEBHOOKS_PATH,
    summary: 'Create a webhook; it gets what happens from now on',
    description: 'The signing secret is in this answer and never shown again.',
    ...MANAGER,
    body: WebhookCreate,
    idempotent: 'sealed',
    responses: { 201: WebhookWithSecret },
  }),
  events: defineRoute({
    id: 'webhooks.events',
    method: 'GET',
    path: `${WEBHOOKS_PATH}events/`,
    summary: 'Read events as webhooks get them, oldest first',
    description:
      'Needs no webhook: for development, and for programs that would rather ask than be called. Events are kept 30 days. ' +
      'Call again with `after` = `last_seq`.',
    ...MANAGER,
    query: Type.Object({
      after: Type.Optional(Type.String({ description: '`seq` of the last event you have; default 0.' })),
      limit: Type.Optional(Type.String({ description: 'At most 500; default 100.' })),
    }),
    responses: {
      200: Type.Object({
        results: Type.Array(WebhookMessage),
        last_seq: Type.Integer({ description: '`seq` of the last event of this answer, else `after`.' }),
        has_more: Type.Boolean(),
      }),
    },
  }),
  retrieve: defineRoute({
    id: 'webhooks.retrieve',
    method: 'GET',
    path: WEBHOOK_PATH,
    summary: 'Get a webhook',
    ...MANAGER,
    responses: { 200: Webhook },
  }),
  update: defineRoute({
    id: 'webhooks.update',
    method: 'PATCH',
    path: WEBHOOK_PATH,
    summary: 'Change a webhook, or turn it off and on',
    description: 'Waiting deliveries go to a new address; a new list of events holds for events from now on.',
    ...MANAGER,
    body: WebhookUpdate,
    responses: { 200: Webhook },
  }),
  delete: defineRoute({
    id: 'webhooks.delete',
    method: 'DELETE',
    path: WEBHOOK_PATH,
    summary: 'Delete a webhook and its log',
    ...MANAGER,
    responses: { 204: null },
  }),
  enable: defineRoute({
    id: 'webhooks.enable',
    method: 'POST',
    path: `${WEBHOOK_PATH}enable/`,
    summary: 'Turn a webhook on again, and close its breaker',
    description: 'What happened meanwhile is sent now, as far as events are kept (30 days).',
    ...MANAGER,
    responses: { 200: Webhook },
  }),
  rotateSecret: defineRoute({
    id: 'webhooks.rotate_secret',
    method: 'POST',
    path: `${WEBHOOK_PATH}rotate_secret/`,
    summary: 'Make a new signing secret',
    description:
      'The one before goes on signing too for some hours, so that no receiver has to change at once.',
    ...MANAGER,
    body: Type.Object({
      keep_previous_hours: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 168, description: 'Default 24; 0 ends it at once.' }),
      ),
    }),
    idempotent: 'sealed',
    responses: { 200: WebhookWithSecret },
  }),
  test: defineRoute({
    id: 'webhooks.test',
    method: 'POST',
    path: `${WEBHOOK_PATH}test/`,
    summary: 'Send a test event',
    description:
      'Sent once, at once, whatever the state of the webhook. The answer is the delivery: read it again to see how it went.',
    ...MANAGER,
    idempotent: true,
    responses: { 202: WebhookDelivery },
  }),
  deliveries: defineRoute({
    id: 'webhooks.deliveries',
    method: 'GET',
    path: `${WEBHOOK_PATH}deliveries/`,
    summary: 'List the deliveries of a webhook, newest first',
    description: 'Finished ones are kept 30 days. The links carry cursors.',
    ...MANAGER,
    query: Type.Object({
      state: Type.Optional(Type.String({ description: `${DELIVERY_STATES.join(', ')}, or a comma list.` })),
      event: Type.Optional(Type.String({ description: 'Name of an event.' })),
      ticket: Type.Optional(Type.String({ description: 'uuid of a ticket.' })),
      limit: PageQuery.limit,
      cursor: Type.Optional(Type.String({ description: 'Position from a link.' })),
    }),
    responses: { 200: Page(WebhookDelivery) },
  }),
  delivery: defineRoute({
    id: 'webhooks.delivery',
    method: 'GET',
    path: `${WEBHOOK_PATH}deliveries/:delivery_id/`,
    summary: 'Get a delivery with what was sent and answered',
    ...MANAGER,
    responses: { 200: WebhookDeliveryDetail },
  }),
  replay: defineRoute({
    id: 'webhooks.replay',
    method: 'POST',
    path: `${WEBHOOK_PATH}replay/`,
    summary: 'Send a delivery again, or all that failed since',
    description:
      'Under the same webhook-id. At most 1000 at a time, oldest first: call again while `has_more` is true.',
    ...MANAGER,
    body: WebhookReplay,
    idempotent: true,
    responses: { 200: Type.Object({ replayed: Type.Integer(), has_more: Type.Boolean() }) },
  }),
};
