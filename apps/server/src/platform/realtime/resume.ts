import type { Database } from '@parley/db/database';
import { readSeqRange } from './event-reader.ts';

/** More than this behind, reading everything afresh is cheaper for both. */
const MAX_REPLAY = 10_000;

/** Where a stream goes on: after what its client has had, or from now on. */
export interface StreamStart {
  seq: number;
  /** The last number there is by now. */
  newest: number;
  /** `reset`: what came between is not kept, or too much. */
  greeting: 'ready' | 'reset';
}

/** Where to go on after the number a client names; undefined from now on, and -1 for one that is none. */
export async function findStart(
  database: Database,
  projectId: number,
  asked: number | undefined,
): Promise<StreamStart> {
  const { newest, oldest } = await readSeqRange(database, projectId);
  if (asked === undefined) return { seq: newest, newest, greeting: 'ready' };
  const isKept = asked === newest || (oldest > 0 && asked >= oldest - 1);
  const isReachable = asked >= 0 && asked <= newest && isKept && newest - asked <= MAX_REPLAY;
  return isReachable ? { seq: asked, newest, greeting: 'ready' } : { seq: newest, newest, greeting: 'reset' };
}
