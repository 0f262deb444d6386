import Type, { type Static } from 'typebox';
import { Project } from './projects.ts';
import { defineRoute, MEMBERSHIP_LEVELS } from './route.ts';
import { Instant, JsonObject, NonBlank, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';

/** How a user is shown wherever one stands beside something (tickets-api.md 4.1, created_by). */
export const BasicUser = Type.Object(
  {
    id: Type.Integer(),
    uuid: Uuid,
    distinct_id: Type.String(),
    first_name: Type.String(),
    last_name: Type.String(),
    email: Type.String(),
    is_email_verified: Type.Boolean(),
    hedgehog_config: JsonObject,
    role_at_organization: Nullable(Type.String()),
  },
  { title: 'BasicUser' },
);
export type BasicUser = Static<typeof BasicUser>;

export const CurrentUser = Type.Object(
  {
    ...BasicUser.properties,
    created_at: Instant,
    organizations: Type.Array(
      Type.Object({
        id: Uuid,
        name: Type.String(),
        level: StringEnum(MEMBERSHIP_LEVELS),
      }),
    ),
    current_project_id: Nullable(Type.Integer({ description: 'What `@current` stands for.' })),
    current_project: Nullable(Project),
  },
  { title: 'CurrentUser' },
);
export type CurrentUser = Static<typeof CurrentUser>;

export const Session = Type.Object(
  {
    id: Type.Integer(),
    is_current: Type.Boolean(),
    ip_address: Nullable(Type.String()),
    user_agent: Nullable(Type.String()),
    created_at: Instant,
    expires_at: Instant,
  },
  { title: 'Session' },
);
export type Session = Static<typeof Session>;

export const EmailAddress = Type.String({ format: 'email', maxLength: 254 });
/** Of a password that is being set, in characters. */
export const PASSWORD_LENGTH = { min: 8, max: 128 };
const NewPassword = Type.String({ minLength: PASSWORD_LENGTH.min, maxLength: PASSWORD_LENGTH.max });
/** A password that is compared, not set: any length a person may have typed. */
export const PasswordInput = Type.String({ minLength: 1, maxLength: 1000 });
export const PersonName = Type.String({ maxLength: 150 });

const SESSIONS_PATH = '/api/users/@me/sessions/';

export const users = {
  retrieve: defineRoute({
    id: 'users.retrieve',
    method: 'GET',
    path: '/api/users/@me/',
    summary: 'Get yourself, your organizations and your current project',
    credentials: 'any',
    responses: { 200: CurrentUser },
  }),
  update: defineRoute({
    id: 'users.update',
    method: 'PATCH',
    path: '/api/users/@me/',
    summary: 'Change your name or your current project',
    credentials: 'trusted',
    body: Type.Object({
      first_name: Type.Optional(PersonName),
      last_name: Type.Optional(PersonName),
      current_project_id: Type.Optional(Nullable(Type.Integer())),
    }),
    responses: { 200: CurrentUser },
  }),
  changePassword: defineRoute({
    id: 'users.change_password',
    method: 'POST',
    path: '/api/users/@me/password/',
    summary: 'Change your password and end all your other sessions',
    credentials: 'session',
    rateLimit: 'login',
    body: Type.Object({ current_password: PasswordInput, new_password: NewPassword }),
    responses: { 204: null },
  }),
};

export const sessions = {
  create: defineRoute({
    id: 'sessions.create',
    method: 'POST',
    path: '/api/sessions/',
    summary: 'Sign in with email and password; the answer sets the session cookie',
    description: 'Limited per account and per address: 429 with Retry-After.',
    credentials: 'public',
    rateLimit: 'login',
    body: Type.Object({
      email: NonBlank(254),
      password: PasswordInput,
    }),
    responses: { 200: CurrentUser },
  }),
  list: defineRoute({
    id: 'sessions.list',
    method: 'GET',
    path: SESSIONS_PATH,
    summary: 'List where you are signed in, newest first',
    credentials: 'trusted',
    query: Type.Object(PageQuery),
    responses: { 200: Page(Session) },
  }),
  deleteAll: defineRoute({
    id: 'sessions.delete_all',
    method: 'DELETE',
    path: SESSIONS_PATH,
    summary: 'Sign out everywhere',
    credentials: 'trusted',
    responses: { 204: null },
  }),
  delete: defineRoute({
    id: 'sessions.delete',
    method: 'DELETE',
    path: `${SESSIONS_PATH}:session_id/`,
    summary: 'End one session; `current` is the one of this request',
    credentials: 'trusted',
    responses: { 204: null },
  }),
};
