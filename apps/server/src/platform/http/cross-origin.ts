import type { FastifyReply, FastifyRequest } from 'fastify';

/** Chromium keeps the answer to a preflight for two hours at most. */
const MAX_AGE_SECONDS = 7200;
const HEADER_NAMES = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+(?: *, *[A-Za-z0-9!#$%&'*+.^_`|~-]+)*$/;
const USUAL_HEADERS = 'content-type, x-conversations-token';

/** Lets the page that asked read an answer, refusals too: to a page, one without this looks like no answer at all. */
export function allowAnyOrigin(reply: FastifyReply): void {
  reply.header('access-control-allow-origin', '*');
  reply.header('access-control-expose-headers', 'retry-after, x-request-id');
}

/**
 * Answers a preflight. Headers are allowed as they are asked for, because sites add their own to every request; cookies
 * never are, so a page gets nothing that a program could not.
 */
export function answerPreflight(
  request: FastifyRequest,
  reply: FastifyReply,
  methods: readonly string[],
): FastifyReply {
  const asked = request.headers['access-control-request-headers'];
  allowAnyOrigin(reply);
  return reply
    .code(204)
    .header('access-control-allow-methods', methods.join(', '))
    .header('access-control-allow-headers', asked && HEADER_NAMES.test(asked) ? asked : USUAL_HEADERS)
    .header('access-control-max-age', String(MAX_AGE_SECONDS))
    .header('vary', 'access-control-request-headers')
    .send();
}
