import { expect, test } from 'vitest';
import { median, percentile, summarize } from './statistics.ts';

test('a percentile is a value that occurred', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 95, 99, 100]);
  expect(percentile(Float64Array.of(7), 0.5)).toBe(7);
  expect(percentile(new Float64Array(), 0.5)).toBeNaN();
});

test('the parts of a measurement are summed up together', () => {
  const summary = summarize([Float64Array.of(30, 10), Float64Array.of(20, 40)], 2);
  expect(summary).toEqual({ requests: 4, perSecond: 2, p50: 20, p95: 40, p99: 40 });
  expect(summarize([], 0)).toMatchObject({ requests: 0, perSecond: 0 });
});

test('the median is the middle one, whatever the order', () => {
  expect(median([900, 100, 200])).toBe(200);
});
