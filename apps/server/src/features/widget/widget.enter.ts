import { VISITOR_HEADER } from '@parley/contract/widget';
import type { FastifyRequest } from 'fastify';
import type { Actor, Project } from '#platform/actor.ts';
import type { Clock } from '#platform/clock.ts';
import { type RateLimits, spend } from '#platform/http/rate-limits.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import { readVisitor, type Visitor, type VisitorFields, visitorKey } from './visitor.ts';
import { badFields } from './widget-error.ts';

export interface WidgetParts {
  shared: Pick<SharedState, 'limit'>;
  rateLimits: RateLimits;
  clock: Clock;
}

/** Of a call of the widget, what it takes to find out who calls. */
interface WidgetCall {
  actor: Actor;
  project: Project;
  request: FastifyRequest;
}

/** A visitor who was let in: what they do, they do as this actor. */
export interface Entered {
  visitor: Visitor;
  actor: Actor;
}

/** What a visitor says of themselves: in a header, or among the fields of a query or body. */
function visitorFields(request: FastifyRequest, fields: VisitorFields): VisitorFields {
  const header = request.headers[VISITOR_HEADER];
  if (typeof header !== 'string') return fields;
  return { ...fields, ...Object.fromEntries(new URLSearchParams(header)) };
}

/** The fields of a body. What is no object has none, and says so. */
export function bodyFields(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw badFields('Must be an object.');
}

/** Counts uses of limits of one project. */
function counter({ shared, rateLimits }: WidgetParts, project: Project) {
  return (name: Parameters<typeof spend>[1], who: string) =>
    spend(shared, name, rateLimits, `${project.id}:${who}`);
}

/** Counts a write of whoever is no visitor yet. */
export async function countWrite(
  parts: WidgetParts,
  { project, request }: Pick<WidgetCall, 'project' | 'request'>,
): Promise<void> {
  const limit = counter(parts, project);
  await limit('widget_write', `address:${request.ip}`);
  await limit('widget_address', request.ip);
  await limit('widget_project_write', 'all');
}

/** At most so many tries of a mailed link from one address. */
export function countRedeem(
  parts: WidgetParts,
  { project, request }: Pick<WidgetCall, 'project' | 'request'>,
): Promise<void> {
  return counter(parts, project)('widget_redeem', request.ip);
}

/** At most so many mails to one address, whoever asks for them. */
export function countMail(parts: WidgetParts, project: Project, emailKey: string): Promise<void> {
  return counter(parts, project)('widget_restore_hourly', emailKey);
}

/** Files of one visitor, and from one address. */
export async function countUpload(
  parts: WidgetParts,
  { project, request }: Pick<WidgetCall, 'project' | 'request'>,
  visitor: Visitor,
): Promise<void> {
  const limit = counter(parts, project);
  await limit('widget_upload', visitorKey(visitor));
  await limit('widget_upload_address', request.ip);
}

/** Who calls, once more, of a call that lasts. Throws when they prove it no longer. */
export function readAgain(
  { clock }: WidgetParts,
  { request }: Pick<WidgetCall, 'request'>,
  page: Actor,
): Visitor {
  if (page.kind !== 'page') throw new Error('A widget was called without its token.');
  return readVisitor(visitorFields(request, {}), page.hasSigned, clock.now());
}

/**
 * Counts a request and finds out who calls. Whoever cannot be made out is counted by address, so that nobody uses up
 * the budget of somebody else, nor guesses for nothing.
 */
export async function enter(
  parts: WidgetParts,
  { actor, project, request }: WidgetCall,
  kind: 'read' | 'write',
  fields: VisitorFields,
): Promise<Entered> {
  if (actor.kind !== 'page') throw new Error('A widget was called without its token.');
  const limit = counter(parts, project);
  let visitor: Visitor;
  try {
    visitor = readVisitor(visitorFields(request, fields), actor.hasSigned, parts.clock.now());
  } catch (error) {
    await limit(`widget_${kind}`, `address:${request.ip}`);
    throw error;
  }
  const key = visitorKey(visitor);
  await limit(`widget_${kind}`, key);
  if (kind === 'write') await limit('widget_address', request.ip);
  await limit(`widget_project_${kind}`, 'all');
  return { visitor, actor: { kind: 'customer', key } };
}
