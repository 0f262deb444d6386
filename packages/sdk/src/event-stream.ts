import type { PresenceSignal } from '@parley/contract/presence';
import type { ResponseOf } from '@parley/contract/route';
import { type PersonalSignal, stream } from '@parley/contract/stream';
import { isRecord, ParleyError } from './errors.ts';
import { type ClientSettings, requestHeaders, requestUrl } from './request.ts';
import { backOffMs, isTransient, sleep } from './retry.ts';
import { open, parseJson } from './send.ts';
import { parseSse, type SseMessage } from './sse.ts';

type StreamEvent = ResponseOf<typeof stream.events>;

/** Something changed. What it is now has to be fetched. */
export type ChangeEvent = { kind: 'change' } & StreamEvent;

/** The stream is open: whatever changes after `seq` will arrive. Comes again after each lost connection. */
export interface ReadyEvent {
  kind: 'ready';
  seq: number;
}

/** What came after the last event is no longer kept: everything must be fetched again. */
export interface ResetEvent {
  kind: 'reset';
  seq: number;
}

export type ServerEvent = ChangeEvent | ReadyEvent | ResetEvent;

/**
 * What holds for this moment only: who views and types, and that the caller's own notifications or marks changed. It has
 * no number and is never sent again; after `ready` both are to be fetched.
 */
export type StreamSignal = ({ kind: 'presence' } & PresenceSignal) | ({ kind: 'personal' } & PersonalSignal);

export interface EventsOptions {
  /** The `seq` of the last event that was handled. */
  lastEventId?: number | string | undefined;
  /** Ends the iteration. */
  signal?: AbortSignal | undefined;
  /** Without any sign of life for this long, the connection is given up and made anew. */
  idleMs?: number;
  /** Hears of signals as they arrive, while the next event is waited for. */
  onSignal?: ((signal: StreamSignal) => void) | undefined;
  /** As in `presence.update`: what it said there ends with this stream. */
  clientId?: string | undefined;
}

/** Events of the project, in order and without loss over lost connections. Throws when the server refuses for good. */
export async function* streamEvents(
  settings: ClientSettings,
  fetcher: typeof fetch,
  options: EventsOptions,
): AsyncGenerator<ServerEvent, void, undefined> {
  const { lastEventId, signal } = options;
  let last = lastEventId === undefined ? undefined : String(lastEventId);
  let seen = Number(lastEventId ?? -1);
  let wait = 0;
  for (let failures = 0; !signal?.aborted; failures += 1) {
    try {
      if (failures > 0) await sleep(wait + backOffMs(failures), signal);
      wait = 0;
      for await (const message of connect(settings, fetcher, last, options)) {
        const told = toSignal(message);
        if (told) options.onSignal?.(told);
        last = message.id ?? last;
        const event = toEvent(message);
        // Between a lost connection and the next one an event may be sent twice.
        if (event?.kind === 'change' && event.seq <= seen) continue;
        seen = event?.seq ?? seen;
        // A server that greets and then breaks off must not be asked again at once, for ever.
        if (event?.kind === 'change') failures = 0;
        if (event) yield event;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isTransient(error)) throw error;
      if (error instanceof ParleyError) wait = (error.retryAfter ?? 0) * 1000;
    }
  }
}

async function* connect(
  settings: ClientSettings,
  fetcher: typeof fetch,
  lastEventId: string | undefined,
  { signal, idleMs = 60_000, clientId }: EventsOptions,
): AsyncGenerator<SseMessage, void, undefined> {
  const url = requestUrl(
    settings,
    stream.events,
    clientId === undefined ? {} : { query: { client_id: clientId } },
  );
  const headers: Record<string, string> = { ...requestHeaders(settings), accept: 'text/event-stream' };
  if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
  const response = await open(url, { headers }, { fetch: fetcher, timeoutMs: idleMs, signal });
  if (response.body) yield* parseSse(response.body, idleMs);
}

/** Undefined for what this version does not know. */
function toEvent({ event, data }: SseMessage): ServerEvent | undefined {
  const value = parseJson(data);
  if (!isRecord(value) || typeof value.seq !== 'number') return undefined;
  const { seq } = value;
  if (event === 'ready' || event === 'reset') return { kind: event, seq };
  return isStreamEvent(value) ? { kind: 'change', ...value } : undefined;
}

function isStreamEvent(value: object): value is StreamEvent {
  return 'name' in value && typeof value.name === 'string' && 'id' in value && typeof value.id === 'string';
}

/** Undefined for events, and for what this version does not know. */
function toSignal({ id, event, data }: SseMessage): StreamSignal | undefined {
  if (id !== undefined) return undefined;
  const value = parseJson(data);
  if (event === 'presence' && isPresence(value)) return { kind: event, ...value };
  return event === 'personal' && isPersonal(value) ? { kind: event, ...value } : undefined;
}

function isPresence(value: unknown): value is PresenceSignal {
  return (
    isRecord(value) &&
    typeof value.ticket_id === 'string' &&
    typeof value.state === 'string' &&
    isRecord(value.actor) &&
    typeof value.actor.name === 'string'
  );
}

function isPersonal(value: unknown): value is PersonalSignal {
  return isRecord(value) && typeof value.name === 'string';
}
