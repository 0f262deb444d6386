import { randomUUID } from 'node:crypto';
import { apiKeys, type CurrentApiKey } from '@parley/contract/api-keys';
import { SCOPES } from '@parley/contract/route';
import { ApiRefusal, type CallApi } from '@parley/mcp/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isTooDeep } from '#platform/http/json-body.ts';
import { VERSION } from '../version.ts';
import { callOwnApi } from './mcp-call.ts';
import { isOriginAllowed } from './mcp-origin.ts';

const PATH = '/mcp';
const METADATA = '/.well-known/oauth-protected-resource';
const SESSION = 'mcp-session-id';
const PARSE_ERROR = -32700;
const REFUSED = -32000;

interface McpOptions {
  publicUrl: string | undefined;
}

interface Caller {
  call: CallApi;
  scopes: readonly string[];
}

const CALLER = 'mcpCaller';

/**
 * The tools over streamable HTTP. Each request stands alone, so that any node may answer it; the id that a session is
 * given names it in idempotency keys, and nothing is kept for it.
 */
export function bindMcp(app: FastifyInstance, { publicUrl }: McpOptions): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // As text: what the API has against a body is told as the answer of a tool, with the name of the argument.
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      async (_request: FastifyRequest, body: unknown) => body,
    );
    scope.decorateRequest(CALLER);
    // Before the body is read, as everywhere.
    scope.addHook('onRequest', async (request, reply) => {
      if (!isOriginAllowed(request, publicUrl))
        return refuse(reply, 403, REFUSED, 'Requests from this Origin are not allowed.');
      const caller = await identify(app, request);
      if (caller instanceof ApiRefusal) return refuseKey(request, reply, caller, publicUrl);
      request.setDecorator<Caller>(CALLER, caller);
    });
    scope.post(PATH, (request, reply) => answer(request, reply));
  });
  for (const path of [METADATA, `${METADATA}${PATH}`]) {
    app.get(path, async (request) => ({
      resource: `${addressOf(request, publicUrl)}${PATH}`,
      resource_name: 'Parley',
      // There is no authorization server: a personal API key is the token.
      bearer_methods_supported: ['header'],
      scopes_supported: SCOPES,
    }));
  }
}

/** Asks the API itself whose key this is; a request counts against the key's limit as it does there. */
async function identify(app: FastifyInstance, request: FastifyRequest): Promise<Caller | ApiRefusal> {
  const { project_id: asked = '@current' } = request.query as Record<string, string | undefined>;
  // What is no project at all finds none.
  const project = /^(@current|\d{1,15})$/.test(asked) ? asked : '0';
  const call = callOwnApi({ app, request, project });
  try {
    // The API answers by its declaration.
    const key = (await call(apiKeys.retrieveCurrent, { params: {}, query: {} })) as CurrentApiKey;
    return { call, scopes: key.scopes };
  } catch (error) {
    if (error instanceof ApiRefusal) return error;
    throw error;
  }
}

async function answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const message = parse(request.body);
  if (message === undefined)
    return refuse(reply, 400, PARSE_ERROR, 'The body is no JSON, or nested too deep.');
  const { call, scopes } = request.getDecorator<Caller>(CALLER);
  const session = isInitialize(message) ? randomUUID() : readSession(request);
  // Most processes never speak this protocol: what it needs is loaded by the first who does.
  const { answerOnce } = await import('@parley/mcp/answer-once');
  const parts = {
    version: VERSION,
    call,
    scopes: async () => scopes,
    session,
    onError: (error: unknown) => request.log.warn({ err: error }, 'mcp'),
  };
  const onClose = (listener: () => void) => void reply.raw.once('close', listener);
  const response = await answerOnce({ request: toWebRequest(request), message, onClose }, parts);
  if (isInitialize(message)) reply.header(SESSION, session);
  return reply.send(response);
}

function parse(body: unknown): unknown {
  const text = String(body);
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the transport looks at. */
function toWebRequest({ method, headers }: FastifyRequest): Request {
  const taken = ['accept', 'content-type', 'mcp-protocol-version'].flatMap((name): [string, string][] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return new Request('http://localhost/mcp', { method, headers: taken });
}

function isInitialize(message: unknown): boolean {
  return [message].flat().some((one) => Object(one).method === 'initialize');
}

function readSession({ headers }: FastifyRequest): string | undefined {
  const value = headers[SESSION];
  return typeof value === 'string' && value !== '' ? value.slice(0, 100) : undefined;
}

/** No key, no valid key, or too many requests: said the way HTTP says it, before the protocol begins. */
function refuseKey(
  request: FastifyRequest,
  reply: FastifyReply,
  { details }: ApiRefusal,
  publicUrl: string | undefined,
): FastifyReply {
  const { status, code, detail, retryAfter } = details;
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (status === 401) {
    const invalid = request.headers.authorization === undefined ? '' : ', error="invalid_token"';
    const metadata = `${addressOf(request, publicUrl)}${METADATA}${PATH}`;
    reply.header('www-authenticate', `Bearer realm="Parley"${invalid}, resource_metadata="${metadata}"`);
  }
  return refuse(reply, status, REFUSED, `${code}: ${detail}`);
}

function refuse(reply: FastifyReply, status: number, code: number, message: string): FastifyReply {
  return reply.code(status).send({ jsonrpc: '2.0', error: { code, message }, id: null });
}

/** Where clients reach this server. A header with it must hold nothing that ends it. */
function addressOf(request: FastifyRequest, publicUrl: string | undefined): string {
  const address = publicUrl ?? `${request.protocol}://${request.host}`;
  return URL.parse(address)?.origin ?? '';
}
