/** Seconds between the attempts of one delivery: thirteen attempts over a day (field.md 4.2). */
const GAPS = [5, 30, 120, 300, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 26_100];
const MAX_TRIES = GAPS.length + 1;
/** Gaps are up to this much longer, so that what failed together does not come back together. */
const JITTER = 0.2;
/** No receiver may ask for a longer pause than this. */
const MAX_RETRY_AFTER_S = 6 * 3600;
/** Failures in a row that open the breaker. */
export const BREAKER_THRESHOLD = 10;
const PROBE_FIRST_MS = 30_000;
const PROBE_MAX_MS = 15 * 60_000;
/** A webhook that failed for this long is turned off. */
const DISABLED_AFTER_MS = 7 * 24 * 3_600_000;

/** What decides whether a webhook is called. */
export interface Health {
  failures: number;
  failing_since: Date | null;
  held_until: Date | null;
}

/** How one attempt went, as far as it matters for the next. */
export interface Verdict {
  isDelivered: boolean;
  /** Undefined without an answer. */
  status: number | undefined;
  /** The header as it came. */
  retryAfter: string | null;
}

const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** When a delivery is tried again after so many tries; undefined when it is given up. */
export function nextAttempt(
  tries: number,
  now: Date,
  verdict: Verdict,
  random = Math.random(),
): Date | undefined {
  const gap = GAPS[tries - 1];
  if (tries >= MAX_TRIES || gap === undefined) return undefined;
  const asked = readRetryAfter(verdict.retryAfter, now) ?? 0;
  return later(now, Math.max(gap * 1000 * (1 + JITTER * random), asked));
}

/** `Retry-After` in milliseconds, at most six hours: a number of seconds, or a date. */
export function readRetryAfter(header: string | null, now: Date): number | undefined {
  const text = header?.trim() ?? '';
  const seconds = /^\d{1,10}$/.test(text)
    ? Number(text)
    : /^[A-Z][a-z]{2,8},? .{10,40}$/.test(text)
      ? (Date.parse(text) - now.getTime()) / 1000
      : Number.NaN;
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_S) * 1000;
}

/** The health of a webhook after an attempt, and whether it has to be turned off. */
export function judge(
  before: Health,
  verdict: Verdict,
  now: Date,
  random = Math.random(),
): Health & { disable: 'failing' | 'gone' | undefined } {
  if (verdict.isDelivered) {
    // A pause that the receiver asked for outlasts an answer that was already under way.
    const held_until = before.failures >= BREAKER_THRESHOLD ? null : before.held_until;
    return { failures: 0, failing_since: null, held_until, disable: undefined };
  }
  const failures = before.failures + 1;
  const failing_since = before.failing_since ?? now;
  const ends = [before.held_until, probeAt(failures, now, random), pauseUntil(verdict, now)];
  const held = Math.max(...ends.map((end) => end?.getTime() ?? 0));
  const isLong = now.getTime() - failing_since.getTime() >= DISABLED_AFTER_MS;
  const disable = verdict.status === 410 ? 'gone' : isLong ? 'failing' : undefined;
  return { failures, failing_since, held_until: held > now.getTime() ? new Date(held) : null, disable };
}

/** When an endpoint that keeps failing is tried again, with one delivery. */
function probeAt(failures: number, now: Date, random: number): Date | undefined {
  if (failures < BREAKER_THRESHOLD) return undefined;
  const wait = Math.min(PROBE_FIRST_MS * 2 ** Math.min(failures - BREAKER_THRESHOLD, 10), PROBE_MAX_MS);
  return later(now, wait * (1 + JITTER * random));
}

/** Whoever is asked too often, or is not ready, says so for all deliveries and not for this one. */
function pauseUntil({ status, retryAfter }: Verdict, now: Date): Date | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const asked = readRetryAfter(retryAfter, now);
  return asked === undefined ? undefined : later(now, asked);
}

export function breakerOf(health: Health, now: Date): 'closed' | 'open' | 'half_open' {
  if (health.failures < BREAKER_THRESHOLD) return 'closed';
  return isHeld(health, now) ? 'open' : 'half_open';
}

export function isHeld({ held_until }: Pick<Health, 'held_until'>, now: Date): boolean {
  return held_until !== null && held_until > now;
}
