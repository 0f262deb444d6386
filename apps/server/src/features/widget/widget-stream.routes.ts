import { widget } from '@parley/contract/widget';
import type { Binder } from '#platform/http/binder.ts';
import type { Call } from '#platform/http/call.ts';
import { OpenStreams } from '#platform/realtime/open-streams.ts';
import type { StreamStart } from '#platform/realtime/resume.ts';
import { type EventStream, keepAlive, openEventStream } from '#platform/realtime/sse.ts';
import { formatVisitorEvent } from './stream-events.ts';
import { openPlace, sealPlace } from './stream-place.ts';
import { type Visitor, visitorKey } from './visitor.ts';
import type { VisitorStreams, VisitorStreamsParts } from './visitor-streams.ts';
import { enter, readAgain, type WidgetParts } from './widget.enter.ts';

export interface WidgetStreamParts extends WidgetParts, Pick<VisitorStreamsParts, 'findStart' | 'secretBox'> {
  streams: VisitorStreams;
  heartbeatMs: number | undefined;
}

type StreamCall = Call<typeof widget.stream>;

/** Of the signs of life, each so many-th asks whether the visitor may still listen, and to which tickets. */
const CHECK_EVERY = 4;

/** What changes in the tickets of a visitor, as it changes (decisions.md 36). */
export function bindWidgetStreamRoutes(binder: Binder, parts: WidgetStreamParts): void {
  const { rateLimits: limits } = parts;
  const most = (name: 'widget_streams' | 'widget_address_streams') =>
    new OpenStreams(limits === 'off' ? Number.POSITIVE_INFINITY : limits[name]);
  const [ofVisitor, ofAddress] = [most('widget_streams'), most('widget_address_streams')];
  binder.mixed(widget.stream, async (_unitOfWork, call) => {
    const { project, request, reply } = call;
    // By header alone: an address is kept in histories and logs.
    const { visitor } = await enter(parts, call, 'read', {});
    // It went meanwhile, and would never give its place back.
    if (reply.raw.destroyed) return undefined;
    reply.raw.on('close', ofVisitor.take(`${project.id}:${visitorKey(visitor)}`));
    reply.raw.on('close', ofAddress.take(request.ip));
    const asked = openPlace(parts.secretBox, project.id, placeOf(call));
    const start = await parts.findStart(project.id, asked);
    const stream = openEventStream(reply);
    if (stream) await follow(parts, call, visitor, stream, start);
    return undefined;
  });
}

function placeOf({ request }: StreamCall): string | undefined {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' ? header : undefined;
}

async function follow(
  parts: WidgetStreamParts,
  call: StreamCall,
  visitor: Visitor,
  stream: EventStream,
  start: StreamStart,
): Promise<void> {
  const { project, request } = call;
  const place = sealPlace(parts.secretBox, project.id, start.seq);
  stream.write(`retry: 2000\n${formatVisitorEvent(start.greeting, {}, place)}`);
  try {
    const refresh = await parts.streams.follow(project, visitor, stream, start);
    const check = async () => {
      const now = readAgain(parts, call, await call.readmit());
      // A claim that ended opens less: the client comes back as what is left.
      if (now.email !== visitor.email) throw new Error('A claim has ended.');
      await refresh(now);
    };
    keepAlive(stream, check, { heartbeatMs: parts.heartbeatMs, checkEvery: CHECK_EVERY });
  } catch (error) {
    request.log.error({ err: error }, 'stream failed');
    stream.drop();
  }
}
