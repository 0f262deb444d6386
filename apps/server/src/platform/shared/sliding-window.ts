import type { LimitResult } from './shared-state.ts';

/** Uses of one limit in the current window, which starts with the first allowed use, and in the one before it. */
export interface WindowCount {
  start: number;
  current: number;
  previous: number;
}

/**
 * Counts a use within a sliding window; the count is to be kept when the use is allowed. The uses of the window before
 * weigh less and less as time goes on. It needs three numbers for each key, and keeps a burst at the edge of two windows
 * from being twice as large as allowed. `redis-limit.ts` says the same in Lua; a test compares the two.
 */
export function countUse(
  before: WindowCount | undefined,
  now: number,
  max: number,
  windowMs: number,
  cost: number,
): { count: WindowCount; result: LimitResult } {
  const count = moveTo(before, now, windowMs);
  const share = 1 - (now - count.start) / windowMs;
  const used = count.previous * share + count.current;
  if (used + cost <= max) {
    const after = { ...count, current: count.current + cost };
    return {
      count: after,
      result: { allowed: true, remaining: Math.floor(max - used - cost), retryAfterMs: 0 },
    };
  }
  const remaining = Math.max(0, Math.floor(max - used));
  const retryAfterMs = waitFor(count, now, max - cost, windowMs);
  return { count, result: { allowed: false, remaining, retryAfterMs } };
}

function moveTo(before: WindowCount | undefined, now: number, windowMs: number): WindowCount {
  // A clock that was put back must not make a window last longer than it should.
  if (!before || now >= before.start + 2 * windowMs || now < before.start) {
    return { start: now, current: 0, previous: 0 };
  }
  if (now < before.start + windowMs) return before;
  return { start: before.start + windowMs, current: 0, previous: before.current };
}

/** Milliseconds until no more than `room` uses weigh in, rounded up; a use that never fits waits one window. */
function waitFor(
  { start, current, previous }: WindowCount,
  now: number,
  room: number,
  windowMs: number,
): number {
  if (room < 0) return windowMs;
  const wait =
    current <= room
      ? start + windowMs * (1 - (room - current) / previous) - now
      : start + windowMs + windowMs * (1 - room / current) - now;
  return Math.max(1, Math.ceil(wait));
}
