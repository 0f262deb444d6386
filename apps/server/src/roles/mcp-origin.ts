import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * Whether a request may come from where it says. Programs send no Origin. A page may be one of this server's own; what
 * `Host` says proves that only where no name was looked up, because a name can be made to point here (DNS rebinding).
 */
export function isOriginAllowed(
  request: Pick<FastifyRequest, 'headers' | 'protocol' | 'host' | 'hostname'>,
  publicUrl: string | undefined,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (publicUrl !== undefined && origin === URL.parse(publicUrl)?.origin) return true;
  return isNameless(request.hostname) && origin === `${request.protocol}://${request.host}`;
}

function isNameless(hostname: string): boolean {
  return hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}
