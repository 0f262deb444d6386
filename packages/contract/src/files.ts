import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Nullable, Uuid } from './schemas.ts';

/** Of one file, in bytes. */
export const FILE_MAX = 20 * 1024 * 1024;
export const FILES_PER_MESSAGE_MAX = 20;
export const FILE_NAME_MAX = 255;

export const StoredFile = Type.Object(
  {
    id: Uuid,
    name: Type.String({ description: 'Cleaned (channels.md 1.6).' }),
    media_type: Type.String({ description: 'As the bytes say, whatever the name says.' }),
    size: Type.Integer({ description: 'In bytes.' }),
    is_image: Type.Boolean({ description: 'Shown in place. Everything else is only ever downloaded.' }),
    width: Nullable(Type.Integer({ description: 'Of an image, in pixels.' })),
    height: Nullable(Type.Integer()),
    url: Type.String({ description: 'Whoever has it can read the file.' }),
    created_at: Instant,
  },
  { title: 'StoredFile' },
);
export type StoredFile = Static<typeof StoredFile>;

/** What a message takes along. */
export const FileIds = Type.Optional(
  Type.Array(Uuid, {
    maxItems: FILES_PER_MESSAGE_MAX,
    description: 'Files that you uploaded and no message holds yet. The message may then be empty.',
  }),
);

/** What uploads have in common: the bytes are the body, and the name is in the query. */
export const upload = {
  method: 'POST',
  query: Type.Object({
    name: Type.Optional(Type.String({ description: 'Default `attachment`. Cut to 255 characters.' })),
  }),
  consumes: 'application/octet-stream',
  responses: { 201: StoredFile },
} as const;

export const files = {
  upload: defineRoute({
    id: 'files.upload',
    path: '/api/projects/:project_id/conversations/files/',
    summary: 'Upload a file for a message',
    description:
      'At most 20 MB of any type. Name its id in `file_ids` of a reply, or its url in the text. What no message holds a day later is removed.',
    credentials: ['ticket:reply', 'ticket:write'],
    project: 'editor',
    ...upload,
  }),
};
