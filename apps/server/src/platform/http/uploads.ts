import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { ApiError } from '#platform/api-error.ts';

/** Nothing at all arrives for this long while the server is ready to read. */
const IDLE_MS = 30_000;

const uploading = new WeakSet<Duplex>();

/** Whether a request that is read while it arrives is under way there: the time for whole requests is not for it. */
export function isUploading(socket: Duplex): boolean {
  return uploading.has(socket);
}

/** The body of a request that may take as long as it needs. */
export function acceptUpload(request: IncomingMessage): IncomingMessage {
  const { socket } = request;
  uploading.add(socket);
  request.once('close', () => uploading.delete(socket));
  return request;
}

/**
 * The pieces of a body as they come, up to a size. Ends by throwing when the client hangs up or falls silent. The
 * request is not destroyed when reading stops early: somebody still wants its answer.
 */
export async function* readUpload(
  request: Readable,
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  const chunks: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  let total = 0;
  for (;;) {
    const silence = setTimeout(() => request.destroy(new Error('The body stopped coming.')), IDLE_MS);
    const next = await chunks.next().finally(() => clearTimeout(silence));
    if (next.done) return;
    total += next.value.length;
    if (total > maxBytes) throw new ApiError('request_too_large', 'The request body is too large.');
    yield next.value;
  }
}
