import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Page, PageQuery, StringEnum } from './schemas.ts';

export const TAGS_PATH = '/api/projects/:project_id/conversations/tags/';

export const Tag = Type.Object(
  {
    name: Type.String(),
    created_at: Instant,
    ticket_count: Type.Optional(
      Type.Integer({ description: 'With counts=true: tickets that have it, without deleted ones.' }),
    ),
  },
  { title: 'Tag' },
);
export type Tag = Static<typeof Tag>;

export const TagListQuery = Type.Object({
  ...PageQuery,
  search: Type.Optional(Type.String({ description: 'Part of the name; ignores case.' })),
  counts: Type.Optional(StringEnum(['true', 'false'], { description: 'Adds `ticket_count`.' })),
});
export type TagListQuery = Static<typeof TagListQuery>;

export const tags = {
  list: defineRoute({
    id: 'tags.list',
    method: 'GET',
    path: TAGS_PATH,
    summary: 'List the tags in use, by name',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: TagListQuery,
    responses: { 200: Page(Tag) },
    mcpTool: 'conversations-tags-list',
  }),
};
