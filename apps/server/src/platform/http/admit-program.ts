import type { RouteDeclaration } from '@parley/contract/route';
import type { FastifyRequest } from 'fastify';
import { ApiError, forbidden } from '#platform/api-error.ts';
import type { Admission, Identities } from './admit.ts';

const BEARER = /^Bearer +([\x21-\x7e]{1,4096})$/i;

/** Lets in a program that shows a secret of a project, or a token that a service signed. Throws 401 or 403. */
export async function admitProgram(
  identities: Identities,
  request: FastifyRequest,
  route: RouteDeclaration,
): Promise<Admission> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined)
    throw new ApiError('not_authenticated', 'Authentication credentials were not provided.');
  const { project_id: ref } = request.params as Record<string, string | undefined>;
  const found = await (route.credentials === 'project_secret'
    ? identities.bySecret(token)
    : identities.byServiceToken(token, ref ?? ''));
  if (!found)
    throw new ApiError('authentication_failed', 'The token in the Authorization header is invalid.');
  const { actor } = found;
  if (actor.kind === 'secret' && actor.scopes && !actor.scopes.some((scope) => scope === route.secretScope)) {
    throw forbidden(
      route.secretScope === undefined
        ? 'This action does not support limited secret keys.'
        : `Secret key missing required scope '${route.secretScope}'.`,
    );
  }
  return { ...found, organization: undefined };
}
