import { join } from 'node:path';
import { createDiskStorage } from './disk-storage.ts';
import type { FileStorage, S3Config } from './file-storage.ts';

/** A bucket where one is configured, else the data directory. The client of buckets is loaded for those alone. */
export async function createStorage(config: {
  dataDir: string;
  s3: S3Config | undefined;
}): Promise<FileStorage> {
  if (!config.s3) return createDiskStorage(join(config.dataDir, 'files'));
  const { createS3Storage } = await import('./s3-storage.ts');
  return createS3Storage(config.s3);
}
