import type { Readable } from 'node:stream';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import { ApiError } from '#platform/api-error.ts';
import { uuid } from '#platform/ids.ts';
import type { Logger } from '#platform/log.ts';
import type { Metrics } from '#platform/metrics.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { allowAnyOrigin } from './cross-origin.ts';
import { sendError } from './errors.ts';
import { parseFormBody } from './form-body.ts';
import { parseJsonBody } from './json-body.ts';
import { collectPaths, factsOf } from './paths.ts';
import { acceptUpload } from './uploads.ts';

export interface HttpOptions {
  log: Logger;
  metrics: Metrics;
  /** Addresses whose forwarded headers are believed; none by default. */
  trustedProxies: readonly string[];
}

const BODY_LIMIT = 1024 * 1024;
const FORM = 'application/x-www-form-urlencoded';
const NDJSON = 'application/x-ndjson';
const BYTES = 'application/octet-stream';
const ANY = '*/*';
/** How fastify calls the parser of what no other one takes. */
const ANY_TYPE = '*';

/** The last of repeated parameters counts. NUL can't be stored, so it matches nothing. */
function parseQuery(text: string): Record<string, string> {
  const query: Record<string, string> = Object.create(null);
  if (text === '') return query;
  for (const [name, value] of new URLSearchParams(text)) query[name] = value.replaceAll('\0', '\uFFFD');
  return query;
}

/** The HTTP server without any route: parsing, errors, logging and measuring. */
export function createHttpApp({ log, metrics, trustedProxies }: HttpOptions): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = log;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    genReqId: () => uuid(),
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    // Slow senders hold a socket, not the server.
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    // On close, requests under way are answered and only idle connections are cut (see Parley.stop).
    forceCloseConnections: 'idle',
    // Two ways past the error handler: an address the router gives up on, and what is no HTTP.
    frameworkErrors: (error, request, reply) => {
      const { errors, crossOrigin } = factsOf(paths, request.url);
      if (crossOrigin) allowAnyOrigin(reply);
      sendError(error, request, reply, errors);
    },
    clientErrorHandler: answerBrokenRequest,
    routerOptions: { ignoreTrailingSlash: true, querystringParser: parseQuery, maxParamLength: 500 },
  });
  addParsers(app);
  const paths = collectPaths(app);
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const { methods, errors, crossOrigin } = factsOf(paths, request.url);
    if (crossOrigin) allowAnyOrigin(reply);
    if (methods.length === 0) return sendError(new ApiError('not_found', 'Not found.'), request, reply);
    reply.header('allow', methods.join(', '));
    return sendError(
      new ApiError('method_not_allowed', `Method "${request.method}" not allowed.`),
      request,
      reply,
      errors,
    );
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'same-origin');
    const params = request.params as Record<string, string>;
    for (const [name, value] of Object.entries(params ?? {})) params[name] = value.replaceAll('\0', '\uFFFD');
  });
  app.addHook('onResponse', async (request, reply) => {
    const operation = request.routeOptions.config.declaration?.id ?? 'none';
    metrics.observeRequest(operation, reply.statusCode, reply.elapsedTime / 1000);
    request.log.debug({ operation, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
  });
  return app;
}

function addParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (request: FastifyRequest, body: unknown) =>
      request.routeOptions.config.declaration?.consumes === ANY ? body : parseJsonBody(String(body)),
  );
  app.addContentTypeParser(FORM, { parseAs: 'string' }, async (request: FastifyRequest, body: unknown) => {
    const { declaration } = request.routeOptions.config;
    // A route without a body has nothing to read from it: `curl -d ''` is welcome there.
    if (declaration?.consumes === ANY) return body;
    if (declaration?.consumes || (declaration?.body && !declaration.form))
      throw new ApiError('unsupported_media_type', `Unsupported media type "${FORM}" in request.`);
    return parseFormBody(String(body), declaration?.body);
  });
  for (const type of [NDJSON, BYTES]) {
    app.addContentTypeParser(type, async (request: FastifyRequest) => {
      const consumes = request.routeOptions.config.declaration?.consumes;
      if (consumes === type) return acceptUpload(request.raw);
      if (consumes === ANY) return readBytes(request.raw);
      throw new ApiError('unsupported_media_type', `Unsupported media type "${type}" in request.`);
    });
  }
  // Whatever else there is, of which only some routes take the bytes.
  app.addContentTypeParser(ANY_TYPE, async (request: FastifyRequest) => {
    if (request.routeOptions.config.declaration?.consumes === ANY) return readBytes(request.raw);
    throw new ApiError('unsupported_media_type', 'Unsupported media type in request.');
  });
}

async function readBytes(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > BODY_LIMIT) throw new ApiError('request_too_large', 'The request body is too large.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
