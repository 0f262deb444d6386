import type { Credentials, RouteDeclaration } from '@parley/contract/route';

/** What of a declaration a call needs: packages that are built hold no more of it. */
export type OperationDeclaration = Pick<
  RouteDeclaration,
  'id' | 'method' | 'path' | 'idempotent' | 'stream' | 'produces' | 'consumes'
> & { credentials?: Credentials };

/** What a request is built from, without the types of one declaration. */
export interface RequestInput {
  params?: Readonly<Record<string, string | number | undefined>>;
  query?: Readonly<Record<string, unknown>>;
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
}

export interface ClientSettings {
  /** Without a trailing slash. */
  baseUrl: string;
  apiKey: string | undefined;
  project: number | '@current';
}

/** The address of a call. The project's id is the client's unless the call names one. */
export function requestUrl(
  { baseUrl, project }: ClientSettings,
  declaration: Pick<OperationDeclaration, 'path'>,
  { params = {}, query = {} }: RequestInput,
): string {
  const path = declaration.path.replace(/:(\w+)/g, (_, name: string) =>
    segment(name, params[name] ?? (name === 'project_id' ? project : undefined)),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return `${baseUrl}${path}${search.size > 0 ? `?${search}` : ''}`;
}

function segment(name: string, value: string | number | undefined): string {
  const text = String(value ?? '');
  // No encoding keeps a dot segment from being resolved, which would call another path.
  if (text === '' || text === '.' || text === '..') throw new TypeError(`The parameter ${name} is missing.`);
  return text === '@current' ? text : encodeURIComponent(text);
}

/** The key as the operation wants it: the routes of the widget have a header of their own. */
export function requestHeaders(
  { apiKey }: ClientSettings,
  { credentials }: Pick<OperationDeclaration, 'credentials'> = {},
): Record<string, string> {
  if (apiKey === undefined) return {};
  if (credentials === 'public_token') return { 'x-conversations-token': apiKey };
  return { authorization: `Bearer ${apiKey}` };
}

/** Method, headers and body of a call. */
export function requestInit(
  settings: ClientSettings,
  declaration: OperationDeclaration,
  body: unknown,
  idempotencyKey: string | undefined,
): RequestInit {
  const accept = [...(declaration.produces ?? []), 'application/json'].join(', ');
  const headers = { ...requestHeaders(settings, declaration), accept };
  const type = declaration.consumes ?? 'application/json';
  const json = body === undefined ? {} : { 'content-type': type };
  const key = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
  return {
    method: declaration.method,
    headers: { ...headers, ...json, ...key },
    ...(body === undefined ? {} : declaration.consumes ? fileBody(body) : { body: JSON.stringify(body) }),
  };
}

/** A file goes out as it is; one that is read while it is sent needs to say so (`duplex`). */
function fileBody(body: unknown): RequestInit {
  // FileBody of types.ts, which the types of the call ask for.
  return { body: body as BodyInit, ...(body instanceof ReadableStream ? { duplex: 'half' } : {}) };
}

/** 128 random bits. `crypto.randomUUID` is missing on pages that are not served over HTTPS. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
