import type { RouteDeclaration } from '@parley/contract/route';

/** One call of the API, as a tool makes it. */
export interface ApiRequest {
  params: Record<string, string>;
  query: Record<string, string>;
  body?: Record<string, unknown> | undefined;
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Calls an operation with the rights of whoever the tools work for, and answers its body; throws ApiRefusal. Over stdio
 * it is the SDK, in the server a request to itself: rights and limits are those of the API, decided there.
 */
export type CallApi = (route: RouteDeclaration, request: ApiRequest) => Promise<unknown>;

export interface RefusalDetails {
  /** 0 where no answer came. */
  status: number;
  code: string;
  detail: string;
  attr: string | null;
  retryAfter?: number | undefined;
  /** With some conflicts: the thing as it is now. */
  current?: unknown;
}

/** The API said no, or a tool before it. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly details: RefusalDetails;

  constructor(details: RefusalDetails) {
    super(details.detail);
    this.details = details;
  }
}

/** An argument that can't be taken as it is. */
export function wrongArgument(attr: string, detail: string, code = 'invalid_input'): ApiRefusal {
  return new ApiRefusal({ status: 400, code, detail, attr });
}
