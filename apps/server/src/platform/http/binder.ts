import { ErrorBody, PlainErrorBody, WidgetErrorBody } from '@parley/contract/errors';
import type { ResponseOf, RouteDeclaration } from '@parley/contract/route';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import type { Project } from '#platform/actor.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import type { ReadContext, UnitOfWork, Uow } from '#platform/unit-of-work.ts';
import { type Admission, admit, type Identities } from './admit.ts';
import { Answer, type Call, RawJson, TextFile } from './call.ts';
import { allowAnyOrigin, answerPreflight } from './cross-origin.ts';
import { findEarlier, type IdempotentRequest, once, readIdempotencyKey } from './idempotency.ts';
import { checkRateLimits, type RateLimits } from './rate-limits.ts';
import { assertValid } from './validator.ts';

declare module 'fastify' {
  interface FastifyRequest {
    admission: Admission | undefined;
  }
  interface FastifyContextConfig {
    declaration?: RouteDeclaration;
  }
}

export interface BinderParts {
  app: FastifyInstance;
  identities: Identities;
  unitOfWork: UnitOfWork;
  shared: SharedState;
  /** Seals remembered answers that hold a secret. */
  secretBox: SecretBox;
  rateLimits: RateLimits;
  /** Origins, besides the server's own, from which a session cookie may change things. */
  allowedOrigins: ReadonlySet<string>;
  /** How clients reach this server, when that is not the address of the request. */
  publicUrl: string | undefined;
}

type Result<D extends RouteDeclaration> = ResponseOf<D> | Answer | RawJson | TextFile | undefined;

/** Binds declarations to functions. A feature's routes file does nothing else. */
export interface Binder {
  /** A route that only reads. */
  read<D extends RouteDeclaration>(
    declaration: D,
    handler: (context: ReadContext, call: Call<D>) => Promise<Result<D>>,
  ): void;
  /** A route whose whole handler is one unit of work. */
  write<D extends RouteDeclaration>(
    declaration: D,
    handler: (uow: Uow, call: Call<D>) => Promise<Result<D>>,
  ): void;
  /** A route that reads first and may write, or does something slow between two units of work. */
  mixed<D extends RouteDeclaration>(
    declaration: D,
    handler: (unitOfWork: UnitOfWork, call: Call<D>) => Promise<Result<D>>,
  ): void;
}

export function createBinder(parts: BinderParts): Binder {
  const { app, unitOfWork } = parts;
  app.decorateRequest('admission', undefined);
  const preflights = createPreflights(app);

  function register<D extends RouteDeclaration>(
    declaration: D,
    handle: (call: Call<D>) => Promise<Result<D>>,
  ): void {
    const options = (path: string) => ({
      method: declaration.method,
      url: path,
      config: { declaration },
      schema: toSchema(declaration),
      // Bodies are checked by assertValid, which names the field in the one error form.
      validatorCompiler: () => () => true,
      onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
        // First, so that refusals are let through too.
        if (declaration.crossOrigin) allowAnyOrigin(reply);
        const admission = await admit(parts.identities, request, declaration, parts.allowedOrigins);
        await checkRateLimits(parts.shared, parts.rateLimits, admission, declaration);
        request.admission = admission;
      },
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        if (declaration.body && !declaration.lateBody) assertValid(declaration.body, bodyOf(request));
        const call = toCall(declaration, request, reply, parts);
        return send(declaration, reply, await handle(call));
      },
    });
    app.route(options(declaration.path));
    if (declaration.crossOrigin) preflights.add(declaration);
    // The published pages also know a project under its former name.
    if (declaration.path.startsWith('/api/projects/:project_id/')) {
      app.route(options(declaration.path.replace('/api/projects/', '/api/environments/')));
    }
  }

  return {
    read: (declaration, handler) =>
      register(declaration, (call) => unitOfWork.read(call.actor, (context) => handler(context, call))),
    write: (declaration, handler) =>
      register(declaration, (call) =>
        unitOfWork.run(call.actor, (uow) => call.once(uow, () => handler(uow, call))),
      ),
    mixed: (declaration, handler) =>
      register(declaration, async (call) => {
        const request = toIdempotent(declaration, call, parts.secretBox);
        const earlier =
          request && (await unitOfWork.read(call.actor, (context) => findEarlier(context, request)));
        return earlier ?? handler(unitOfWork, call);
      }),
  };
}

/** Answers preflights: one route for all declarations of a path. */
function createPreflights(app: FastifyInstance): { add(declaration: RouteDeclaration): void } {
  const methods = new Map<string, string[]>();
  return {
    add({ path, method }) {
      const known = methods.get(path);
      if (known) return void known.push(method);
      const allowed = [method, 'OPTIONS'];
      methods.set(path, allowed);
      app.options(path, (request, reply) => answerPreflight(request, reply, allowed));
    },
  };
}

/** What a request with an Idempotency-Key is remembered by; undefined for one without. */
function toIdempotent<D extends RouteDeclaration>(
  declaration: D,
  call: Pick<Call<RouteDeclaration>, 'request' | 'url'> & { project?: Project | undefined },
  secretBox: SecretBox,
): IdempotentRequest | undefined {
  const { request, project } = call;
  const key = declaration.idempotent ? readIdempotencyKey(request.headers['idempotency-key']) : undefined;
  if (key === undefined) return undefined;
  const content = `${call.url.pathname.replace(/\/$/, '')}\n${JSON.stringify(request.body)}`;
  const box = declaration.idempotent === 'sealed' ? secretBox : undefined;
  return { projectId: project?.id ?? 0, route: declaration.id, key, content, box };
}

/** A request without a body says as much as one with an empty object; `null` says something else. */
function bodyOf(request: FastifyRequest): unknown {
  return request.body === undefined ? {} : request.body;
}

function toCall<D extends RouteDeclaration>(
  declaration: D,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: BinderParts,
): Call<D> {
  const { admission } = request;
  if (!admission) throw new Error('A handler ran before its request was admitted.');
  const body = bodyOf(request);
  const asked = {
    request,
    project: admission.project,
    // Parsed when somebody looks at it, which few routes do.
    get url() {
      return urlOf(request, parts.publicUrl);
    },
  };
  const remembered = toIdempotent(declaration, asked, parts.secretBox);
  const call = {
    params: request.params,
    query: request.query,
    body,
    checkBody: () => void (declaration.body && assertValid(declaration.body, body)),
    readmit: async () => (await admit(parts.identities, request, declaration, parts.allowedOrigins)).actor,
    ...admission,
    get url() {
      return asked.url;
    },
    once: async (uow: Uow, write: () => Promise<Result<D>>) =>
      remembered ? once(uow, remembered, async () => toAnswer(declaration, await write())) : write(),
    request,
    reply,
  };
  // Fastify's own types do not follow the declaration; assertValid and admit have just checked all of it.
  return call as unknown as Call<D>;
}

/** The address that was called. A Host header that is none must not make an error of the request. */
function urlOf(request: FastifyRequest, publicUrl: string | undefined): URL {
  const origin = publicUrl ?? `${request.protocol}://${request.host}`;
  return URL.parse(request.url, origin) ?? new URL(request.url, 'http://localhost');
}

function firstStatus(declaration: RouteDeclaration): number {
  return Number(Object.keys(declaration.responses)[0]);
}

function toAnswer(declaration: RouteDeclaration, result: unknown): Answer {
  if (result instanceof Answer) return result;
  // A route that creates answers 201; where it also may answer 200, it says so with an Answer.
  return new Answer('201' in declaration.responses ? 201 : firstStatus(declaration), result);
}

function send(declaration: RouteDeclaration, reply: FastifyReply, result: unknown): unknown {
  if (declaration.stream || declaration.produces) return reply;
  const { status, body } = toAnswer(declaration, result);
  if (!(status in declaration.responses))
    throw new Error(`${declaration.id} answered ${status}, which it does not declare.`);
  reply.code(status);
  if (declaration.responses[status] === null) return reply.send();
  if (body instanceof RawJson) {
    // Bytes, so that the route's serializer leaves them alone.
    return reply
      .type('application/json; charset=utf-8')
      .serializer((payload: string) => payload)
      .send(body.text);
  }
  if (body instanceof TextFile) return sendFile(declaration, reply, body);
  return reply.send(body);
}

/** Its name is our own: no letter of it needs to be escaped. */
function sendFile({ id, formats = [] }: RouteDeclaration, reply: FastifyReply, file: TextFile): unknown {
  if (!formats.some((type) => type === file.type))
    throw new Error(`${id} answered ${file.type}, which it does not declare.`);
  return reply
    .type(`${file.type}; charset=utf-8`)
    .header('content-disposition', `attachment; filename="${file.name}"`)
    .serializer((payload: string) => payload)
    .send(file.text);
}

/** Serializers: what an answer does not declare is left out of it. The documentation is written from the contract. */
function toSchema({ responses, errors }: RouteDeclaration): FastifySchema {
  const successes = Object.entries(responses).map(([status, schema]) => [status, schema ?? { type: 'null' }]);
  const failure = { plain: PlainErrorBody, widget: WidgetErrorBody, usual: ErrorBody }[errors ?? 'usual'];
  return { response: { ...Object.fromEntries(successes), '4xx': failure, '5xx': failure } };
}
