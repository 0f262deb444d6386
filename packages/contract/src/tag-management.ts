import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, NonBlank, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';
import { TAGS_PATH } from './tags.ts';

const TAG_PATH = `${TAGS_PATH}:name/` as const;
const OPERATIONS_PATH = `${TAGS_PATH}operations/` as const;

export const TAG_MAX_LENGTH = 255;
/** Most tags merged in one call. */
export const TAG_MERGE_MAX = 100;

export const TAG_OPERATION_KINDS = ['rename', 'merge', 'delete'] as const;
export type TagOperationKind = (typeof TAG_OPERATION_KINDS)[number];

export const TagOperation = Type.Object(
  {
    id: Uuid,
    kind: StringEnum(TAG_OPERATION_KINDS),
    from: Type.Array(Type.String(), { description: 'The tags that go.' }),
    into: Nullable(Type.String({ description: 'The tag in their place; null: none.' })),
    state: StringEnum(['running', 'done']),
    tickets_total: Type.Integer({ description: 'Tickets that had one of the tags at the beginning, about.' }),
    tickets_changed: Type.Integer(),
    created_at: Instant,
    finished_at: Nullable(Instant),
  },
  { title: 'TagOperation' },
);
export type TagOperation = Static<typeof TagOperation>;

const tagName = NonBlank(TAG_MAX_LENGTH);

export const TagRename = Type.Object({ name: tagName }, { title: 'TagRename' });
export const TagMerge = Type.Object(
  { from: Type.Array(tagName, { minItems: 1, maxItems: TAG_MERGE_MAX }), into: tagName },
  { title: 'TagMerge' },
);

const IN_THE_BACKGROUND =
  'The list of tags, views and quick actions follow at once, tickets in the background; `tags.operation` says how far it is.';
const manage = { credentials: ['ticket:write'], project: 'manager' } as const;
const read = { credentials: ['ticket:read'], project: 'viewer' } as const;

export const tagManagement = {
  rename: defineRoute({
    id: 'tags.rename',
    method: 'PATCH',
    path: TAG_PATH,
    summary: 'Rename a tag',
    description: `There must be no tag of the new name; that would be a merge. ${IN_THE_BACKGROUND}`,
    ...manage,
    body: TagRename,
    responses: { 202: TagOperation },
  }),
  merge: defineRoute({
    id: 'tags.merge',
    method: 'POST',
    path: `${TAGS_PATH}merge/`,
    summary: 'Put one tag in the place of several',
    description: `\`into\` need not exist yet. ${IN_THE_BACKGROUND}`,
    ...manage,
    body: TagMerge,
    idempotent: true,
    responses: { 202: TagOperation },
  }),
  delete: defineRoute({
    id: 'tags.delete',
    method: 'DELETE',
    path: TAG_PATH,
    summary: 'Take a tag off all tickets',
    description: IN_THE_BACKGROUND,
    ...manage,
    responses: { 202: TagOperation },
  }),
  operations: defineRoute({
    id: 'tags.operations',
    method: 'GET',
    path: OPERATIONS_PATH,
    summary: 'List renamed, merged and deleted tags, newest first',
    ...read,
    query: Type.Object(PageQuery),
    responses: { 200: Page(TagOperation) },
  }),
  operation: defineRoute({
    id: 'tags.operation',
    method: 'GET',
    path: `${OPERATIONS_PATH}:operation_id/`,
    summary: 'See how far renaming, merging or deleting tags is',
    ...read,
    responses: { 200: TagOperation },
  }),
};
