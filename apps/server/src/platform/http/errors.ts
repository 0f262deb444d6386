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

/** The one place where anything thrown becomes an answer. */
function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const code = (error as Partial<FastifyError> | null)?.code;
  const known = code === undefined ? undefined : FASTIFY_ERRORS[code];
  return known ?? new ApiError('error', 'A server error occurred.', { cause: error });
}

/** Sends an error in its one form. What was unexpected is logged, and never told. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const apiError = toApiError(error);
  if (apiError.status >= 500 && apiError.code !== 'not_ready')
    request.log.error({ err: apiError.cause ?? error }, 'request failed');
  if (apiError.retryAfterSeconds !== undefined)
    reply.header('retry-after', String(apiError.retryAfterSeconds));
  return reply
    .code(apiError.status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(apiError.toBody()));
}
