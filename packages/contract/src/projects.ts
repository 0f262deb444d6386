import Type, { type Static } from 'typebox';
import { ResponseTargetGroup } from './response-target-group.ts';
import { RESPONSE_TARGETS_MAX } from './response-targets.ts';
import { ACCESS_LEVELS, defineRoute } from './route.ts';
import { Instant, JsonObject, NonBlank, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';
import { UNDO_SECONDS_MAX } from './undo.ts';

export const PROJECT_PATH = '/api/projects/:project_id/';

export const Project = Type.Object(
  {
    id: Type.Integer(),
    organization: Uuid,
    name: Type.String(),
    timezone: Type.String({ description: 'IANA name; days of this project start in it.' }),
    token: Type.String({ description: 'Public: web pages name the project by it.' }),
    conversations_enabled: Type.Boolean(),
    conversations_settings: JsonObject,
    created_at: Instant,
    access_level: StringEnum(ACCESS_LEVELS, { description: 'Yours in it.' }),
  },
  { title: 'Project' },
);
export type Project = Static<typeof Project>;

const Name = NonBlank(200);
const Timezone = NonBlank(64, { description: 'An IANA name such as Europe/Berlin.' });
const Text = (maxLength: number, options: object = {}) =>
  Type.Optional(Nullable(Type.String({ maxLength, ...options })));

export const WIDGET_POSITIONS = ['bottom_right', 'bottom_left', 'top_right', 'top_left'] as const;

/** Settings Parley knows; others are kept as they are sent. */
export const ConversationsSettings = Type.Object(
  {
    email_enabled: Type.Optional(Type.Boolean()),
    widget_enabled: Type.Optional(
      Type.Boolean({
        description: 'Whether the launcher shows by itself; pages can open the widget anyway.',
      }),
    ),
    widget_greeting_text: Text(2000),
    widget_color: Text(7, { description: 'Such as #1d4aff.' }),
    widget_placeholder_text: Text(200),
    widget_require_email: Type.Optional(Type.Boolean()),
    widget_collect_name: Type.Optional(Type.Boolean()),
    widget_identification_form_title: Text(200),
    widget_identification_form_description: Text(1000),
    widget_domains: Type.Optional(
      Type.Array(Type.String({ maxLength: 300 }), {
        maxItems: 100,
        description:
          'Sites that customers may write from: hosts or addresses, whose port and scheme do not matter; `*.example.com` also is example.com. Empty: from everywhere, and nobody is mailed a way back to their tickets.',
      }),
    ),
    widget_position: Type.Optional(Nullable(StringEnum(WIDGET_POSITIONS))),
    widget_restore_enabled: Type.Optional(
      Type.Boolean({ description: 'Whether customers may be mailed a way back to their tickets.' }),
    ),
    undo_send_seconds: Type.Optional(
      Nullable(
        Type.Integer({
          minimum: 0,
          maximum: UNDO_SECONDS_MAX,
          description: 'How long the inbox lets a reply be taken back; 0 sends at once. 10 unless it is set.',
        }),
      ),
    ),
    response_target_groups: Type.Optional(
      Nullable(
        Type.Array(ResponseTargetGroup, {
          minItems: 1,
          maxItems: RESPONSE_TARGETS_MAX,
          description:
            'How soon tickets want an answer, lowest first: a ticket belongs to the highest group that has one of its tags, else to the first.',
        }),
      ),
    ),
    status_rules: Type.Optional(
      Type.Object(
        {
          reply_opens_new: Type.Optional(Type.Boolean()),
          customer_reopens: Type.Optional(Type.Boolean()),
          follow_up_after_days: Type.Optional(
            Nullable(
              Type.Integer({
                minimum: 1,
                maximum: 3650,
                description:
                  'A customer message on a ticket resolved longer ago opens a linked new one; null never.',
              }),
            ),
          ),
        },
        { additionalProperties: true },
      ),
    ),
    capture_workflow_emails: Type.Optional(
      Type.Boolean({
        description:
          'Whether e-mails that workflows sent by themselves are put into threads. On unless it is set.',
      }),
    ),
    notification_recipients: Type.Optional(
      Type.Array(Type.String({ format: 'email', maxLength: 254 }), { maxItems: 50 }),
    ),
    ai_base_url: Text(2000, {
      description: 'Changing it removes the stored `ai_api_key`, unless the same request sends one.',
    }),
    ai_model: Text(200),
    ai_api_key: Type.Optional(
      Nullable(
        Type.String({
          maxLength: 2000,
          description: 'Never read back: `ai_api_key_set` says whether there is one.',
        }),
      ),
    ),
    ai_assistant_name: Text(100),
  },
  {
    title: 'ConversationsSettings',
    additionalProperties: true,
    description:
      'Merged key by key into what is there; null removes a key that is not a switch. Up to 20,000 characters of JSON in all.',
  },
);
export type ConversationsSettings = Static<typeof ConversationsSettings>;

export const ProjectUpdate = Type.Object(
  {
    name: Type.Optional(Name),
    timezone: Type.Optional(Timezone),
    conversations_enabled: Type.Optional(Type.Boolean()),
    conversations_settings: Type.Optional(ConversationsSettings),
  },
  { title: 'ProjectUpdate' },
);
export type ProjectUpdate = Static<typeof ProjectUpdate>;

/** Any key that may do something may find out where. */
const anyScope = { credentials: ['ticket:read', 'ticket:reply', 'conversation:read'] } as const;

export const projects = {
  list: defineRoute({
    id: 'projects.list',
    method: 'GET',
    path: '/api/projects/',
    summary: 'List the projects you can access',
    ...anyScope,
    query: Type.Object(PageQuery),
    responses: { 200: Page(Project) },
  }),
  create: defineRoute({
    id: 'projects.create',
    method: 'POST',
    path: '/api/organizations/:organization_id/projects/',
    summary: 'Create a project',
    credentials: 'trusted',
    organization: 'admin',
    idempotent: true,
    body: Type.Object({ name: Name, timezone: Type.Optional(Timezone) }),
    responses: { 201: Project },
  }),
  retrieve: defineRoute({
    id: 'projects.retrieve',
    method: 'GET',
    path: PROJECT_PATH,
    summary: 'Get a project; `@current` is your current one',
    ...anyScope,
    project: 'viewer',
    responses: { 200: Project },
  }),
  update: defineRoute({
    id: 'projects.update',
    method: 'PATCH',
    path: PROJECT_PATH,
    summary: 'Change a project and its settings',
    credentials: 'trusted',
    project: 'manager',
    body: ProjectUpdate,
    responses: { 200: Project },
  }),
  generateConversationsPublicToken: defineRoute({
    id: 'projects.generate_conversations_public_token',
    method: 'POST',
    path: `${PROJECT_PATH}generate_conversations_public_token/`,
    summary: 'Make a new public token for the widget',
    description:
      'It is `widget_public_token` of the settings. Pages that are open hold the old one, which stops working, until they are loaded again.',
    credentials: 'trusted',
    project: 'manager',
    responses: { 200: Project },
  }),
  delete: defineRoute({
    id: 'projects.delete',
    method: 'DELETE',
    path: PROJECT_PATH,
    summary: 'Delete a project with everything in it',
    description: 'For admins and owners of its organization who manage the project.',
    credentials: 'trusted',
    project: 'manager',
    responses: { 204: null },
  }),
};
