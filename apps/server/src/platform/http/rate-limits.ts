import type { RouteDeclaration } from '@parley/contract/route';
import { actorKey } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import type { Admission } from './admit.ts';

/**
 * Requests a minute by name, but for those an hour, and for streams that are open at once (decisions.md 19b).
 * `PARLEY_RATE_LIMITS` overrides single ones.
 */
export const DEFAULT_RATE_LIMITS = {
  key: 480,
  reply: 60,
  suggest: 10,
  // Of each secret of a project (tickets-api.md 4.7).
  secret: 120,
  secret_hourly: 1200,
  // Of all services of this installation, in each project (tickets-api.md 4.8).
  service: 480,
  // Event streams of one key or user, in each process.
  streams: 20,
  // Of one visitor of a widget, reading and writing apart (widget.md 7.1); who proved nothing counts by address.
  widget_read: 30,
  widget_write: 30,
  // Files, besides: each may hold twenty megabytes.
  widget_upload: 10,
  widget_upload_address: 60,
  // Open streams of one visitor, and from one address, in each process.
  widget_streams: 6,
  widget_address_streams: 200,
  // All writes from one address: a new browser is made up in no time.
  widget_address: 240,
  // Of all visitors of one project.
  widget_project_read: 12_000,
  widget_project_write: 1200,
  // Mails with a way back to their tickets, for one address of theirs; and tries of such a way from one address.
  widget_restore_hourly: 3,
  widget_redeem: 10,
} as const;

export type RateLimitName = keyof typeof DEFAULT_RATE_LIMITS;
export type RateLimits = Readonly<Record<RateLimitName, number>> | 'off';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Counts one use of a limit; throws 429 with Retry-After when it is used up. */
export async function spend(
  shared: Pick<SharedState, 'limit'>,
  name: RateLimitName,
  limits: RateLimits,
  who: string,
): Promise<void> {
  if (limits === 'off') return;
  const window = name.endsWith('_hourly') ? HOUR : MINUTE;
  const { allowed, retryAfterMs } = await shared.limit(`${name}:${who}`, limits[name], window);
  if (allowed) return;
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  throw new ApiError('throttled', `Request was throttled. Expected available in ${seconds} seconds.`, {
    retryAfterSeconds: seconds,
  });
}

/** Counts one request of an actor; throws 429 with Retry-After when a limit is used up. */
export async function checkRateLimits(
  shared: SharedState,
  limits: RateLimits,
  { actor, project }: Pick<Admission, 'actor' | 'project'>,
  route: RouteDeclaration,
): Promise<void> {
  if (actor.kind === 'key') await spend(shared, 'key', limits, actorKey(actor));
  if (actor.kind === 'secret') {
    await spend(shared, 'secret', limits, actorKey(actor));
    await spend(shared, 'secret_hourly', limits, actorKey(actor));
  }
  // Not by the name in the token, which its signer chooses.
  if (actor.kind === 'service') await spend(shared, 'service', limits, `project:${project?.id ?? 0}`);
  const name = route.rateLimit;
  if (name === 'reply' || name === 'suggest') await spend(shared, name, limits, actorKey(actor));
}
