import { ApiError } from '#platform/api-error.ts';
import { DataDirInUseError } from '#platform/data-dir-lock.ts';
import type { AdminFailure } from './admin-protocol.ts';

/** A command that failed, with a message for the person who gave it. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
  readonly code: string;
  readonly attr: string | null;

  constructor({ code, detail, attr }: AdminFailure, options: ErrorOptions = {}) {
    super(detail, options);
    this.code = code;
    this.attr = attr;
  }
}

export function adminError(code: string, detail: string, cause?: unknown): AdminError {
  return new AdminError({ code, detail, attr: null }, { cause });
}

/** Who may give these commands owns the machine: unexpected failures are told as they are. */
export function toFailure(error: unknown): AdminFailure {
  if (error instanceof AdminError) return { code: error.code, detail: error.message, attr: error.attr };
  if (error instanceof ApiError) return { code: error.code, detail: error.message, attr: error.attr };
  if (error instanceof DataDirInUseError)
    return { code: 'data_dir_in_use', detail: error.message, attr: null };
  return { code: 'error', detail: describeError(error), attr: null };
}

/** The message of an error and of what caused it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node reports a host with several addresses as one error without a text of its own.
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  const own = error.message;
  if (!(inner instanceof Error) || own.includes(inner.message)) return own;
  return own === '' ? describeError(inner) : `${own} ${describeError(inner)}`;
}
