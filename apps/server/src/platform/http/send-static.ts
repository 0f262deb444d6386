import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

const zip = promisify(gzip);
/** Zipped bodies that are kept, by digest; together at most some megabytes. */
const KEPT = 24;
/** Below it, zipping saves nothing that a packet would notice. */
const WORTH_ZIPPING = 1024;
const kept = new Map<string, Promise<Buffer>>();

export interface StaticFile {
  content: Buffer;
  digest: string;
  type: 'text/javascript' | 'application/json' | 'text/html';
  /** Seconds that it may be used without asking again; undefined: it never changes. */
  maxAge: number | undefined;
}

export function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64');
}

/** Sends what pages of other sites load, with what caches have to know. */
export async function sendStatic(
  request: FastifyRequest,
  reply: FastifyReply,
  { content, digest, type, maxAge }: StaticFile,
): Promise<void> {
  const tag = `"${digest}"`;
  reply
    .header('etag', tag)
    .header('vary', 'accept-encoding')
    .header('cross-origin-resource-policy', 'cross-origin')
    .header('cache-control', maxAge === undefined ? 'public, max-age=31536000, immutable' : freshFor(maxAge));
  if (isKnown(request.headers['if-none-match'], tag)) return void reply.code(304).send();
  // Pages may be in another encoding than their scripts.
  reply.type(`${type}; charset=utf-8`);
  const acceptsZip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (!acceptsZip || content.length < WORTH_ZIPPING) return void reply.send(content);
  return void reply.header('content-encoding', 'gzip').send(await zipped(digest, content));
}

function freshFor(seconds: number): string {
  return seconds === 0 ? 'public, no-cache' : `public, max-age=${seconds}`;
}

function isKnown(header: string | undefined, tag: string): boolean {
  return (header ?? '').split(',').some((entry) => entry.trim().replace(/^W\//, '') === tag);
}

/** Once per content, also for those who ask while it is being done. */
function zipped(digest: string, content: Buffer): Promise<Buffer> {
  const known = kept.get(digest);
  if (known) return known;
  const [oldest] = kept.keys();
  if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest);
  const made = zip(content);
  kept.set(digest, made);
  return made;
}
