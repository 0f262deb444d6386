import Type, { type Static } from 'typebox';
import { BasicUser } from './people.ts';
import { defineRoute } from './route.ts';
import { AnyJson, Instant, NonBlank, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';
import { CHANNEL_SOURCES } from './tickets.ts';

const CONTENT_ARTICLES_PATH = '/api/projects/:project_id/conversations/content_articles/';
const CONTENT_ARTICLE_PATH = `${CONTENT_ARTICLES_PATH}:id/` as const;

/** Longest serialised embeddings, in characters. */
export const EMBEDDINGS_MAX = 100_000;

const channels = Type.Array(StringEnum(CHANNEL_SOURCES), {
  maxItems: 20,
  description: 'Empty: all of them.',
});

/** tickets-api.md 4.4. */
export const ContentArticle = Type.Object(
  {
    id: Uuid,
    title: Type.String(),
    body: Type.String(),
    is_enabled: Type.Boolean(),
    channels,
    embeddings: AnyJson,
    created_by: Nullable(BasicUser),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'ContentArticle' },
);
export type ContentArticle = Static<typeof ContentArticle>;

const fields = {
  body: Type.Optional(Type.String({ maxLength: 100_000 })),
  is_enabled: Type.Optional(Type.Boolean()),
  channels: Type.Optional(channels),
  embeddings: Type.Optional(
    Type.Unsafe<unknown>({ description: `Any JSON; at most ${EMBEDDINGS_MAX} characters serialised.` }),
  ),
};
export const ContentArticleCreate = Type.Object(
  { title: NonBlank(500), ...fields },
  { title: 'ContentArticleCreate' },
);
export type ContentArticleCreate = Static<typeof ContentArticleCreate>;
export const ContentArticleUpdate = Type.Object(
  { title: Type.Optional(NonBlank(500)), ...fields },
  { title: 'ContentArticleUpdate' },
);
export type ContentArticleUpdate = Static<typeof ContentArticleUpdate>;

export const ContentArticleListQuery = Type.Object({
  ...PageQuery,
  is_enabled: Type.Optional(
    Type.String({ description: '`true` in any case; anything else lists those that are not.' }),
  ),
  search: Type.Optional(Type.String({ description: 'Part of the title; up to 200 characters.' })),
});
export type ContentArticleListQuery = Static<typeof ContentArticleListQuery>;

const read = { credentials: ['ticket:read'], project: 'viewer' } as const;
const write = { credentials: ['ticket:write'], project: 'editor' } as const;

/** What the AI may answer from. */
export const contentArticles = {
  list: defineRoute({
    id: 'content_articles.list',
    method: 'GET',
    path: CONTENT_ARTICLES_PATH,
    summary: 'List content articles, newest first',
    ...read,
    query: ContentArticleListQuery,
    responses: { 200: Page(ContentArticle) },
  }),
  create: defineRoute({
    id: 'content_articles.create',
    method: 'POST',
    path: CONTENT_ARTICLES_PATH,
    summary: 'Create a content article',
    ...write,
    body: ContentArticleCreate,
    idempotent: true,
    responses: { 201: ContentArticle },
  }),
  retrieve: defineRoute({
    id: 'content_articles.retrieve',
    method: 'GET',
    path: CONTENT_ARTICLE_PATH,
    summary: 'Get a content article',
    ...read,
    responses: { 200: ContentArticle },
  }),
  update: defineRoute({
    id: 'content_articles.update',
    method: 'PATCH',
    path: CONTENT_ARTICLE_PATH,
    summary: 'Change fields of a content article',
    ...write,
    body: ContentArticleUpdate,
    responses: { 200: ContentArticle },
  }),
  replace: defineRoute({
    id: 'content_articles.replace',
    method: 'PUT',
    path: CONTENT_ARTICLE_PATH,
    summary: 'Change fields of a content article (the same as PATCH, with a title)',
    ...write,
    body: ContentArticleCreate,
    responses: { 200: ContentArticle },
  }),
  delete: defineRoute({
    id: 'content_articles.delete',
    method: 'DELETE',
    path: CONTENT_ARTICLE_PATH,
    summary: 'Delete a content article for good',
    ...write,
    responses: { 204: null },
  }),
};
