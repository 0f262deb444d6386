import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, JsonObject, Nullable, StringEnum } from './schemas.ts';
import { UNDO_SECONDS_MAX } from './undo.ts';

const PREFERENCES_PATH = '/api/users/@me/preferences/';
const PROJECT_PREFERENCES_PATH = '/api/projects/:project_id/preferences/';

export const NOTIFICATION_KINDS = [
  'assigned',
  'mentioned',
  'customer_replied',
  'sla_at_risk',
  'sla_breached',
  'new_ticket',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];
export const NOTIFICATION_CHANNELS = ['in_app', 'browser', 'email', 'sound'] as const;
export type NotificationChannel = (typeof NOTIFICATION_CHANNELS)[number];

export const THEMES = ['light', 'dark', 'system'] as const;
export const DENSITIES = ['comfortable', 'compact'] as const;
export const AFTER_SEND = ['stay', 'next', 'list'] as const;

/** Most bindings of keys, and of what a client keeps of its own, in characters. */
export const KEY_BINDINGS_MAX = 200;
export const CLIENT_STATE_MAX = 16_384;

const switches = <const T extends readonly string[], V>(names: T, value: (name: T[number]) => V) =>
  // Object.fromEntries forgets the names.
  Object.fromEntries(names.map((name) => [name, value(name)])) as Record<T[number], V>;

const Channels = Type.Object(
  switches(NOTIFICATION_CHANNELS, () => Type.Boolean()),
  { title: 'NotificationChannels' },
);
const ChannelsUpdate = Type.Object(
  switches(NOTIFICATION_CHANNELS, () => Type.Optional(Type.Boolean())),
  { title: 'NotificationChannelsUpdate', additionalProperties: false },
);

const keys = { maxLength: 64, minLength: 1 } as const;
const clientState = Type.Optional(
  Type.Unsafe<Record<string, unknown>>({
    ...JsonObject,
    description: `What a client keeps for itself: replaced whole, at most ${CLIENT_STATE_MAX} characters serialised.`,
  }),
);

/** What a person prefers, everywhere. */
export const Preferences = Type.Object(
  {
    theme: StringEnum(THEMES),
    density: StringEnum(DENSITIES),
    locale: Nullable(Type.String({ description: 'A language tag; null follows the browser.' })),
    timezone: Nullable(Type.String({ description: 'An IANA name; null follows the browser.' })),
    send_on_enter: Type.Boolean(),
    after_send: StringEnum(AFTER_SEND),
    undo_seconds: Nullable(Type.Integer({ description: 'Null follows the project.' })),
    key_bindings: Type.Unsafe<Record<string, string>>({
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Keys by the name of what they do; what is not named keeps its own.',
    }),
    notifications: Type.Object(switches(NOTIFICATION_KINDS, () => Channels)),
    client_state: JsonObject,
    version: Type.Integer({ description: '+1 each time they are changed; 0 when they never were.' }),
    updated_at: Nullable(Instant),
  },
  { title: 'Preferences' },
);
export type Preferences = Static<typeof Preferences>;

export const PreferencesUpdate = Type.Object(
  {
    theme: Type.Optional(Nullable(StringEnum(THEMES))),
    density: Type.Optional(Nullable(StringEnum(DENSITIES))),
    locale: Type.Optional(Nullable(Type.String({ maxLength: 35 }))),
    timezone: Type.Optional(Nullable(Type.String({ maxLength: 64 }))),
    send_on_enter: Type.Optional(Nullable(Type.Boolean())),
    after_send: Type.Optional(Nullable(StringEnum(AFTER_SEND))),
    undo_seconds: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: UNDO_SECONDS_MAX }))),
    key_bindings: Type.Optional(
      Type.Unsafe<Record<string, string | null>>({
        type: 'object',
        propertyNames: keys,
        additionalProperties: { type: ['string', 'null'], ...keys },
        description: 'Merged by name; null gives an action its own keys back.',
      }),
    ),
    notifications: Type.Optional(
      Type.Object(
        switches(NOTIFICATION_KINDS, () => Type.Optional(ChannelsUpdate)),
        { additionalProperties: false, description: 'Merged by kind and channel.' },
      ),
    ),
    client_state: clientState,
  },
  {
    title: 'PreferencesUpdate',
    additionalProperties: false,
    description: 'Only what is sent changes; null takes a choice back.',
  },
);
export type PreferencesUpdate = Static<typeof PreferencesUpdate>;

const columns = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 50, uniqueItems: true });

/** What a person prefers in one project: what its lists show. */
export const ProjectPreferences = Type.Object(
  {
    columns: Nullable(columns),
    order_by: Nullable(Type.String()),
    client_state: JsonObject,
    version: Type.Integer(),
    updated_at: Nullable(Instant),
  },
  { title: 'ProjectPreferences' },
);
export type ProjectPreferences = Static<typeof ProjectPreferences>;

export const ProjectPreferencesUpdate = Type.Object(
  {
    columns: Type.Optional(Nullable(columns)),
    order_by: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 64 }))),
    client_state: clientState,
  },
  { title: 'ProjectPreferencesUpdate', additionalProperties: false },
);
export type ProjectPreferencesUpdate = Static<typeof ProjectPreferencesUpdate>;

export const preferences = {
  retrieve: defineRoute({
    id: 'preferences.retrieve',
    method: 'GET',
    path: PREFERENCES_PATH,
    summary: 'Get your preferences',
    credentials: 'trusted',
    responses: { 200: Preferences },
  }),
  update: defineRoute({
    id: 'preferences.update',
    method: 'PATCH',
    path: PREFERENCES_PATH,
    summary: 'Change your preferences',
    credentials: 'trusted',
    body: PreferencesUpdate,
    responses: { 200: Preferences },
  }),
  retrieveProject: defineRoute({
    id: 'preferences.retrieve_project',
    method: 'GET',
    path: PROJECT_PREFERENCES_PATH,
    summary: 'Get your preferences for the lists of a project',
    credentials: 'trusted',
    project: 'viewer',
    responses: { 200: ProjectPreferences },
  }),
  updateProject: defineRoute({
    id: 'preferences.update_project',
    method: 'PATCH',
    path: PROJECT_PREFERENCES_PATH,
    summary: 'Change your preferences for the lists of a project',
    credentials: 'trusted',
    project: 'viewer',
    body: ProjectPreferencesUpdate,
    responses: { 200: ProjectPreferences },
  }),
};
