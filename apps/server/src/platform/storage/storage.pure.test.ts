import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type S3Server, startS3Server } from '../../testing/s3-server.ts';
import { createStorage } from './create-storage.ts';
import type { FileStorage } from './file-storage.ts';

let directory: string;
let s3: S3Server;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-storage-'));
  s3 = await startS3Server();
});
afterAll(async () => {
  await s3.close();
  await rm(directory, { recursive: true });
});

let turn = 0;
/** A local file, ready to be put away. */
async function local(content: Buffer) {
  turn += 1;
  const path = join(directory, `incoming-${turn}`);
  await writeFile(path, content);
  const sha256 = createHash('sha256').update(content).digest();
  return { path, details: { size: content.length, mediaType: 'application/pdf', sha256 } };
}

describe.each(['disk', 's3'] as const)('a storage on %s', (kind) => {
  let storage: FileStorage;
  beforeAll(async () => {
    storage = await createStorage({ dataDir: directory, s3: kind === 's3' ? s3.config : undefined });
  });

  async function put(key: string, content: Buffer): Promise<void> {
    const { path, details } = await local(content);
    await storage.put(key, path, details);
  }
  async function read(key: string): Promise<Buffer | undefined> {
    const bytes = await storage.get(key);
    return bytes && buffer(bytes);
  }

  it.each([0, 1, 70_000, 20 * 1024 * 1024])('gives back %i bytes as they were', async (size) => {
    const content = randomBytes(size);
    await put(`7/${kind}-${size}`, content);
    expect(await read(`7/${kind}-${size}`)).toEqual(content);
  });

  it('has nothing by a key that nobody put there, and nothing to remove', async () => {
    expect(await read('7/nothing')).toBeUndefined();
    expect(await read('8/nothing/below')).toBeUndefined();
    await storage.remove('7/nothing');
  });

  it('keeps the newest of two by one key, and removes by key alone', async () => {
    await put('9/a', Buffer.from('first'));
    await put('9/a', Buffer.from('second'));
    await put('9/b', Buffer.from('other'));
    expect(await read('9/a')).toEqual(Buffer.from('second'));
    await storage.remove('9/a');
    await storage.remove('9/a');
    expect([await read('9/a'), await read('9/b')]).toEqual([undefined, Buffer.from('other')]);
  });

  it('has nothing of what could not be read to its end', async () => {
    const { details } = await local(Buffer.from('x'));
    await expect(storage.put('10/gone', join(directory, 'no such file'), details)).rejects.toThrow();
    expect(await read('10/gone')).toBeUndefined();
  });
});

describe('a storage on S3', () => {
  it('refuses a body that is not the one whose digest was taken', async () => {
    const storage = await createStorage({ dataDir: directory, s3: s3.config });
    const { path, details } = await local(Buffer.from('what was sent'));
    const other = createHash('sha256').update('what was meant').digest();
    await expect(storage.put('11/a', path, { ...details, sha256: other })).rejects.toThrow('BadDigest');
    expect(s3.objects.has('11/a')).toBe(false);
  });

  it('fails with a wrong secret', async () => {
    const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'guessed' };
    const storage = await createStorage({ dataDir: directory, s3: { ...s3.config, credentials } });
    await expect(storage.get('7/s3-1')).rejects.toThrow('SignatureDoesNotMatch');
  });

  it('tries again what failed by the way', async () => {
    const storage = await createStorage({ dataDir: directory, s3: s3.config });
    s3.failNext(1);
    expect(await storage.get('7/nothing')).toBeUndefined();
  });
});

it('a disk leaves no half of a file, and nothing where it came from', async () => {
  const storage = await createStorage({ dataDir: directory, s3: undefined });
  const { path, details } = await local(Buffer.from('moved'));
  await storage.put('12/a', path, details);
  expect(await readdir(join(directory, 'files', '12'))).toEqual(['a']);
  expect(await readdir(directory)).not.toContain(path.slice(directory.length + 1));
});
