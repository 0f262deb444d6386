import type { FastifyRequest } from 'fastify';
import { ApiError } from '#platform/api-error.ts';
import type { Admission, Identities } from './admit.ts';

const MISSING = 'Authentication required';
const UNKNOWN = 'Invalid token or conversations not enabled';

/** Lets in a page that shows the public token of a project. Throws 403 in the two forms of widget.md 5.7. */
export async function admitPage(identities: Identities, request: FastifyRequest): Promise<Admission> {
  const token = request.headers['x-conversations-token'];
  if (typeof token !== 'string' || token === '')
    throw new ApiError('permission_denied', MISSING, { body: { error: MISSING } });
  const found = await identities.byPublicToken(token);
  if (found) return { ...found, organization: undefined };
  const body = { type: 'authentication_error', code: 'authentication_failed', detail: UNKNOWN, attr: null };
  throw new ApiError('permission_denied', UNKNOWN, { body });
}
