import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { LimitResult } from './shared-state.ts';

/**
 * `countUse` of sliding-window.ts, run by Redis in one step. The time is Redis's own, so that nodes whose clocks differ
 * count alike; a fourth argument replaces it in the test that compares the two.
 */
const SCRIPT = `
local max, window, cost, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local stored = redis.call('HMGET', KEYS[1], 'start', 'current', 'previous')
local start, current, previous = tonumber(stored[1]), tonumber(stored[2]), tonumber(stored[3])
if not start or now >= start + 2 * window or now < start then
  start, current, previous = now, 0, 0
elseif now >= start + window then
  start, current, previous = start + window, 0, current
end
local used = previous * (1 - (now - start) / window) + current
if used + cost <= max then
  current = current + cost
  redis.call('HSET', KEYS[1], 'start', string.format('%.0f', start), 'current', current, 'previous', previous)
  redis.call('PEXPIRE', KEYS[1], math.ceil(start + 2 * window - now))
  return {1, math.floor(max - used - cost), 0}
end
local room = max - cost
local wait = window
if room >= 0 and current <= room then
  wait = start + window * (1 - (room - current) / previous) - now
elseif room >= 0 then
  wait = start + window + window * (1 - room / current) - now
end
return {0, math.max(0, math.floor(max - used)), math.max(1, math.ceil(wait))}
`;
const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex');

/** Counts one use in Redis; rejects when Redis does. */
export async function countUseInRedis(
  redis: Redis,
  key: string,
  max: number,
  windowMs: number,
  cost: number,
  now?: number,
): Promise<LimitResult> {
  const reply = await runScript(redis, key, [max, windowMs, cost, now ?? '']);
  const [allowed, remaining, retryAfterMs] = Array.isArray(reply) ? reply.map(Number) : [];
  if (remaining === undefined || retryAfterMs === undefined)
    throw new Error('Redis gave no count of the limit.');
  return { allowed: allowed === 1, remaining, retryAfterMs };
}

async function runScript(redis: Redis, key: string, args: (string | number)[]): Promise<unknown> {
  try {
    return await redis.evalsha(SCRIPT_SHA, 1, key, ...args);
  } catch (error) {
    // Redis forgets its scripts when it restarts.
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return await redis.eval(SCRIPT, 1, key, ...args);
  }
}
