import { Readable } from 'node:stream';
import { FILE_MAX } from '@parley/contract/files';
import type { FastifyRequest } from 'fastify';
import type { Actor, Project } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import { readUpload } from '#platform/http/uploads.ts';
import { newId, newToken } from '#platform/ids.ts';
import type { FileStorage } from '#platform/storage/file-storage.ts';
import type { Incoming, TemporaryFile } from '#platform/storage/temporary-file.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { cleanFileName } from './file-name.ts';
import { type FileType, readFileType, requireCustomerType } from './file-type.ts';
import * as repo from './files.repo.ts';

export interface FileParts {
  storage: FileStorage;
  incoming: Incoming;
}

export interface Upload {
  project: Project;
  actor: Actor;
  /** Who alone may put it into a message. */
  uploader: string;
  name: string | undefined;
  /** Customers send fewer types, and less that is in no message. */
  isCustomer: boolean;
}

/** What one uploader may have that no message holds. */
const UNHELD_MAX = {
  customer: { files: 40, bytes: 10 * FILE_MAX },
  team: { files: 1000, bytes: 100 * FILE_MAX },
};

/**
 * Takes in a file while it arrives. Its row is there before its bytes are in the storage, so that whatever becomes of this
 * process, the purge finds what is left of it.
 */
export async function storeUpload(
  unitOfWork: UnitOfWork,
  { storage, incoming }: FileParts,
  request: FastifyRequest,
  upload: Upload,
): Promise<repo.FileRow> {
  const { project, actor, isCustomer } = upload;
  await unitOfWork.read(actor, ({ tx }) => checkRoom(tx, upload, 1));
  const file = await incoming.keep(readFile(request));
  try {
    const type = await readFileType(file.head, file.head.length === file.size);
    if (isCustomer) requireCustomerType(type);
    const row = await unitOfWork.run(actor, async ({ tx, now }) => {
      await checkRoom(tx, upload, file.size);
      const made = toRow(upload, file, type, now);
      await repo.insert(tx, made);
      return made;
    });
    await putAway(storage, row, file);
    await unitOfWork.run(actor, ({ tx }) => repo.markStored(tx, project.id, row.id));
    return row;
  } finally {
    await incoming.remove(file);
  }
}

/** Where the storage has the bytes of a file. */
export function storageKey({ project_id, id }: repo.FileKey): string {
  return `${project_id}/${id}`;
}

async function* readFile(request: FastifyRequest): AsyncGenerator<Buffer> {
  const { body } = request;
  if (!(body instanceof Readable))
    throw new ApiError('unsupported_media_type', 'Send the bytes as application/octet-stream.');
  // Told at once, instead of after twenty megabytes.
  if (Number(request.headers['content-length'] ?? 0) > FILE_MAX) throw tooLarge();
  let size = 0;
  for await (const chunk of readUpload(body, FILE_MAX)) {
    size += chunk.length;
    yield chunk;
  }
  if (size === 0) throw new ApiError('empty', 'The file is empty.');
}

function tooLarge(): ApiError {
  return new ApiError('request_too_large', `A file may have ${FILE_MAX / 1024 / 1024} MB at the most.`);
}

async function checkRoom(
  tx: Parameters<typeof repo.countUnheld>[0],
  { project, uploader, isCustomer }: Upload,
  size: number,
): Promise<void> {
  const most = isCustomer ? UNHELD_MAX.customer : UNHELD_MAX.team;
  const { files, bytes } = await repo.countUnheld(tx, project.id, uploader);
  if (files < most.files && bytes + size <= most.bytes) return;
  throw new ApiError('conflict', 'Too many files wait for a message. Send those first.');
}

function toRow(
  { project, uploader, name }: Upload,
  file: TemporaryFile,
  type: FileType,
  now: Date,
): repo.FileRow {
  return {
    project_id: project.id,
    id: newId(),
    token: newToken(''),
    uploader,
    name: cleanFileName(name ?? ''),
    media_type: type.mediaType,
    size: file.size,
    is_image: type.isImage,
    width: type.width,
    height: type.height,
    sha256: file.sha256,
    is_stored: false,
    message_id: null,
    created_at: now,
  };
}

async function putAway(storage: FileStorage, row: repo.FileRow, file: TemporaryFile): Promise<void> {
  try {
    await storage.put(storageKey(row), file.path, {
      size: row.size,
      mediaType: row.media_type,
      sha256: row.sha256,
    });
  } catch (cause) {
    throw new ApiError('not_ready', 'The file could not be stored. Try again.', { cause });
  }
}
