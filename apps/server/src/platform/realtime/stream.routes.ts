import { stream } from '@parley/contract/stream';
import type { Database } from '@parley/db/database';
import { actorKey, userOf } from '#platform/actor.ts';
import type { Binder } from '#platform/http/binder.ts';
import type { Call } from '#platform/http/call.ts';
import type { Hub, Subscriber } from './hub.ts';
import { OpenStreams } from './open-streams.ts';
import { findStart, type StreamStart } from './resume.ts';
import { keepAlive, openEventStream } from './sse.ts';

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

/** The number a client names, by header or query: undefined for none, -1 for what is no number. */
function askedFor({ query, request }: StreamCall): number | undefined {
  const asked = request.headers['last-event-id'] ?? query.last_event_id;
  if (asked === undefined || asked === '') return undefined;
  return /^\d{1,15}$/.test(String(asked)) ? Number(asked) : -1;
}

/** Streams say that something changed, and never what it is now (architecture: realtime). */
export function bindStreamRoutes(binder: Binder, parts: StreamParts): void {
  const openStreams = new OpenStreams(parts.maxStreams);
  binder.mixed(stream.events, async (_unitOfWork, call) => {
    const { raw } = call.reply;
    // It went while it was admitted, and would never give its place back.
    if (raw.destroyed) return undefined;
    raw.on('close', openStreams.take(actorKey(call.actor)));
    const start = await findStart(parts.database, call.project.id, askedFor(call));
    await follow(parts, call, start);
    return undefined;
  });
}

/** Writes to the client until it goes, or may listen no more. */
async function follow(parts: StreamParts, call: StreamCall, { seq, greeting }: StreamStart): Promise<void> {
  const { hub } = parts;
  const stream = openEventStream(call.reply);
  if (!stream) return;
  stream.write(`retry: 2000\nid: ${seq}\nevent: ${greeting}\ndata: {"seq":${seq}}\n\n`);
  const { write } = stream;
  const subscriber: Subscriber = { seq, end: () => stream.end(), deliver: (_event, line) => write(line) };
  const { project, actor } = call;
  // In the same turn as the greeting: what the client fetches when it is greeted holds every signal from before.
  stream.onClose(hub.signals.join(project.id, { userId: userOf(actor)?.id, write }));
  keepAlive(stream, () => call.readmit(), { heartbeatMs: parts.heartbeatMs });
  const owner = ownerOf(call);
  if (owner) stream.onClose(parts.watch(owner));
  try {
    stream.onClose(await hub.join(project.id, subscriber));
  } catch (error) {
    call.request.log.error({ err: error }, 'stream failed');
    stream.drop();
  }
}

function ownerOf({ actor, project, query }: StreamCall): StreamOwner | undefined {
  const userId = userOf(actor)?.id;
  return userId === undefined
    ? undefined
    : { projectId: project.id, userId, clientId: String(query.client_id ?? '') };
}
