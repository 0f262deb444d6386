import { describe, expect, it } from 'vitest';
import {
  BREAKER_THRESHOLD,
  breakerOf,
  type Health,
  judge,
  nextAttempt,
  readRetryAfter,
  type Verdict,
} from './webhooks.schedule.ts';

const NOW = new Date('2026-03-02T10:00:00.000Z');
const HEALTHY: Health = { failures: 0, failing_since: null, held_until: null };
const failed: Verdict = { isDelivered: false, status: 500, retryAfter: null };
const delivered: Verdict = { isDelivered: true, status: 200, retryAfter: null };
const after = (ms: number) => new Date(NOW.getTime() + ms);

describe('attempts', () => {
  it.each([0, 0.5, 1])('are thirteen over at least a day (jitter %s)', (random) => {
    let at = NOW;
    let tries = 1;
    for (let next = nextAttempt(tries, at, failed, random); next; tries += 1) {
      expect(next > at).toBe(true);
      at = next;
      next = nextAttempt(tries + 1, at, failed, random);
    }
    expect(tries).toBe(13);
    const hours = (at.getTime() - NOW.getTime()) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(24);
    expect(hours).toBeLessThan(29);
  });

  it('differ by chance', () => {
    const times = new Set(Array.from({ length: 50 }, () => nextAttempt(3, NOW, failed)?.getTime()));
    expect(times.size).toBeGreaterThan(10);
  });

  it('are never earlier than Retry-After says, nor later than their turn because of it', () => {
    const asked = (retryAfter: string) => nextAttempt(1, NOW, { ...failed, retryAfter }, 0);
    expect(asked('600')).toEqual(after(600_000));
    expect(asked('1')).toEqual(after(5000));
    expect(asked('Mon, 02 Mar 2026 10:10:00 GMT')).toEqual(after(600_000));
  });
});

describe('Retry-After', () => {
  it.each<[string | null, number | undefined]>([
    [null, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['1e3', undefined],
    ['0', 0],
    ['120', 120_000],
    [' 120 ', 120_000],
    ['9999999999', 21_600_000],
    ['99999999999999999999', undefined],
    ['Mon, 02 Mar 2026 10:02:00 GMT', 120_000],
    ['Sun, 01 Mar 2026 10:02:00 GMT', 0],
    ['Mon, 02 Mar 2099 10:02:00 GMT', 21_600_000],
    ['Mon, 99 Foo 2099 10:02:00 GMT', undefined],
  ])('%j is %s', (header, expected) => {
    expect(readRetryAfter(header, NOW)).toBe(expected);
  });
});

describe('the breaker', () => {
  it('opens after ten failures in a row and waits longer each time, up to a quarter of an hour', () => {
    let health: Health = HEALTHY;
    for (let n = 1; n < BREAKER_THRESHOLD; n += 1) {
      health = judge(health, failed, NOW, 0);
      expect(breakerOf(health, NOW)).toBe('closed');
    }
    const waits: number[] = [];
    let now = NOW;
    for (let n = 0; n < 8; n += 1) {
      health = judge(health, failed, now, 0);
      expect(breakerOf(health, now)).toBe('open');
      const until = health.held_until?.getTime() ?? 0;
      waits.push((until - now.getTime()) / 1000);
      now = new Date(until);
      expect(breakerOf(health, now)).toBe('half_open');
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
    expect(judge(health, delivered, now)).toEqual({ ...HEALTHY, disable: undefined });
  });

  it('keeps the pause a receiver asked for, although an earlier request succeeds meanwhile', () => {
    const busy = judge(HEALTHY, { isDelivered: false, status: 429, retryAfter: '60' }, NOW, 0);
    expect(busy.held_until).toEqual(after(60_000));
    expect(judge(busy, delivered, after(1000)).held_until).toEqual(after(60_000));
  });

  it('does not hold up others for what concerns one delivery', () => {
    expect(judge(HEALTHY, { ...failed, retryAfter: '60' }, NOW, 0).held_until).toBeNull();
  });

  it('turns a webhook off after seven days of failures, or at once when it is gone', () => {
    const health = judge(HEALTHY, failed, NOW, 0);
    expect(judge(health, failed, after(7 * 86_400_000 - 1), 0).disable).toBeUndefined();
    expect(judge(health, failed, after(7 * 86_400_000), 0).disable).toBe('failing');
    expect(judge(HEALTHY, { ...failed, status: 410 }, NOW).disable).toBe('gone');
  });
});
