import type { PlainErrorBody } from '@parley/contract/errors';
import type { RouteDeclaration } from '@parley/contract/route';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '#platform/api-error.ts';

const FASTIFY_ERRORS: Record<string, ApiError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: new ApiError('request_too_large', 'The request body is too large.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: new ApiError(
    'unsupported_media_type',
    'Unsupported media type in request.',
  ),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: new ApiError(
    'parse_error',
    'The body does not match its Content-Length.',
  ),
  FST_ERR_BAD_URL: new ApiError('not_found', 'Not found.'),
  FST_ERR_MAX_PARAM_LENGTH: new ApiError('not_found', 'Not found.'),
};

const QUERY_CANCELED = '57014';

/** The database took too long, or had no connection to give: worth another try, and no fault of the request. */
function isOverload(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && error.code === QUERY_CANCELED) ||
    error.message.startsWith('timeout exceeded when trying to connect')
  );
}

/** The one place where anything thrown becomes an answer. */
function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const code = (error as Partial<FastifyError> | null)?.code;
  const known = code === undefined ? undefined : FASTIFY_ERRORS[code];
  if (isOverload(error)) {
    return new ApiError('not_ready', 'The server is too busy. Try again.', {
      retryAfterSeconds: 5,
      cause: error,
    });
  }
  return known ?? new ApiError('error', 'A server error occurred.', { cause: error });
}

/** The same error as routes with plain errors tell it: by field, where one is at fault (tickets-api.md 1.4). */
function toPlainBody({ attr, message }: ApiError): PlainErrorBody {
  if (attr === null) return { error: message };
  const [field = attr, ...inner] = attr.split('__');
  return { error: { [field]: [inner.length > 0 ? `${inner.join('.')}: ${message}` : message] } };
}

/** The form of errors of a route; undefined is the one of all others. */
export type ErrorForm = RouteDeclaration['errors'];

function toBody(error: ApiError, form: ErrorForm): object {
  if (error.ownBody) return error.ownBody;
  if (form === 'plain') return toPlainBody(error);
  const { attr, message } = error;
  if (form !== 'widget' || attr === null) return error.toBody();
  const [field = attr] = attr.split('__');
  return { error: 'Invalid request data', details: { [field]: [message] } };
}

/** Sends an error in the form of its route. What was unexpected is logged, and never told. */
export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  form: ErrorForm = request.routeOptions.config.declaration?.errors,
): FastifyReply {
  const apiError = toApiError(error);
  // Nobody listens any more: what broke by hanging up is not worth an alarm.
  if (apiError.status >= 500 && !request.raw.socket.destroyed)
    request.log.error({ err: apiError.cause ?? error }, 'request failed');
  if (apiError.retryAfterSeconds !== undefined)
    reply.header('retry-after', String(apiError.retryAfterSeconds));
  return reply
    .code(apiError.status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(toBody(apiError, form)));
}
