import { DEFAULT_RATE_LIMITS, type RateLimitName, type RateLimits } from './rate-limits.ts';

/** Reads PARLEY_RATE_LIMITS: `default`, `off`, or JSON of requests by name. */
export function parseRateLimits(value: string): RateLimits {
  if (value === 'default') return DEFAULT_RATE_LIMITS;
  if (value === 'off') return 'off';
  const names = Object.keys(DEFAULT_RATE_LIMITS) as RateLimitName[];
  const hint = `must be default, off, or JSON such as {"key": 480}; the names are ${names.join(', ')}`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    throw new Error(hint);
  }
  if (typeof parsed !== 'object' || parsed === null) throw new Error(hint);
  const limits: Record<RateLimitName, number> = { ...DEFAULT_RATE_LIMITS };
  for (const [key, limit] of Object.entries(parsed)) {
    const name = names.find((known) => known === key);
    if (!name || typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) throw new Error(hint);
    limits[name] = limit;
  }
  return limits;
}
