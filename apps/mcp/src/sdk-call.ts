import type { RouteDeclaration } from '@parley/contract/route';
import { ApiRefusal, type ApiRequest, type CallApi } from '@parley/mcp/api';
import type { ParleyClient } from '@parley/sdk';
import { isParleyError, ParleyConnectionError } from '@parley/sdk/errors';

type AnyCall = (route: RouteDeclaration, request: ApiRequest) => Promise<unknown>;

/** Calls the API through the SDK, which repeats what may be repeated. */
export function callThroughSdk(client: ParleyClient): CallApi {
  // Its type follows one declaration; here it may be any of them.
  const call = client.call as unknown as AnyCall;
  return async (route, request) => {
    try {
      return await call(route, request);
    } catch (error) {
      throw toRefusal(error);
    }
  };
}

function toRefusal(error: unknown): unknown {
  if (error instanceof ParleyConnectionError)
    return new ApiRefusal({ status: 0, code: 'unreachable', detail: error.message, attr: null });
  if (!isParleyError(error)) return error;
  const { status, code, detail, attr, retryAfter, current } = error;
  return new ApiRefusal({ status, code, detail, attr, retryAfter, current });
}
