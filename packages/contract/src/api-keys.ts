import Type, { type Static } from 'typebox';
import { defineRoute, SCOPES } from './route.ts';
import { Instant, NonBlank, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';

const API_KEYS_PATH = '/api/users/@me/api_keys/';

export const ApiKey = Type.Object(
  {
    id: Uuid,
    label: Type.String(),
    mask: Type.String({ description: 'Its first and last characters, to tell keys apart.' }),
    scopes: Type.Array(Type.String()),
    project_ids: Nullable(
      Type.Array(Type.Integer(), { description: 'The only projects it works on; null is all of yours.' }),
    ),
    created_at: Instant,
    last_used_at: Nullable(Instant),
  },
  { title: 'ApiKey' },
);
export type ApiKey = Static<typeof ApiKey>;

/** What a key may do, told to whoever calls with it. */
export const CurrentApiKey = Type.Pick(ApiKey, ['id', 'scopes', 'project_ids'], { title: 'CurrentApiKey' });
export type CurrentApiKey = Static<typeof CurrentApiKey>;

const NewApiKey = Type.Object(
  { ...ApiKey.properties, key: Type.String({ description: 'The key itself, shown this once.' }) },
  { title: 'NewApiKey' },
);

const Label = NonBlank(100);
const Scopes = Type.Array(StringEnum(SCOPES), { maxItems: 20 });
const ProjectIds = Nullable(Type.Array(Type.Integer(), { minItems: 1, maxItems: 100 }));

export const apiKeys = {
  list: defineRoute({
    id: 'api_keys.list',
    method: 'GET',
    path: API_KEYS_PATH,
    summary: 'List your API keys, newest first',
    credentials: 'trusted',
    query: Type.Object(PageQuery),
    responses: { 200: Page(ApiKey) },
  }),
  create: defineRoute({
    id: 'api_keys.create',
    method: 'POST',
    path: API_KEYS_PATH,
    summary: 'Create an API key',
    description: 'The key is in this answer and never shown again. A key without scopes may do nothing.',
    credentials: 'session',
    idempotent: 'sealed',
    body: Type.Object({
      label: Label,
      scopes: Scopes,
      project_ids: Type.Optional(ProjectIds),
    }),
    responses: { 201: NewApiKey },
  }),
  retrieveCurrent: defineRoute({
    id: 'api_keys.retrieve_current',
    method: 'GET',
    path: `${API_KEYS_PATH}@current/`,
    summary: 'Get what the API key of this request may do',
    description: 'Any valid key may ask. 404 without a key.',
    credentials: 'any',
    responses: { 200: CurrentApiKey },
  }),
  update: defineRoute({
    id: 'api_keys.update',
    method: 'PATCH',
    path: `${API_KEYS_PATH}:key_id/`,
    summary: 'Change what an API key is called or may do',
    credentials: 'session',
    body: Type.Object({
      label: Type.Optional(Label),
      scopes: Type.Optional(Scopes),
      project_ids: Type.Optional(ProjectIds),
    }),
    responses: { 200: ApiKey },
  }),
  delete: defineRoute({
    id: 'api_keys.delete',
    method: 'DELETE',
    path: `${API_KEYS_PATH}:key_id/`,
    summary: 'Revoke an API key, at once',
    credentials: 'trusted',
    responses: { 204: null },
  }),
};
