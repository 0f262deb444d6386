/** Everything that is counted about tickets, per day. Stored by these names: never rename one. */
export const FIGURES = [
  'created',
  'resolved',
  /** Closed because its thread goes on in another ticket. */
  'merged',
  'reopened',
  'customer_messages',
  'replies',
  'first_response',
  'first_response_business',
  'resolution',
  'resolution_business',
  'one_touch',
  'sla_met',
  'sla_breached',
  'rated_good',
  'rated_bad',
  'score',
] as const;
export type Figure = (typeof FIGURES)[number];

export function isDuration(figure: Figure): boolean {
  return /^(first_response|resolution)/.test(figure);
}

/** A day of the project's time zone, such as `2026-03-29`. */
export type Day = string;

/**
 * What a ticket adds to a figure on a day: how many, their sum (seconds, points), and for a duration its bucket of the
 * histogram. A tuple, for there is one list of them per ticket.
 */
export type Contribution = readonly [
  figure: Figure,
  day: Day,
  n: number,
  total: number,
  bucket: number | null,
];

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Upper ends of the buckets of durations, in seconds; the last bucket has none. Stored by place: only ever append. */
export const DURATION_BOUNDS: readonly number[] = [
  // No time at all, as of what happens outside working hours.
  1,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  4 * HOUR,
  6 * HOUR,
  8 * HOUR,
  12 * HOUR,
  18 * HOUR,
  DAY,
  1.5 * DAY,
  2 * DAY,
  3 * DAY,
  5 * DAY,
  7 * DAY,
  14 * DAY,
  30 * DAY,
  90 * DAY,
];
export const BUCKETS = DURATION_BOUNDS.length + 1;

/** The bucket of a duration: it ends above it. */
export function bucketOf(seconds: number): number {
  const index = DURATION_BOUNDS.findIndex((end) => seconds < end);
  return index === -1 ? DURATION_BOUNDS.length : index;
}

/**
 * The duration that a share of those in a histogram does not exceed, as if those of a bucket were spread evenly over it.
 * Null without any. Of the last bucket nobody knows the end: there it is its beginning.
 */
export function percentile(histogram: readonly number[], share: number): number | null {
  const all = histogram.reduce((sum, n) => sum + n, 0);
  if (all <= 0) return null;
  let left = share * all;
  for (const [index, n] of histogram.entries()) {
    if (n > 0 && left <= n) {
      const start = DURATION_BOUNDS[index - 1] ?? 0;
      const end = DURATION_BOUNDS[index] ?? start;
      return Math.floor(start + (end - start) * (left / n));
    }
    left -= n;
  }
  return DURATION_BOUNDS.at(-1) ?? null;
}
