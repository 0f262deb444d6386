import type { AccessLevel, Scope, SecretScope } from '@parley/contract/route';

export interface ActorUser {
  id: number;
  uuid: string;
  email: string;
  firstName: string;
  lastName: string;
}

/** Who is behind a request or a job. */
export type Actor =
  | { kind: 'anonymous' }
  /** The product itself: jobs, sweeps, the admin socket. */
  | { kind: 'system' }
  | { kind: 'session'; user: ActorUser; sessionId: string; origin?: Origin }
  | {
      kind: 'key';
      user: ActorUser;
      keyId: string;
      scopes: readonly Scope[];
      projectIds: readonly number[] | null;
      origin?: Origin;
    }
  /** A user whose act was put off until now. */
  | { kind: 'deferred'; user: ActorUser }
  /** Another system, with a secret of the project. Null scopes: everything its route offers. */
  | { kind: 'secret'; secretId: string; scopes: readonly SecretScope[] | null; trigger?: Trigger }
  /** A service of the same installation, with a token for one ticket. */
  | { kind: 'service'; name: string; ticketId: string | undefined; trigger?: Trigger }
  /** A page of the project's customers: it showed the public token and nothing more. */
  | { kind: 'page'; hasSigned: SignatureCheck }
  /** A customer at such a page, as one browser or one person; `key` tells them apart and opens nothing. */
  | { kind: 'customer'; key: string };

/**
 * Whether a text was signed with a secret of the project (HMAC-SHA256, 64 lower-case hex digits). The secrets stay in
 * the closure.
 */
export type SignatureCheck = (text: string, signature: string) => boolean;

/** Where a request came from. */
export interface Origin {
  ip: string;
  userAgent: string | null;
}

/** What made a program act: a workflow, by its id. */
export interface Trigger {
  type: 'hog_flow';
  id: string;
}

/** The project of a request, with what its actor may do there. */
export interface Project {
  id: number;
  organizationId: string;
  name: string;
  timezone: string;
  conversationsEnabled: boolean;
  settings: Record<string, unknown>;
  isAiApproved: boolean;
  access: AccessLevel;
}

export function userOf(actor: Actor): ActorUser | undefined {
  return 'user' in actor ? actor.user : undefined;
}

/** The key behind an actor; null for whoever came without one. */
export function keyIdOf(actor: Actor): string | null {
  return actor.kind === 'key' ? actor.keyId : null;
}

/** Where the request came from, for those who came by one. */
export function originOf(actor: Actor): Origin | undefined {
  return 'origin' in actor ? actor.origin : undefined;
}

/** Stable text that tells actors apart, for idempotency keys and limits. */
export function actorKey(actor: Actor): string {
  if (actor.kind === 'key') return `key:${actor.keyId}`;
  if (actor.kind === 'session') return `user:${actor.user.id}`;
  if (actor.kind === 'secret') return `secret:${actor.secretId}`;
  if (actor.kind === 'service') return `service:${actor.name}`;
  if (actor.kind === 'customer') return `customer:${actor.key}`;
  return actor.kind;
}

/** What made this actor act, where that is known. */
export function triggerOf(actor: Actor): Trigger | undefined {
  return actor.kind === 'secret' || actor.kind === 'service' ? actor.trigger : undefined;
}

/** The rules through which what an actor does came about (decisions.md 22); the depth is their number. */
export function chainOf(actor: Actor): string[] {
  const trigger = triggerOf(actor);
  return trigger ? [`${trigger.type}:${trigger.id}`] : [];
}

/** How an actor is written into events and activities (tickets-api.md 6.5). */
export interface ActorRecord {
  actor_type: 'user' | 'system' | 'external' | 'customer';
  actor_id: string | null;
  actor_email: string | null;
}

export function recordActor(actor: Actor): ActorRecord {
  const user = userOf(actor);
  if (user) return { actor_type: 'user', actor_id: String(user.id), actor_email: user.email };
  const actor_type = actor.kind === 'system' || actor.kind === 'customer' ? actor.kind : 'external';
  return { actor_type, actor_id: null, actor_email: null };
}

/** The user behind an actor, for operations that make no sense without one. */
export function requireUser(actor: Actor): ActorUser {
  const user = userOf(actor);
  if (!user) throw new Error('This operation needs a user.');
  return user;
}
