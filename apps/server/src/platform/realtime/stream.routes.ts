import { stream } from '@parley/contract/stream';
import type { Database } from '@parley/db/database';
import { actorKey, userOf } from '#platform/actor.ts';
import type { Binder } from '#platform/http/binder.ts';
import type { Call } from '#platform/http/call.ts';
import { readSeqRange } from './event-reader.ts';
import type { Hub, Subscriber } from './hub.ts';
import { OpenStreams } from './open-streams.ts';

const HEARTBEAT_MS = 15_000;
/** A client that is this far behind is let go; it resumes by number without loss. */
const MAX_BUFFERED = 1024 * 1024;
/** More than this behind, reading everything afresh is cheaper for both. */
const MAX_REPLAY = 10_000;

type StreamCall = Call<typeof stream.events>;

/** Whose stream it is; clientId as the client named it. */
export interface StreamOwner {
  projectId: number;
  userId: number;
  clientId: string;
}

export interface StreamParts {
  database: Database;
  hub: Hub;
  heartbeatMs?: number | undefined;
  /** Of one caller. */
  maxStreams: number;
  /** Hears of every stream that opens; what it answers is called when that closes. */
  watch: (owner: StreamOwner) => () => void;
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
export function bindStreamRoutes(binder: Binder, parts: StreamParts): void {
  const openStreams = new OpenStreams(parts.maxStreams);
  binder.mixed(stream.events, async (_unitOfWork, call) => {
    const { raw } = call.reply;
    // It went while it was admitted, and would never give its place back.
    if (raw.destroyed) return undefined;
    raw.on('close', openStreams.take(actorKey(call.actor)));
    const start = await findStart(parts.database, call);
    call.reply.hijack();
    await follow(parts, call, start);
    return undefined;
  });
}

/** Writes to the client until it goes, or may listen no more. */
async function follow(parts: StreamParts, call: StreamCall, { seq, greeting }: Start): Promise<void> {
  const { hub } = parts;
  const { raw } = call.reply;
  // It went while its place was looked up, and will not say so again.
  if (raw.destroyed) return;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  raw.write(`retry: 2000\nid: ${seq}\nevent: ${greeting}\ndata: {"seq":${seq}}\n\n`);
  const write = (text: string) => {
    if (raw.destroyed || raw.writableEnded) return;
    raw.write(text);
    if (raw.writableLength > MAX_BUFFERED) raw.destroy();
  };
  const subscriber: Subscriber = { seq, end: () => raw.end(), deliver: (_event, line) => write(line) };
  const { project, actor } = call;
  // In the same turn as the greeting: what the client fetches when it is greeted holds every signal from before.
  const leaving = [hub.signals.join(project.id, { userId: userOf(actor)?.id, write }), beat(parts, call)];
  const owner = ownerOf(call);
  if (owner) leaving.push(parts.watch(owner));
  raw.on('close', () => {
    for (const leave of leaving) leave();
  });
  try {
    const leave = await hub.join(project.id, subscriber);
    if (raw.destroyed) leave();
    else raw.on('close', leave);
  } catch (error) {
    call.request.log.error({ err: error }, 'stream failed');
    raw.destroy();
  }
}

function ownerOf({ actor, project, query }: StreamCall): StreamOwner | undefined {
  const userId = userOf(actor)?.id;
  return userId === undefined
    ? undefined
    : { projectId: project.id, userId, clientId: String(query.client_id ?? '') };
}

/** Proves that the stream lives, and asks whether its caller may still listen. The returned function ends it. */
function beat({ heartbeatMs = HEARTBEAT_MS }: StreamParts, call: StreamCall): () => void {
  const { raw } = call.reply;
  let isChecking = false;
  const timer = setInterval(() => {
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
  return () => clearInterval(timer);
}
