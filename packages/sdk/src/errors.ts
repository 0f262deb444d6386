/** What an error answer of the API says. */
export interface ErrorDetails {
  status: number;
  code: string;
  type: string;
  detail: string;
  attr: string | null;
  retryAfter: number | undefined;
}

/** The server answered with an error. */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly detail: string;
  /** The field at fault; nested paths are joined with `__`. */
  readonly attr: string | null;
  /** Seconds the server asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(details: ErrorDetails) {
    super(`${details.detail} (${details.code}${details.attr === null ? '' : `, ${details.attr}`})`);
    this.status = details.status;
    this.code = details.code;
    this.type = details.type;
    this.detail = details.detail;
    this.attr = details.attr;
    this.retryAfter = details.retryAfter;
  }
}

/** No answer: the server could not be reached, or the connection broke before the answer was whole. */
export class ParleyConnectionError extends Error {
  override readonly name = 'ParleyConnectionError';
}

/** Makes the error for an answer that is none of the API's successes. */
export function errorFromAnswer(response: Response, body: unknown): ParleyError {
  const text = (name: string): string | undefined => {
    const value = isRecord(body) ? body[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  return new ParleyError({
    status: response.status,
    code: text('code') ?? 'unknown_error',
    type: text('type') ?? 'server_error',
    detail: text('detail') ?? `The server answered ${response.status} without the details of an error.`,
    attr: text('attr') ?? null,
    retryAfter: readRetryAfter(response.headers.get('retry-after')),
  });
}

function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
