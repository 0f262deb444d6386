import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInProcessState } from './in-process.ts';
import { createMemoryRelay } from './testing.ts';

const MINUTE = 60_000;

function createClock() {
  let time = Date.parse('2026-05-20T12:00:00Z');
  return {
    now: () => new Date(time),
    advance(ms: number) {
      time += ms;
    },
  };
}

describe('shared state in process', () => {
  it('keeps what was used last when it is full', async () => {
    const { cache } = await createInProcessState({ maxEntries: 3 });
    for (const key of ['a', 'b', 'c']) await cache.set(key, key, MINUTE);
    await cache.get('a');
    await cache.set('d', 'd', MINUTE);
    const values = await Promise.all(['a', 'b', 'c', 'd'].map((key) => cache.get(key)));
    expect(values).toEqual(['a', undefined, 'c', 'd']);
  });

  it('expires by the clock it is given', async () => {
    const clock = createClock();
    const { cache } = await createInProcessState({ clock });
    await cache.set('key', 'value', 1000);
    clock.advance(999);
    expect(await cache.get('key')).toBe('value');
    clock.advance(1);
    expect(await cache.get('key')).toBeUndefined();
  });

  it('divides limits by the number of live nodes', async () => {
    let nodes = 3;
    const clock = createClock();
    const state = await createInProcessState({ clock, liveNodes: () => nodes });
    const count = async (key: string, max: number) => {
      const results = await Promise.all(Array.from({ length: 20 }, () => state.limit(key, max, MINUTE)));
      return results.filter(({ allowed }) => allowed).length;
    };
    expect(await count('ten', 10)).toBe(3);
    expect(await count('two', 2)).toBe(1);
    expect(await count('none', 0)).toBe(0);
    nodes = 0;
    expect(await count('alone', 10)).toBe(10);
  });

  it('goes on without its relay, and reports it', async () => {
    const problems: string[] = [];
    const broken = {
      notify: () => Promise.reject(new Error('no connection')),
      listen: async () => async () => {},
    };
    const state = await createInProcessState({ relay: broken, onError: (what) => problems.push(what) });
    const received: string[] = [];
    await state.subscribe('channel', (payload) => received.push(payload));
    await state.publish('channel', 'text');
    await state.cache.set('key', 'value', MINUTE);
    await state.cache.delete('key');
    expect(await state.cache.get('key')).toBeUndefined();
    expect(received).toEqual(['text']);
    expect(problems).toEqual(['relay', 'relay']);
  });

  it('takes no notice of notifications it does not know', async () => {
    const relay = createMemoryRelay();
    const state = await createInProcessState({ relay });
    const received: string[] = [];
    await state.subscribe('channel', (payload) => received.push(payload));
    for (const text of ['', 'publish', 'publish\nnode', 'news\nnode\nchannel\ntext'])
      await relay.notify('parley_shared', text);
    await relay.notify('parley_shared', 'publish\nnode\nchannel\nlast');
    await expect.poll(() => received).toEqual(['last']);
  });
});

describe('the sliding window', () => {
  it('has room again bit by bit after a full window', async () => {
    const clock = createClock();
    const state = await createInProcessState({ clock });
    for (let use = 0; use < 60; use += 1) await state.limit('key', 60, MINUTE);
    clock.advance(MINUTE - 1);
    expect(await state.limit('key', 60, MINUTE)).toMatchObject({ allowed: false, retryAfterMs: 1001 });
    clock.advance(1001);
    expect(await state.limit('key', 60, MINUTE)).toMatchObject({ allowed: true, remaining: 0 });
    clock.advance(500);
    expect(await state.limit('key', 60, MINUTE)).toMatchObject({ allowed: false, retryAfterMs: 500 });
    clock.advance(2 * MINUTE);
    expect(await state.limit('key', 60, MINUTE)).toMatchObject({ allowed: true, remaining: 59 });
  });

  it('starts again when the clock was put back', async () => {
    const clock = createClock();
    const state = await createInProcessState({ clock });
    await state.limit('key', 1, MINUTE);
    clock.advance(-10 * MINUTE);
    expect((await state.limit('key', 1, MINUTE)).allowed).toBe(true);
  });

  const steps = fc.array(fc.record({ wait: fc.nat({ max: 2500 }), cost: fc.integer({ min: 1, max: 4 }) }), {
    maxLength: 60,
  });
  const maximum = fc.integer({ min: 4, max: 12 });

  it('never allows more than the maximum within the first window, nor twice as much in any', async () => {
    await fc.assert(
      fc.asyncProperty(maximum, steps, async (max, uses) => {
        const clock = createClock();
        const start = clock.now().getTime();
        const state = await createInProcessState({ clock });
        const taken: { at: number; cost: number }[] = [];
        for (const { wait, cost } of uses) {
          if (taken.length > 0) clock.advance(wait);
          const at = clock.now().getTime();
          if ((await state.limit('key', max, 5000, cost)).allowed) taken.push({ at, cost });
        }
        const sum = (from: number) =>
          taken
            .filter(({ at }) => at >= from && at < from + 5000)
            .reduce((total, { cost }) => total + cost, 0);
        expect(sum(start)).toBeLessThanOrEqual(max);
        for (const { at } of taken) expect(sum(at)).toBeLessThan(2 * max);
      }),
    );
  });

  it('allows a refused use after the time it named, and no millisecond earlier', async () => {
    await fc.assert(
      fc.asyncProperty(maximum, steps, async (max, uses) => {
        const clock = createClock();
        const state = await createInProcessState({ clock });
        for (const { wait, cost } of uses) {
          clock.advance(wait);
          const { allowed, retryAfterMs } = await state.limit('key', max, 5000, cost);
          if (allowed) continue;
          expect(Number.isInteger(retryAfterMs)).toBe(true);
          clock.advance(retryAfterMs - 1);
          expect((await state.limit('key', max, 5000, cost)).allowed).toBe(false);
          clock.advance(1);
          expect((await state.limit('key', max, 5000, cost)).allowed).toBe(true);
        }
      }),
    );
  });
});
