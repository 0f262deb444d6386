import type { FileStorage } from '#platform/storage/file-storage.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import * as repo from './files.repo.ts';
import { storageKey } from './files.upload.service.ts';

/** So long somebody may still send what they uploaded. */
export const UNHELD_KEPT_MS = 24 * 3_600_000;
const BATCH = 100;

/**
 * Removes files that no message holds any more, or ever did; true when there may be more. First out of use, then the
 * bytes, then the row: wherever it ends, the next run finds what is left.
 */
export async function purgeFiles(
  run: <T>(work: (uow: Uow) => Promise<T>) => Promise<T>,
  storage: FileStorage,
): Promise<boolean> {
  const retired = await run(({ tx, now }) =>
    repo.retire(tx, new Date(now.getTime() - UNHELD_KEPT_MS), BATCH),
  );
  for (const key of retired) {
    await storage.remove(storageKey(key));
    await run(({ tx }) => repo.remove(tx, key));
  }
  return retired.length === BATCH;
}
