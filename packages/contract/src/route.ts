import type { Static, TSchema } from 'typebox';

export const SCOPES = [
  'ticket:read',
  'ticket:reply',
  'ticket:write',
  'conversation:read',
  'conversation:write',
  '*',
] as const;
export type Scope = (typeof SCOPES)[number];

/** What a caller may do in a project, from least to most (decisions.md 19c). */
export const ACCESS_LEVELS = ['none', 'viewer', 'editor', 'manager'] as const;
export type AccessLevel = (typeof ACCESS_LEVELS)[number];

export const MEMBERSHIP_LEVELS = ['member', 'admin', 'owner'] as const;
export type MembershipLevel = (typeof MEMBERSHIP_LEVELS)[number];

/**
 * Who may call a route with which credentials:
 * - `public`: anyone.
 * - `any`: a session or any valid key.
 * - `trusted`: a session, or a key with the scope `*`.
 * - `session`: a session only; keys get 403.
 * - a list: a session, or a key with one of these scopes.
 * - `project_secret`: a secret of a project, which says which project the call is about (tickets-api.md 4.7).
 * - `service_token`: a token that a service signed for one project and one ticket (tickets-api.md 4.8).
 * - `public_token`: the token that pages of a project's customers hold, in `X-Conversations-Token`. It says which
 *   project the call is about, and nothing about who calls (widget.md 4).
 */
export type Credentials =
  | 'public'
  | 'any'
  | 'trusted'
  | 'session'
  | 'project_secret'
  | 'service_token'
  | 'public_token'
  | readonly Scope[];

/** What a secret key of a project may be limited to. */
export const SECRET_SCOPES = ['support_ticket:read'] as const;
export type SecretScope = (typeof SECRET_SCOPES)[number];

/** What a route may send besides JSON. */
export type ProducedType =
  | 'application/x-ndjson'
  | 'text/csv'
  | 'text/javascript'
  | 'application/json'
  | 'application/octet-stream'
  | 'text/html';

/** One declaration per route: validation, response filtering, types, documentation and permissions come from it. */
export interface RouteDeclaration {
  /** Operation id, the one name of this operation everywhere. */
  id: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  summary: string;
  description?: string;
  credentials: Credentials;
  /** Least project access; the path then holds `:project_id`, unless the credentials name the project. */
  project?: Exclude<AccessLevel, 'none'>;
  /** With credentials `project_secret`: a key that is limited to this scope may call it too. */
  secretScope?: SecretScope;
  /**
   * `plain`: errors are {"error": …}, not the one form of all other routes (tickets-api.md 1.4, family C). `widget`: some
   * are, with `details` for fields at fault (widget.md 5.7).
   */
  errors?: 'plain' | 'widget';
  /** Pages of any origin may call it, without cookies: preflights are answered, and every answer says so. */
  crossOrigin?: true;
  /** Least level in the organization; the path then holds `:organization_id`. */
  organization?: MembershipLevel;
  query?: TSchema;
  body?: TSchema;
  /** The handler checks the body itself, after conditions that come first (tickets-api.md 2.9 and 2.10). */
  lateBody?: true;
  /** Also takes application/x-www-form-urlencoded (decisions.md 3a). */
  form?: true;
  /** By status. `null` is an answer without a body. */
  responses: Readonly<Record<number, TSchema | null>>;
  /** Honours Idempotency-Key (decisions.md 18). `sealed`: the answer holds a secret and is stored encrypted. */
  idempotent?: true | 'sealed';
  /** Extra limit shared by all routes that name it; figures are in the server's rate limit table. */
  rateLimit?: 'reply' | 'suggest' | 'login';
  /** The published name of this operation as an MCP tool (decisions.md 19a). Events are in events.ts. */
  mcpTool?: string;
  /** Not an ordinary JSON answer: an event stream. */
  stream?: true;
  /**
   * Answers with a file that is written while it is sent, in one of these types. The handler sends it to the reply; the
   * schema of the answer is that of one line of NDJSON.
   */
  produces?: readonly ProducedType[];
  /** With `format` in its query the JSON answer comes as a file of one of these types instead. */
  formats?: readonly ProducedType[];
  /**
   * Takes a body of this type instead of JSON. Of NDJSON the handler reads it while it arrives: it may be larger than
   * memory; so it does with plain bytes. Of any type: the handler gets the bytes, up to the limit of all bodies.
   */
  consumes?: 'application/x-ndjson' | 'application/octet-stream' | '*/*';
}

export function defineRoute<const D extends RouteDeclaration>(declaration: D): D {
  return declaration;
}

type PathParams<Path extends string> = Path extends `${infer Head}/${infer Rest}`
  ? PathParams<Head> & PathParams<Rest>
  : Path extends `:${infer Name}`
    ? Readonly<Record<Name, string>>
    : unknown;

export type ParamsOf<D extends RouteDeclaration> = PathParams<D['path']>;
export type BodyOf<D extends RouteDeclaration> = D['body'] extends TSchema ? Static<D['body']> : undefined;
export type QueryOf<D extends RouteDeclaration> = D['query'] extends TSchema
  ? Static<D['query']>
  : Record<string, never>;
export type ResponseOf<D extends RouteDeclaration> = {
  [S in keyof D['responses']]: D['responses'][S] extends TSchema ? Static<D['responses'][S]> : undefined;
}[keyof D['responses']];
