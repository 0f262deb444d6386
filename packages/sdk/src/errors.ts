import type { ErrorCode } from '@parley/contract/errors';

/** What an error answer of the API says. */
export interface ErrorDetails {
  status: number;
  code: ParleyErrorCode;
  type: string;
  detail: string;
  attr: string | null;
  retryAfter: number | undefined;
  current?: unknown;
}

/** A code of this version, or one that only a newer server knows. */
export type ParleyErrorCode = ErrorCode | (string & Record<never, never>);

/** Two copies of this package in one program still know each other's errors. */
const BRAND: unique symbol = Symbol.for('parley.error');

/** The server answered with an error. Its class says of which family. */
export class ParleyError extends Error {
  override readonly name: string = 'ParleyError';
  readonly [BRAND] = true;
  readonly status: number;
  readonly code: ParleyErrorCode;
  readonly type: string;
  readonly detail: string;
  /** The field at fault; nested paths are joined with `__`. */
  readonly attr: string | null;
  /** Seconds the server asks to wait. */
  readonly retryAfter: number | undefined;
  /** With some conflicts: the thing as it is now. */
  readonly current: unknown;

  constructor(details: ErrorDetails) {
    super(`${details.detail} (${details.code}${details.attr === null ? '' : `, ${details.attr}`})`);
    this.status = details.status;
    this.code = details.code;
    this.type = details.type;
    this.detail = details.detail;
    this.attr = details.attr;
    this.retryAfter = details.retryAfter;
    this.current = details.current;
  }
}

/** 400, 405, 413, 415: the request is wrong; `attr` names the field. */
export class InvalidRequestError extends ParleyError {
  override readonly name = 'InvalidRequestError';
}
/** 401: no key, or none that is valid. */
export class AuthenticationError extends ParleyError {
  override readonly name = 'AuthenticationError';
}
/** 403: the key does not suffice. */
export class PermissionError extends ParleyError {
  override readonly name = 'PermissionError';
}
/** 404 */
export class NotFoundError extends ParleyError {
  override readonly name = 'NotFoundError';
}
/** 409: it contradicts what is stored, or another request that is being handled. */
export class ConflictError extends ParleyError {
  override readonly name = 'ConflictError';
}
/** 429, after the retries. */
export class ThrottledError extends ParleyError {
  override readonly name = 'ThrottledError';
}
/** 500 and above, after the retries. */
export class ServerError extends ParleyError {
  override readonly name = 'ServerError';
}

/** No answer: the server could not be reached, or the connection broke before the answer was whole. */
export class ParleyConnectionError extends Error {
  override readonly name = 'ParleyConnectionError';
}

/** Whether it is an error answer, and one of these codes where any are named. */
export function isParleyError(error: unknown, ...codes: ErrorCode[]): error is ParleyError {
  if (!isRecord(error) || Reflect.get(error, BRAND) !== true) return false;
  return codes.length === 0 || codes.some((code) => code === error.code);
}

/** Makes the error for an answer that is none of the API's successes. */
export function errorFromAnswer(response: Response, body: unknown): ParleyError {
  const text = (name: string): string | undefined => {
    const value = isRecord(body) ? body[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const { status } = response;
  return new (classOf(status))({
    status,
    code: text('code') ?? 'unknown_error',
    type: text('type') ?? 'server_error',
    // Some routes for other systems answer {"error": …} only.
    detail:
      text('detail') ?? text('error') ?? `The server answered ${status} without the details of an error.`,
    attr: text('attr') ?? null,
    retryAfter: readRetryAfter(response.headers.get('retry-after')),
    current: isRecord(body) ? body.current : undefined,
  });
}

const CLASSES: Readonly<Record<number, typeof ParleyError>> = {
  401: AuthenticationError,
  403: PermissionError,
  404: NotFoundError,
  409: ConflictError,
  429: ThrottledError,
};

function classOf(status: number): typeof ParleyError {
  if (status >= 500) return ServerError;
  // Below 400 it is an answer that is not Parley's at all.
  return CLASSES[status] ?? (status >= 400 ? InvalidRequestError : ParleyError);
}

function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
