import { ERROR_CODES, type ErrorBody, type ErrorCode } from '@parley/contract/errors';

export interface ApiErrorOptions {
  /** The field at fault; nested paths are joined with `__`. */
  attr?: string;
  /** Repeat the code as error_type, where the published API names one. */
  errorType?: boolean;
  retryAfterSeconds?: number;
  /** The whole body, where a route has a form of its own. */
  body?: object;
  /** With a conflict: the thing as it is now, so that the caller need not ask for it. */
  current?: unknown;
  cause?: unknown;
}

/** Names of fields inside of a client's own JSON have any length. */
const ATTR_MAX = 200;

/** An answer that is not a success. Anything else that is thrown becomes a 500 without its message. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly attr: string | null;
  readonly retryAfterSeconds: number | undefined;
  /** Undefined where the answer has the form of its route. */
  readonly ownBody: object | undefined;
  private readonly hasErrorType: boolean;
  private readonly current: unknown;

  constructor(code: ErrorCode, detail: string, options: ApiErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = ERROR_CODES[code].status;
    this.attr = options.attr?.slice(0, ATTR_MAX).toWellFormed() ?? null;
    this.ownBody = options.body;
    this.hasErrorType = options.errorType ?? false;
    this.current = options.current;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  toBody(): ErrorBody {
    const { code, message, attr } = this;
    const body = { type: ERROR_CODES[code].type, code, detail: message, attr };
    return {
      ...body,
      ...(this.hasErrorType ? { error_type: code } : {}),
      ...(this.current === undefined ? {} : { current: this.current }),
    };
  }
}

/** A field that cannot be taken as it is (400 with its name). */
export function invalid(attr: string, detail: string, code: ErrorCode = 'invalid_input'): ApiError {
  return new ApiError(code, detail, { attr });
}

export function notFound(): ApiError {
  return new ApiError('not_found', 'Not found.');
}

export function forbidden(detail = 'You do not have permission to perform this action.'): ApiError {
  return new ApiError('permission_denied', detail);
}
