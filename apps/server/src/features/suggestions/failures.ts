import { ApiError } from '#platform/api-error.ts';
import { OutboundRefusedError, ResponseTooLargeError } from '#platform/outbound-fetch.ts';

/*
 * Why no suggestion came about, in the published form: 500 with `validation_error` when trying again cannot help, else
 * `unknown_error`. A provider's own words are never passed on, nor logged: they may repeat the key or the customer.
 */

/** Settings that do not work, or an answer that is none. */
export function refused(detail: string, cause?: Error): ApiError {
  return new ApiError('validation_error', detail, { errorType: true, cause });
}

/** What may go better the next time. */
function failed(detail: string, cause?: Error): ApiError {
  return new ApiError('unknown_error', detail, { errorType: true, cause });
}

const TRY_AGAIN = [408, 425, 429];

/** The provider answered, but not with success. */
export function fromStatus(status: number): ApiError {
  const cause = new Error(`the AI provider answered ${status}`);
  if (status >= 300 && status < 400) {
    return refused(
      `The AI provider redirects elsewhere (HTTP ${status}). Set its final address as base URL.`,
      cause,
    );
  }
  if (status < 500 && !TRY_AGAIN.includes(status)) {
    return refused(`The AI provider refused the request (HTTP ${status}).`, cause);
  }
  return failed(`The AI provider failed (HTTP ${status}).`, cause);
}

/** The exchange with the provider broke off. */
export function fromExchange(error: unknown, signal: AbortSignal): ApiError {
  if (error instanceof ApiError) return error;
  if (signal.aborted) return failed('The request was cancelled.');
  if (error instanceof OutboundRefusedError) {
    return refused(
      'The address of the AI provider is not a public one. Who runs the server can allow it with PARLEY_OUTBOUND_ALLOW.',
      error,
    );
  }
  if (error instanceof ResponseTooLargeError)
    return failed('The answer of the AI provider is too long.', error);
  const name = error instanceof Error ? error.name : 'unknown';
  if (name === 'TimeoutError') return failed('The AI provider did not answer in time.');
  return failed(
    'The AI provider could not be reached.',
    new Error(`the exchange with the AI provider failed: ${codeOf(error) ?? name}`),
  );
}

/** The provider answered with success, but not in the form of the protocol. */
export function fromAnswer(error: unknown, signal: AbortSignal): ApiError {
  if (error instanceof ApiError) return error;
  if (signal.aborted) return failed('The request was cancelled.');
  const name = error instanceof Error ? error.name : 'unknown';
  return failed(
    'The answer of the AI provider could not be understood.',
    new Error(`the answer of the AI provider was not understood: ${name}`),
  );
}

/** The system's name of a network failure, such as ECONNREFUSED; `fetch` hides it some causes deep. */
function codeOf(error: unknown): string | undefined {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth += 1) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
    cause = cause.cause;
  }
  return undefined;
}
