import type { Contract } from '@parley/contract/contract';
import type { BodyOf, ParamsOf, QueryOf, ResponseOf, RouteDeclaration } from '@parley/contract/route';
import type { Download } from './download.ts';

type OwnParam<D extends RouteDeclaration> = Exclude<keyof ParamsOf<D>, 'project_id'>;

/** The client knows the project; naming another one is possible for a single call. */
type ProjectParam<D extends RouteDeclaration> = 'project_id' extends keyof ParamsOf<D>
  ? { project_id?: string | number }
  : unknown;

type ParamsOption<D extends RouteDeclaration> = [OwnParam<D>] extends [never]
  ? { params?: ProjectParam<D> }
  : { params: { [K in OwnParam<D>]: string | number } & ProjectParam<D> };

/** What a file can be sent as. */
export type FileBody = string | Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

type BodyOption<D extends RouteDeclaration> = D['consumes'] extends string
  ? { body: FileBody }
  : [BodyOf<D>] extends [undefined]
    ? unknown
    : { body: BodyOf<D> };

/** The wire takes text; numbers and booleans are written as it, and undefined is left out. */
type QueryOption<D extends RouteDeclaration> = {
  query?: { [K in keyof QueryOf<D>]?: QueryOf<D>[K] | number | boolean | undefined };
};

/** Made by the client where the caller gives none. */
type KeyOption<D extends RouteDeclaration> = D['idempotent'] extends true | 'sealed'
  ? { idempotencyKey?: string }
  : unknown;

export type CallOptions<D extends RouteDeclaration> = ParamsOption<D> &
  BodyOption<D> &
  QueryOption<D> &
  KeyOption<D> & { signal?: AbortSignal | undefined };

/** One argument, which may be left out where nothing in it is required. */
export type CallArguments<D extends RouteDeclaration> =
  Record<never, never> extends CallOptions<D> ? [options?: CallOptions<D>] : [options: CallOptions<D>];

/** A file where the operation writes one, else the answer. */
export type AnswerOf<D extends RouteDeclaration> = D['produces'] extends readonly string[]
  ? Download<ResponseOf<D>>
  : ResponseOf<D>;

export type Operation<D extends RouteDeclaration> = (...args: CallArguments<D>) => Promise<AnswerOf<D>>;

type Declared = { [G in keyof Contract]: Contract[G][keyof Contract[G]] }[keyof Contract];
/** Streams are no calls; `client.events()` reads the one there is. */
type Callable = Exclude<Declared, { stream: true }>;

export type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;
type GroupOf<Id extends string> = Id extends `${infer Group}.${string}` ? Group : never;
type NameOf<Id extends string> = Id extends `${string}.${infer Name}` ? Name : never;

/** Every operation under its id: `tickets.bulk_update_tags` is `client.tickets.bulkUpdateTags`. */
export type Operations = {
  [G in GroupOf<Callable['id']> as CamelCase<G>]: {
    [Id in Extract<Callable['id'], `${G}.${string}`> as CamelCase<NameOf<Id>>]: Operation<
      Extract<Callable, { id: Id }>
    >;
  };
};

export type OperationId = Callable['id'];
/** `AnswerTo<'tickets.list'>`: what an operation answers. */
export type AnswerTo<Id extends OperationId> = AnswerOf<Extract<Callable, { id: Id }>>;
/** `BodyFor<'tickets.create'>`: what an operation takes. */
export type BodyFor<Id extends OperationId> = BodyOf<Extract<Callable, { id: Id }>>;
