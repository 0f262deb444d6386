import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Coalescer } from './presence.coalescer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('acts at once, then at most once per interval and key, with what was asked for last', () => {
  const done: string[] = [];
  const coalescer = new Coalescer(1000);
  const ask = (key: string, what: string) => coalescer.request(key, () => done.push(what));
  ask('a', 'a1');
  ask('a', 'a2');
  ask('b', 'b1');
  ask('a', 'a3');
  expect(done).toEqual(['a1', 'b1']);
  vi.advanceTimersByTime(999);
  expect(done).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(done).toEqual(['a1', 'b1', 'a3']);
  ask('a', 'a4');
  ask('b', 'b2');
  expect(done).toEqual(['a1', 'b1', 'a3', 'b2']);
  vi.advanceTimersByTime(1000);
  expect(done.at(-1)).toBe('a4');
  vi.advanceTimersByTime(5000);
  expect(vi.getTimerCount()).toBe(0);
  expect(done).toHaveLength(5);
});

it('does nothing more once it is closed', () => {
  const done: number[] = [];
  const coalescer = new Coalescer(1000);
  coalescer.request('a', () => done.push(1));
  coalescer.request('a', () => done.push(2));
  coalescer.close();
  vi.advanceTimersByTime(5000);
  expect(done).toEqual([1]);
});
