import { MEMBERSHIP_LEVELS, type RouteDeclaration } from '@parley/contract/route';
import { isGranted } from '@parley/contract/scopes';
import type { FastifyRequest } from 'fastify';
import type { Actor, Origin, Project } from '#platform/actor.ts';
import { ApiError, forbidden, notFound } from '#platform/api-error.ts';
import { hasAccess } from '#platform/authorized.ts';
import { admitPage } from './admit-page.ts';
import { admitProgram } from './admit-program.ts';
import type { Organization } from './call.ts';

/** Finds out who calls. The feature that owns people and keys implements it. */
export interface Identities {
  /** A key and, in the same statement, the project it is used on (`ref` is an id or `@current`). */
  byKey(
    key: string,
    projectRef: string | undefined,
  ): Promise<{ actor: Actor; project: Project | undefined } | undefined>;
  /** A secret of a project that lets other systems in, with that project. */
  bySecret(token: string): Promise<{ actor: Actor; project: Project } | undefined>;
  /** A token that a service signed for the project of a path. */
  byServiceToken(token: string, projectRef: string): Promise<{ actor: Actor; project: Project } | undefined>;
  /** The project whose public token this is, while Support is on there, and what checks its customers' signatures. */
  byPublicToken(token: string): Promise<{ actor: Actor; project: Project } | undefined>;
  bySession(request: FastifyRequest): Promise<Actor | undefined>;
  /** Undefined when there is no such project or the user is not in its organization. */
  project(userId: number, ref: string): Promise<Project | undefined>;
  organization(userId: number, id: string): Promise<Organization | undefined>;
}

export interface Admission {
  actor: Actor;
  project: Project | undefined;
  organization: Organization | undefined;
}

const ANONYMOUS: Actor = { kind: 'anonymous' };

/** Lets a request in or throws 401, 403 or 404, before its body is read. */
export async function admit(
  identities: Identities,
  request: FastifyRequest,
  route: RouteDeclaration,
  allowedOrigins: ReadonlySet<string>,
): Promise<Admission> {
  if (route.credentials === 'public')
    return { actor: ANONYMOUS, project: undefined, organization: undefined };
  if (route.credentials === 'public_token') return admitPage(identities, request);
  if (isForPrograms(route)) return admitProgram(identities, request, route);
  const params = request.params as Record<string, string | undefined>;
  const { actor, project: keyProject } = await authenticate(
    identities,
    request,
    params.project_id,
    allowedOrigins,
  );
  checkCredentials(actor, route);
  if (actor.kind !== 'key' && actor.kind !== 'session') throw notAuthenticated();
  const { user } = actor;
  const project = route.project
    ? checkProject(
        keyProject ?? (await findProject(identities, actor, user.id, params.project_id)),
        actor,
        route,
      )
    : undefined;
  const organization = route.organization
    ? checkOrganization(
        await identities.organization(user.id, params.organization_id ?? ''),
        route.organization,
      )
    : undefined;
  return { actor: { ...actor, origin: requestOrigin(request) }, project, organization };
}

/** What logs say of where a request came from. */
export function requestOrigin(request: FastifyRequest): Origin {
  return { ip: request.ip, userAgent: request.headers['user-agent'] ?? null };
}

function isForPrograms({ credentials }: RouteDeclaration): boolean {
  return credentials === 'project_secret' || credentials === 'service_token';
}

function notAuthenticated(): ApiError {
  return new ApiError('not_authenticated', 'Authentication credentials were not provided.');
}

async function authenticate(
  identities: Identities,
  request: FastifyRequest,
  projectRef: string | undefined,
  allowedOrigins: ReadonlySet<string>,
): Promise<{ actor: Actor; project: Project | undefined }> {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const key = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
    const found = key === undefined ? undefined : await identities.byKey(key, projectRef);
    if (!found)
      throw new ApiError(
        'authentication_failed',
        'Personal API key found in request Authorization header is invalid.',
      );
    return found;
  }
  const actor = await identities.bySession(request);
  if (!actor) throw notAuthenticated();
  checkOrigin(request, allowedOrigins);
  return { actor, project: undefined };
}

/** A cookie travels with any request a page makes, so a changing one must come from our own pages (decisions.md 19d). */
function checkOrigin(request: FastifyRequest, allowedOrigins: ReadonlySet<string>): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin } = request.headers;
  const own = `${request.protocol}://${request.host}`;
  if (origin !== undefined && (origin === own || allowedOrigins.has(origin))) return;
  throw forbidden('Requests with a session cookie need an Origin header of this site.');
}

function checkCredentials(actor: Actor, { credentials }: RouteDeclaration): void {
  if (actor.kind !== 'key' || credentials === 'any' || credentials === 'public') return;
  if (credentials === 'session') throw forbidden('This action does not support personal API key access.');
  if (isGranted(actor.scopes, credentials)) return;
  if (typeof credentials === 'string' && credentials !== 'trusted')
    throw new Error('A route for programs was asked for a key.');
  const needed = credentials === 'trusted' ? '*' : credentials[0];
  throw forbidden(`API key missing required scope '${needed}'.`);
}

async function findProject(
  identities: Identities,
  actor: Actor,
  userId: number,
  ref: string | undefined,
): Promise<Project | undefined> {
  return actor.kind === 'session' ? identities.project(userId, ref ?? '') : undefined;
}

function checkProject(project: Project | undefined, actor: Actor, route: RouteDeclaration): Project {
  if (!project) throw notFound();
  if (actor.kind === 'key' && actor.projectIds && !actor.projectIds.includes(project.id)) {
    throw forbidden(`API key does not have access to the requested project: ID ${project.id}.`);
  }
  if (project.access === 'none') throw forbidden("You don't have access to the project.");
  if (route.project && !hasAccess(project.access, route.project)) {
    throw forbidden(`This action needs ${route.project} access to the project; you have ${project.access}.`);
  }
  return project;
}

function checkOrganization(
  organization: Organization | undefined,
  needed: Organization['level'],
): Organization {
  if (!organization) throw notFound();
  if (MEMBERSHIP_LEVELS.indexOf(organization.level) < MEMBERSHIP_LEVELS.indexOf(needed)) {
    throw forbidden(
      `This action needs the level ${needed} in the organization; you are ${organization.level}.`,
    );
  }
  return organization;
}
