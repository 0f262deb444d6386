import { contract } from '@parley/contract/contract';
import type { RouteDeclaration } from '@parley/contract/route';
import { Download } from './download.ts';
import { type EventsOptions, type ServerEvent, streamEvents } from './event-stream.ts';
import {
  type ClientSettings,
  newIdempotencyKey,
  type OperationDeclaration,
  type RequestInput,
  requestInit,
  requestUrl,
} from './request.ts';
import { withRetries } from './retry.ts';
import { open, send } from './send.ts';
import type { AnswerOf, CallArguments, Operations } from './types.ts';

export interface ParleyClientOptions {
  /** Where the server is, e.g. `https://support.example.com`; empty in a page that the server itself delivers. */
  baseUrl: string;
  /** Left out in a browser, which has the session's cookie. */
  apiKey?: string | undefined;
  /** Default: the current project of the key's user. */
  project?: number | '@current';
  fetch?: typeof fetch;
  /** Tries after the first one, of calls that can be repeated. */
  retries?: number;
  /** How long one try may take. */
  timeoutMs?: number;
}

export type ParleyClient = Operations & {
  /** Calls an operation by its declaration. */
  call<D extends RouteDeclaration>(declaration: D, ...args: CallArguments<D>): Promise<AnswerOf<D>>;
  /** What changes in the project from now on, or from `lastEventId` on; reconnects by itself. */
  events(options?: EventsOptions): AsyncGenerator<ServerEvent, void, undefined>;
};

type UntypedCall = (declaration: OperationDeclaration, input?: RequestInput) => Promise<unknown>;
type UntypedOperation = (input?: RequestInput) => Promise<unknown>;

/** A client with every operation of the API: `client.tickets.list()`, `client.tickets.reply({ params, body })`. */
export function createParleyClient(options: ParleyClientOptions): ParleyClient {
  const { apiKey, project = '@current', retries = 3, timeoutMs = 60_000 } = options;
  const settings: ClientSettings = { baseUrl: options.baseUrl.replace(/\/+$/, ''), apiKey, project };
  // Browsers insist that their fetch is called as a function of the window.
  const fetcher: typeof fetch = options.fetch ?? ((...args) => globalThis.fetch(...args));

  const call: UntypedCall = async (declaration, input = {}) => {
    const { signal } = input;
    const key = declaration.idempotent ? (input.idempotencyKey ?? newIdempotencyKey()) : undefined;
    const url = requestUrl(settings, declaration, input);
    const init = requestInit(settings, declaration, input.body, key);
    const isRepeatable = declaration.method === 'GET' || key !== undefined;
    const sendOptions = { fetch: fetcher, timeoutMs, signal };
    const attempt = declaration.produces
      ? async () => new Download(await open(url, init, sendOptions), { idleMs: timeoutMs, signal })
      : () => send(url, init, sendOptions);
    return withRetries<unknown>(attempt, { retries: isRepeatable ? retries : 0, signal });
  };

  const client = {
    ...bindOperations(call),
    call,
    events: (streamOptions: EventsOptions = {}) => streamEvents(settings, fetcher, streamOptions),
  };
  // The types of the operations follow from the same declarations that bindOperations walks.
  return client as unknown as ParleyClient;
}

function bindOperations(call: UntypedCall): Record<string, Record<string, UntypedOperation>> {
  const groups: Record<string, Record<string, UntypedOperation>> = {};
  const declarations: OperationDeclaration[] = Object.values(contract).flatMap((group) =>
    Object.values(group),
  );
  for (const declaration of declarations) {
    if (declaration.stream) continue;
    const dot = declaration.id.indexOf('.');
    const group = camelCase(declaration.id.slice(0, dot));
    const name = camelCase(declaration.id.slice(dot + 1));
    groups[group] = { ...groups[group], [name]: (input) => call(declaration, input) };
  }
  return groups;
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
