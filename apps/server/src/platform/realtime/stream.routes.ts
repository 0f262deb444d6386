import { stream } from '@parley/contract/stream';
import type { Database } from '@parley/db/database';
import type { Binder } from '#platform/http/binder.ts';
import type { Call } from '#platform/http/call.ts';
import { readSeqRange } from './event-reader.ts';
import type { Hub, Subscriber } from './hub.ts';

const HEARTBEAT_MS = 15_000;
/** A client that is this far behind is let go; it resumes by number without loss. */
const MAX_BUFFERED = 1024 * 1024;
/** More than this behind, reading everything afresh is cheaper for both. */
const MAX_REPLAY = 10_000;

type StreamCall = Call<typeof stream.events>;

export interface StreamParts {
  database: Database;
  hub: Hub;
  heartbeatMs?: number | undefined;
}

interface Start {
  seq: number;
  greeting: 'ready' | 'reset';
}

async function findStart(database: Database, { project, query, request }: StreamCall): Promise<Start> {
  const { newest, oldest } = await readSeqRange(database, project.id);
  const asked = request.headers['last-event-id'] ?? query.last_event_id;
  if (asked === undefined || asked === '') return { seq: newest, greeting: 'ready' };
  const seq = /^\d{1,15}$/.test(String(asked)) ? Number(asked) : -1;
  const isKept = seq === newest || (oldest > 0 && seq >= oldest - 1);
  const isReachable = seq >= 0 && seq <= newest && isKept && newest - seq <= MAX_REPLAY;
  return isReachable ? { seq, greeting: 'ready' } : { seq: newest, greeting: 'reset' };
}

/** Streams say that something changed, and never what it is now (architecture: realtime). */
export function bindStreamRoutes(
  binder: Binder,
  { database, hub, heartbeatMs = HEARTBEAT_MS }: StreamParts,
): void {
  binder.mixed(stream.events, async (_unitOfWork, call) => {
    const { reply, project } = call;
    const { seq, greeting } = await findStart(database, call);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    raw.write(`retry: 2000\nid: ${seq}\nevent: ${greeting}\ndata: {"seq":${seq}}\n\n`);
    const subscriber: Subscriber = {
      seq,
      end: () => raw.end(),
      deliver(_event, line) {
        if (raw.destroyed || raw.writableEnded) return;
        raw.write(line);
        if (raw.writableLength > MAX_BUFFERED) raw.destroy();
      },
    };
    let isChecking = false;
    const heartbeat = setInterval(() => {
      if (raw.destroyed || raw.writableEnded) return;
      raw.write(': still here\n\n');
      if (isChecking) return;
      isChecking = true;
      // A key that was revoked or a session that ended must not go on listening.
      call
        .readmit()
        // Not end(): a client that does not read would never let it finish.
        .catch(() => raw.destroy())
        .finally(() => {
          isChecking = false;
        });
    }, heartbeatMs);
    let leave: (() => void) | undefined;
    raw.on('close', () => {
      clearInterval(heartbeat);
      leave?.();
    });
    try {
      leave = await hub.join(project.id, subscriber);
      if (raw.destroyed) leave();
    } catch (error) {
      call.request.log.error({ err: error }, 'stream failed');
      raw.destroy();
    }
    return undefined;
  });
}
