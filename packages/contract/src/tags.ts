import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Page, PageQuery } from './schemas.ts';

export const Tag = Type.Object({ name: Type.String(), created_at: Instant }, { title: 'Tag' });
export type Tag = Static<typeof Tag>;

export const TagListQuery = Type.Object({
  ...PageQuery,
  search: Type.Optional(Type.String({ description: 'Part of the name; ignores case.' })),
});
export type TagListQuery = Static<typeof TagListQuery>;

export const tags = {
  list: defineRoute({
    id: 'tags.list',
    method: 'GET',
    path: '/api/projects/:project_id/conversations/tags/',
    summary: 'List the tags in use, by name',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: TagListQuery,
    responses: { 200: Page(Tag) },
  }),
};
