import { errorFromAnswer, ParleyConnectionError } from './errors.ts';

export interface SendOptions {
  fetch: typeof fetch;
  timeoutMs: number;
  /** The caller's: when it aborts, its own reason is thrown. */
  signal: AbortSignal | undefined;
}

/** Sends one request and reads its answer whole. */
export async function send(url: string, init: RequestInit, options: SendOptions): Promise<unknown> {
  const { signal, timeoutMs } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const { response, text } = await reach(url, signal, async () => {
    const answer = await options.fetch(url, { ...init, signal: either });
    return { response: answer, text: await answer.text() };
  });
  const body = parseJson(text);
  if (!response.ok || body === NOT_JSON) throw errorFromAnswer(response, body);
  return body;
}

/** Sends one request whose answer is read as it comes: the time is that to its first byte. */
export async function open(url: string, init: RequestInit, options: SendOptions): Promise<Response> {
  const { signal, timeoutMs } = options;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error('It took too long.')), timeoutMs);
  const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  const response = await reach(url, signal, () => options.fetch(url, { ...init, signal: either })).finally(
    () => clearTimeout(timer),
  );
  if (response.ok) return response;
  const text = await response.text().catch(() => '');
  throw errorFromAnswer(response, parseJson(text));
}

/** Tells a connection that failed from a caller who gave up. */
async function reach<T>(url: string, signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await attempt();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ParleyConnectionError(`No answer from ${originOf(url)}: ${reasonOf(cause)}`, { cause });
  }
}

export const NOT_JSON = Symbol('not JSON');

export function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the server';
}

/** Node hides the reason (`ECONNREFUSED …`) in the cause of "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? error.cause : error;
  return inner.message || ('code' in inner ? String(inner.code) : inner.name);
}
