import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, notFound } from '#platform/api-error.ts';
import type { FileStorage } from '#platform/storage/file-storage.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { type FileRow, findByToken } from './files.repo.ts';
import { storageKey } from './files.upload.service.ts';

/** Whatever a file holds, a browser runs nothing of it, and asks nobody for anything (field.md 4.1). */
const SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'";

/** The file of a link; 404 for none. */
export async function findFile(context: ReadContext, token: string): Promise<FileRow> {
  const file = await findByToken(context, token);
  if (!file) throw notFound();
  return file;
}

/** Sends a file as what its bytes are. What browsers do not merely show is only ever downloaded. */
export async function sendFile(
  storage: FileStorage,
  request: FastifyRequest,
  reply: FastifyReply,
  file: FileRow,
): Promise<void> {
  const tag = `"${file.sha256.toString('base64url')}"`;
  const isKnown = request.headers['if-none-match'] === tag;
  const isBodyless = isKnown || request.method === 'HEAD';
  // First: an answer that it cannot be read is not to be kept for a year.
  const bytes = isBodyless ? Readable.from([]) : await open(storage, file);
  reply
    .header('content-security-policy', SANDBOX)
    .header('cross-origin-resource-policy', 'cross-origin')
    .header('cache-control', 'private, max-age=31536000, immutable')
    .header('etag', tag);
  if (isKnown) return void reply.code(304).send();
  reply
    .type(file.media_type)
    .header('content-length', file.size)
    .header('content-disposition', disposition(file))
    .send(bytes);
}

async function open(storage: FileStorage, file: FileRow): Promise<Readable> {
  try {
    const bytes = await storage.get(storageKey(file));
    if (bytes) return bytes;
  } catch (cause) {
    throw new ApiError('not_ready', 'The file cannot be read right now. Try again.', { cause });
  }
  throw notFound();
}

/** The name twice: for those who read letters of all languages, and for those who do not. */
function disposition({ is_image, name }: FileRow): string {
  const plain = name.replace(/[^\x20-\x7e]/g, '_');
  const written = encodeURIComponent(name).replace(/[()]/g, (sign) => (sign === '(' ? '%28' : '%29'));
  return `${is_image ? 'inline' : 'attachment'}; filename="${plain}"; filename*=UTF-8''${written}`;
}
