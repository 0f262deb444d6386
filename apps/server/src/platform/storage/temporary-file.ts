import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { uuid } from '#platform/ids.ts';

export interface TemporaryFile {
  path: string;
  size: number;
  sha256: Buffer;
  /** The first bytes. */
  head: Buffer;
}

/** Enough to see what a file is, with the size of a photograph behind its notes. */
const HEAD_BYTES = 256 * 1024;
/** No upload takes as long. */
const FORGOTTEN_MS = 24 * 3_600_000;

/** Files that come in, on the disk: memory holds none of them whole. */
export function createIncoming(directory: string): Incoming {
  return {
    async keep(chunks) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const path = join(directory, uuid());
      const handle = await open(path, 'wx', 0o600);
      try {
        return { path, ...(await write(handle, chunks)) };
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      } finally {
        await handle.close();
      }
    },
    remove: ({ path }) => rm(path, { force: true }),
    async sweep(now) {
      for (const name of await readdir(directory).catch(() => [])) {
        const path = join(directory, name);
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now.getTime() }));
        if (mtimeMs < now.getTime() - FORGOTTEN_MS) await rm(path, { force: true });
      }
    },
  };
}

export interface Incoming {
  /** Writes what comes to a file of its own. Throws what the source throws, and leaves nothing behind then. */
  keep(chunks: AsyncIterable<Buffer>): Promise<TemporaryFile>;
  remove(file: Pick<TemporaryFile, 'path'>): Promise<void>;
  /** Removes what a killed process left. */
  sweep(now: Date): Promise<void>;
}

async function write(
  handle: FileHandle,
  chunks: AsyncIterable<Buffer>,
): Promise<Omit<TemporaryFile, 'path'>> {
  const hash = createHash('sha256');
  const first: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    await handle.writeFile(chunk);
    hash.update(chunk);
    if (size < HEAD_BYTES) first.push(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest(), head: Buffer.concat(first).subarray(0, HEAD_BYTES) };
}
