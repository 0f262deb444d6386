import { expect, it } from 'vitest';
import { backOffMs } from './retry.ts';

it.each([
  [1, 250],
  [3, 1000],
  [40, 8000],
])('try %i waits up to %i ms, and each client differently', (tries, bound) => {
  const waits = Array.from({ length: 200 }, () => backOffMs(tries));
  expect(Math.max(...waits)).toBeLessThanOrEqual(bound);
  expect(Math.max(...waits)).toBeGreaterThan(bound / 2);
  expect(Math.min(...waits)).toBeLessThan(bound / 2);
});
