import { ApiRefusal, type ApiRequest, type CallApi } from '@parley/mcp/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

interface Inner {
  app: FastifyInstance;
  /** The request whose caller is asked for: with their key, from their address. */
  request: FastifyRequest;
  /** Where a call names no project. */
  project: string;
}

/**
 * Calls the API in this process as the caller of a request would: through the router, so that admission, limits,
 * idempotency and the project's fence are the ones of HTTP. Of the headers only the key is taken along: a session
 * cookie opens nothing here.
 */
export function callOwnApi({ app, request, project }: Inner): CallApi {
  return async (route, input) => {
    const response = await app.inject({
      method: route.method,
      url: fillPath(route.path, { project_id: project, ...input.params }),
      query: input.query,
      headers: headersOf(request, input),
      remoteAddress: request.ip,
      ...(input.body === undefined ? {} : { payload: JSON.stringify(input.body) }),
    });
    const { statusCode: status, body } = response;
    const answer: unknown = body === '' ? undefined : JSON.parse(body);
    if (status >= 200 && status < 300) return answer;
    throw toRefusal(status, answer, response.headers['retry-after']);
  };
}

function headersOf(
  { headers }: FastifyRequest,
  { body, idempotencyKey }: ApiRequest,
): Record<string, string> {
  const { authorization, 'user-agent': userAgent } = headers;
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  };
}

function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name] ?? '';
    return value === '@current' ? value : encodeURIComponent(value);
  });
}

function toRefusal(status: number, body: unknown, retryAfter: unknown): ApiRefusal {
  const { code, detail, attr, current }: Record<string, unknown> = { ...Object(body) };
  return new ApiRefusal({
    status,
    code: typeof code === 'string' ? code : 'error',
    detail: typeof detail === 'string' ? detail : `The API answered ${status}.`,
    attr: typeof attr === 'string' ? attr : null,
    retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
    current,
  });
}
