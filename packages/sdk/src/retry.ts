import { ParleyConnectionError, ParleyError } from './errors.ts';

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 8_000;
/** A server that asks for more patience than this gets its error to the caller instead. */
const MAX_RETRY_AFTER_S = 60;

export interface RetryPolicy {
  /** Tries after the first one. */
  retries: number;
  signal: AbortSignal | undefined;
}

/** Whether doing the same again may help, given that it does no harm. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ParleyConnectionError) return true;
  if (!(error instanceof ParleyError)) return false;
  // The first try is still being handled: its answer is what the next one gets.
  if (error.code === 'idempotency_key_in_use') return true;
  return error.status === 429 || error.status >= 500;
}

/** Full jitter: clients that failed together don't come back together. */
export function backOffMs(tries: number): number {
  return Math.random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1));
}

/** Waits; rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
}

/** Runs something repeatable until it succeeds, fails for good, or the tries are used up. */
export async function withRetries<T>(attempt: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries > policy.retries || !isTransient(error)) throw error;
      const retryAfter = error instanceof ParleyError ? error.retryAfter : undefined;
      if (retryAfter !== undefined && retryAfter > MAX_RETRY_AFTER_S) throw error;
      await sleep((retryAfter ?? 0) * 1000 + backOffMs(tries), policy.signal);
    }
  }
}
