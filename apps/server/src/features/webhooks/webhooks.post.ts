import type { AllowList } from '#platform/outbound-address.ts';
import { createOutboundFetch, OutboundRefusedError } from '#platform/outbound-fetch.ts';
import { firstCharacters } from '#platform/text.ts';
import type { Verdict } from './webhooks.schedule.ts';
import { findTargetProblem } from './webhooks.target.ts';

/** How one attempt went. */
export interface Posted extends Verdict {
  at: Date;
  url: string;
  durationMs: number;
  /** The beginning of the answer. */
  body: string;
  /** Why it failed, without anything about our own network. */
  error: string | null;
  /** This process stopped before it had an answer. */
  isInterrupted: boolean;
}

export interface PostInput {
  url: string;
  headers: Record<string, string>;
  body: string;
  at: Date;
  signal: AbortSignal;
}

export type Post = (input: PostInput) => Promise<Posted>;

const TIMEOUT_MS = 10_000;
/** An answer has been given when its status is there; its text is for the log, and gets no more than this. */
const BODY_MS = 1000;
const BODY_BYTES = 4096;
const BODY_CHARACTERS = 1000;

/**
 * Posts to addresses that users chose. Where a name leads is checked at each connection, redirects are not followed, and
 * an answer is read in part only (field.md 4.1).
 */
export function createPost(options: {
  allow: readonly string[];
  isAllowed: AllowList;
  timeoutMs?: number | undefined;
}): Post {
  const send = createOutboundFetch({ allow: options.allow, timeoutMs: options.timeoutMs ?? TIMEOUT_MS });
  return async ({ url, headers, body, at, signal }) => {
    const started = performance.now();
    const failed = (error: string, isInterrupted = false): Posted => ({
      at,
      url,
      isDelivered: false,
      isInterrupted,
      status: undefined,
      retryAfter: null,
      durationMs: Math.round(performance.now() - started),
      body: '',
      error,
    });
    // The list may have been shortened since the address was stored.
    const problem = findTargetProblem(url, options.isAllowed);
    if (problem !== undefined) return failed(problem);
    try {
      const response = await send(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      const { status } = response;
      return {
        ...failed(''),
        isDelivered: response.ok,
        status,
        retryAfter: response.headers.get('retry-after'),
        durationMs: Math.round(performance.now() - started),
        body: await readBeginning(response),
        error: response.ok ? null : describeStatus(status),
      };
    } catch (error) {
      return failed(describe(error, signal), signal.aborted);
    }
  };
}

function describeStatus(status: number): string {
  return status >= 300 && status < 400
    ? `Answered ${status}: redirects are not followed.`
    : `Answered ${status}.`;
}

const CODES: Record<string, string> = {
  ENOTFOUND: 'The host name is not known.',
  EAI_AGAIN: 'The host name could not be looked up.',
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was broken off.',
  UND_ERR_SOCKET: 'The connection was broken off.',
  UND_ERR_CONNECT_TIMEOUT: 'No connection in time.',
  UND_ERR_HEADERS_OVERFLOW: 'The header of the answer is too long.',
};

/** A class of failure. An address that a name led to, or a stack, would tell managers about the operator's network. */
function describe(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'Parley was stopped during the attempt.';
  if (error instanceof OutboundRefusedError) return 'The host does not lead to a public address.';
  if (error instanceof Error && error.name === 'TimeoutError') return 'No answer in time.';
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? String(cause.code) : '';
    if (CODES[code] !== undefined) return CODES[code];
    if (/CERT|TLS|SSL|SELF_SIGNED/.test(code)) return 'The certificate of the host is not valid.';
  }
  return 'The request failed.';
}

/** The first characters of an answer, as far as they come within a second. */
async function readBeginning(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const stop = () => void reader.cancel().catch(() => {});
  const timer = setTimeout(stop, BODY_MS);
  const chunks: Uint8Array[] = [];
  try {
    for (let size = 0; size < BODY_BYTES; ) {
      const { done, value } = await reader.read();
      if (done || !value) break;
      chunks.push(value);
      size += value.byteLength;
    }
  } catch {
    // Broken off after its status: that was the answer.
  } finally {
    clearTimeout(timer);
    stop();
  }
  const text = Buffer.concat(chunks).subarray(0, BODY_BYTES).toString('utf8');
  // Control characters, NUL before all, can't be stored or would steer a terminal.
  return firstCharacters(text.replace(/[^\P{Cc}\n\t]/gu, ''), BODY_CHARACTERS).toWellFormed();
}
