import { errorFromAnswer, isRecord, ParleyError } from './errors.ts';
import { type ClientSettings, requestHeaders, requestUrl } from './request.ts';
import { backOffMs, isTransient, sleep } from './retry.ts';
import { reach } from './send.ts';
import { parseSse, type SseMessage } from './sse.ts';

/** Something changed. What it is now has to be fetched. */
export interface ChangeEvent {
  kind: 'change';
  seq: number;
  name: string;
  id: string;
  version: number;
  ticket_id: string | null;
}

/** The server no longer has what came after the last event: everything must be fetched again. */
export interface ResetEvent {
  kind: 'reset';
}

export type ServerEvent = ChangeEvent | ResetEvent;

export interface EventsOptions {
  /** The `seq` of the last event that was handled. */
  lastEventId?: number | string | undefined;
  /** Ends the iteration. */
  signal?: AbortSignal | undefined;
  /** Without any sign of life for this long, the connection is given up and made anew. */
  idleMs?: number;
}

const STREAM = { path: '/api/projects/:project_id/events/stream/' };

/** Events of the project, in order and without loss over lost connections. Throws when the server refuses for good. */
export async function* streamEvents(
  settings: ClientSettings,
  fetcher: typeof fetch,
  { lastEventId, signal, idleMs = 60_000 }: EventsOptions,
): AsyncGenerator<ServerEvent, void, undefined> {
  let last = lastEventId === undefined ? undefined : String(lastEventId);
  let wait = 0;
  for (let failures = 0; !signal?.aborted; failures += 1) {
    try {
      if (failures > 0) await sleep(wait + backOffMs(failures), signal);
      wait = 0;
      for await (const message of connect(settings, fetcher, last, { signal, idleMs })) {
        failures = 0;
        last = message.id ?? last;
        const event = toEvent(message);
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
  { signal, idleMs }: { signal: AbortSignal | undefined; idleMs: number },
): AsyncGenerator<SseMessage, void, undefined> {
  const url = requestUrl(settings, STREAM, {});
  const headers: Record<string, string> = { ...requestHeaders(settings), accept: 'text/event-stream' };
  if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), idleMs);
  const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  const response = await reach(url, signal, () => fetcher(url, { headers, signal: either })).finally(() =>
    clearTimeout(timer),
  );
  if (!response.ok || !response.body) throw errorFromAnswer(response, await readJson(response));
  yield* parseSse(response.body, idleMs);
}

async function readJson(response: Response): Promise<unknown> {
  return response.json().catch(() => undefined);
}

function toEvent({ event, data }: SseMessage): ServerEvent | undefined {
  if (event === 'reset') return { kind: 'reset' };
  const value: unknown = JSON.parse(data);
  if (!isRecord(value)) return undefined;
  const { seq, name, id, version, ticket_id } = value;
  if (typeof seq !== 'number' || typeof name !== 'string' || typeof id !== 'string') return undefined;
  return {
    kind: 'change',
    seq,
    name,
    id,
    version: Number(version),
    ticket_id: typeof ticket_id === 'string' ? ticket_id : null,
  };
}
