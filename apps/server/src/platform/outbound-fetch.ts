import { lookup as lookUpName } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Agent, buildConnector, RequestInit as UndiciRequestInit } from 'undici';
import { type AllowList, isGlobalUnicast, parseAllowList } from './outbound-address.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_REDIRECTS = 5;

/** The request was not made, because of where it would have gone. */
export class OutboundRefusedError extends Error {
  override readonly name = 'OutboundRefusedError';
}

/** The answer is longer than the caller takes. */
export class ResponseTooLargeError extends Error {
  override readonly name = 'ResponseTooLargeError';
}

export interface OutboundFetchOptions {
  /** Host names, addresses and CIDRs that may be reached although they are not public, such as `localhost`. */
  allow: readonly string[];
  /** For the whole exchange, reading the body included; then it fails with a `TimeoutError`. */
  timeoutMs?: number;
  maxRedirects?: number;
}

/**
 * A `fetch` for addresses that users choose (models, webhooks, mail hosts). It reaches public http and https addresses
 * only. The check is made on the address of each connection, after the name was resolved, so neither a name that leads
 * inside, nor one that changes between two look-ups, nor a redirect gets past it.
 */
export function createOutboundFetch(options: OutboundFetchOptions): typeof fetch {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxRedirects = DEFAULT_REDIRECTS } = options;
  const allow = parseAllowList(options.allow);
  let transport: Promise<{ undici: typeof import('undici'); agent: Agent }> | undefined;

  return async (input, init) => {
    // Loaded on first use: most servers never send a request, and the library is large.
    transport ??= loadTransport(allow);
    const { undici, agent } = await transport;
    const [url, request] = await portableRequest(input, init);
    checkScheme(url);
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
    try {
      const response = await undici.fetch(url, {
        ...request,
        signal,
        dispatcher: limitRequests(agent, maxRedirects),
      });
      // The same standard class, from another copy of the library than the one inside Node.
      return response as unknown as Response;
    } catch (error) {
      throw findRefusal(error) ?? error;
    }
  };
}

/** Reads a body of at most so many bytes, counted after decompression; a longer one is dropped with its connection. */
export async function readLimited(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the body.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new ResponseTooLargeError(`The answer is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function loadTransport(allow: AllowList) {
  const undici = await import('undici');
  return { undici, agent: new undici.Agent({ connect: guardedConnector(undici.buildConnector, allow) }) };
}

function guardedConnector(build: typeof buildConnector, allow: AllowList): buildConnector.connector {
  const connect = build({ lookup: guardedLookup(allow), timeout: CONNECT_TIMEOUT_MS });
  return (options, callback) => {
    const hostname = options.hostname.replace(/^\[(.*)\]$/, '$1');
    // An address written as such is never looked up.
    const refusal = isIP(hostname) ? refuse(allow, hostname, [hostname]) : undefined;
    if (refusal) callback(refusal, null);
    else connect(options, callback);
  };
}

function guardedLookup(allow: AllowList): LookupFunction {
  return (hostname, options, callback) => {
    lookUpName(hostname, { ...options, all: true }, (error, found) => {
      const addresses = found ?? [];
      const failure =
        error ??
        refuse(
          allow,
          hostname,
          addresses.map(({ address }) => address),
        );
      const [first] = addresses;
      if (failure) callback(failure, []);
      else if (options.all || !first) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** One inner address among several is enough to refuse a name: nobody publishes such a name in good faith. */
function refuse(allow: AllowList, hostname: string, addresses: string[]): OutboundRefusedError | undefined {
  const inner = addresses.find((address) => !isGlobalUnicast(address) && !allow(hostname, address));
  if (inner === undefined) return undefined;
  const target = inner === hostname ? inner : `${hostname} (${inner})`;
  return new OutboundRefusedError(`Refused to connect to ${target}: it is not a public address.`);
}

function checkScheme(url: string): void {
  const { protocol } = new URL(url);
  if (protocol === 'http:' || protocol === 'https:') return;
  throw new OutboundRefusedError(`Refused to fetch a ${protocol} address: only http and https are allowed.`);
}

/** Counts the requests of one exchange: the first and one for each redirect, which `fetch` follows by itself. */
function limitRequests(agent: Agent, maxRedirects: number) {
  let requests = 0;
  return agent.compose((dispatch) => (options, handler) => {
    requests += 1;
    if (requests <= maxRedirects + 1) return dispatch(options, handler);
    throw new OutboundRefusedError(`Refused to follow more than ${maxRedirects} redirects.`);
  });
}

/** Requests and forms of Node's own `fetch` are strangers to the library's, so they are sent as URL, headers and bytes. */
async function portableRequest(
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<[string, UndiciRequestInit]> {
  if (!(input instanceof Request) && !(init.body instanceof FormData)) {
    // What is left differs between the two declarations of RequestInit in names only.
    return [String(input), init as UndiciRequestInit];
  }
  const { url, method, headers, body, redirect, signal } = new Request(input, init);
  const bytes = body && (await new Response(body).arrayBuffer());
  return [url, { method, headers: [...headers], body: bytes, redirect, signal }];
}

/** `fetch` hides the reason of a failed connection one or more causes deep. */
function findRefusal(error: unknown): OutboundRefusedError | undefined {
  let cause = error;
  while (cause instanceof Error && !(cause instanceof OutboundRefusedError)) cause = cause.cause;
  return cause instanceof OutboundRefusedError ? cause : undefined;
}
