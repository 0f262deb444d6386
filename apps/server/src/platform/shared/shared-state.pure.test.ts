import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createInProcessState } from './in-process.ts';
import { createRedisState } from './redis.ts';
import type { SharedState } from './shared-state.ts';
import { createMemoryRelay } from './testing.ts';

const redisUrl = inject('redisUrl');
const MINUTE = 60_000;

/** Two nodes of one installation, by driver. */
const drivers = [
  {
    name: 'in process, with a relay',
    available: true,
    async openNodes(onError: (what: string, error: unknown) => void) {
      const relay = createMemoryRelay();
      return [
        await createInProcessState({ relay, onError }),
        await createInProcessState({ relay, onError }),
      ] as const;
    },
  },
  {
    name: 'Redis',
    available: redisUrl !== undefined,
    async openNodes(onError: (what: string, error: unknown) => void) {
      const options = { url: redisUrl ?? '', onError };
      return [await createRedisState(options), await createRedisState(options)] as const;
    },
  },
];

describe.each(drivers)('shared state, $name', ({ available, openNodes }) => {
  let node: SharedState;
  let other: SharedState;
  let problems: string[];
  let key: string;
  let channel: string;

  beforeEach(async ({ skip }) => {
    skip(!available, 'no Redis');
    problems = [];
    [node, other] = await openNodes((what) => problems.push(what));
    key = `key ${randomUUID()}`;
    channel = `channel ${randomUUID()}`;
  });

  afterEach(async () => {
    if (!available) return;
    await Promise.all([node.close(), other.close()]);
  });

  async function collect(state: SharedState, from: string): Promise<string[]> {
    const received: string[] = [];
    await state.subscribe(from, (payload) => received.push(payload));
    return received;
  }

  describe('cache', () => {
    it('gives back what was set, until it is deleted', async () => {
      expect(await node.cache.get(key)).toBeUndefined();
      await node.cache.set(key, 'one', MINUTE);
      expect(await node.cache.get(key)).toBe('one');
      await node.cache.set(key, '', MINUTE);
      expect(await node.cache.get(key)).toBe('');
      await node.cache.delete(key);
      expect(await node.cache.get(key)).toBeUndefined();
    });

    it('forgets a value after its time', async () => {
      await node.cache.set(key, 'short', 30);
      await node.cache.set(`${key} 2`, 'long', MINUTE);
      await expect.poll(() => node.cache.get(key), { interval: 5 }).toBeUndefined();
      expect(await node.cache.get(`${key} 2`)).toBe('long');
    });

    it('takes a new time with a new value', async () => {
      await node.cache.set(key, 'short', 30);
      await node.cache.set(key, 'long', MINUTE);
      await node.cache.set(`${key} 2`, 'short', 30);
      await expect.poll(() => node.cache.get(`${key} 2`), { interval: 5 }).toBeUndefined();
      expect(await node.cache.get(key)).toBe('long');
    });

    it('keeps nothing that has no time to live', async () => {
      await node.cache.set(key, 'never', 0);
      expect(await node.cache.get(key)).toBeUndefined();
    });

    it('deletes many keys on all nodes, and those only', async () => {
      const keys = Array.from({ length: 500 }, (_, index) => `${key} ${index} ${'ü'.repeat(50)}`);
      for (const state of [node, other]) {
        await Promise.all([...keys, key].map((each) => state.cache.set(each, 'value', MINUTE)));
      }
      await node.cache.delete(...keys);
      const left = () => Promise.all(keys.map((each) => other.cache.get(each)));
      await expect.poll(left).toEqual(keys.map(() => undefined));
      expect(await other.cache.get(key)).toBe('value');
    });

    it('deletes nothing when it is given nothing', async () => {
      await node.cache.set(key, 'value', MINUTE);
      await node.cache.delete();
      expect(await node.cache.get(key)).toBe('value');
    });

    it('refuses keys that not every driver can carry', async () => {
      for (const bad of ['two\nlines', 'ü'.repeat(251)]) {
        await expect(node.cache.set(bad, 'value', MINUTE)).rejects.toThrow(RangeError);
        await expect(node.cache.delete(bad)).rejects.toThrow(RangeError);
      }
    });
  });

  describe('limit', () => {
    it('counts down and refuses what is too much', async () => {
      expect(await node.limit(key, 2, MINUTE)).toEqual({ allowed: true, remaining: 1, retryAfterMs: 0 });
      expect(await node.limit(key, 2, MINUTE)).toEqual({ allowed: true, remaining: 0, retryAfterMs: 0 });
      const refused = await node.limit(key, 2, MINUTE);
      expect(refused).toMatchObject({ allowed: false, remaining: 0 });
      expect(refused.retryAfterMs).toBeGreaterThan(MINUTE - 10_000);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(1.5 * MINUTE);
    });

    it('allows exactly the maximum of 200 at once', async () => {
      const results = await Promise.all(Array.from({ length: 200 }, () => node.limit(key, 50, MINUTE)));
      const allowed = results.filter((result) => result.allowed);
      expect(allowed.map(({ remaining }) => remaining).toSorted((a, b) => a - b)).toEqual([
        ...Array(50).keys(),
      ]);
    });

    it('counts keys and windows apart', async () => {
      expect((await node.limit(key, 1, MINUTE)).allowed).toBe(true);
      expect((await node.limit(`${key} 2`, 1, MINUTE)).allowed).toBe(true);
      expect((await node.limit(key, 1, 2 * MINUTE)).allowed).toBe(true);
      expect((await node.limit(key, 1, MINUTE)).allowed).toBe(false);
    });

    it('counts a use by its cost, and a refused one not at all', async () => {
      expect(await node.limit(key, 10, MINUTE, 7)).toMatchObject({ allowed: true, remaining: 3 });
      expect(await node.limit(key, 10, MINUTE, 7)).toMatchObject({ allowed: false, remaining: 3 });
      expect(await node.limit(key, 10, MINUTE, 3)).toMatchObject({ allowed: true, remaining: 0 });
      expect(await node.limit(key, 10, MINUTE, 0)).toMatchObject({ allowed: true, remaining: 0 });
    });

    it('never allows what is more than the maximum', async () => {
      expect(await node.limit(key, 0, MINUTE)).toEqual({
        allowed: false,
        remaining: 0,
        retryAfterMs: MINUTE,
      });
      expect(await node.limit(key, 5, MINUTE, 6)).toEqual({
        allowed: false,
        remaining: 5,
        retryAfterMs: MINUTE,
      });
    });

    it('allows again when it said it would, and not before', async () => {
      for (let use = 0; use < 3; use += 1) await node.limit(key, 3, 200);
      const refusedAt = performance.now();
      const { allowed, retryAfterMs } = await node.limit(key, 3, 200);
      expect(allowed).toBe(false);
      await expect.poll(async () => (await node.limit(key, 3, 200)).allowed, { interval: 5 }).toBe(true);
      // Both clocks count whole milliseconds.
      expect(performance.now() - refusedAt).toBeGreaterThanOrEqual(retryAfterMs - 2);
    });
  });

  describe('publish and subscribe', () => {
    it.each(['text', '', 'ünïcödé 🎉', 'two\nlines\n', '{"json":"\\"yes\\""}'])(
      'carries %j to all nodes',
      async (payload) => {
        const received = await Promise.all([node, node, other].map((state) => collect(state, channel)));
        await node.publish(channel, payload);
        await expect.poll(() => received).toEqual([[payload], [payload], [payload]]);
      },
    );

    it('reaches subscribers of that channel only', async () => {
      const [mine, yours] = [await collect(other, channel), await collect(other, `${channel} 2`)];
      await node.publish(channel, 'mine');
      await node.publish(`${channel} 2`, 'yours');
      await expect.poll(() => [mine, yours]).toEqual([['mine'], ['yours']]);
    });

    it('keeps the order of one publisher', async () => {
      const received = await collect(other, channel);
      const payloads = Array.from({ length: 100 }, (_, index) => String(index));
      for (const payload of payloads) await node.publish(channel, payload);
      await expect.poll(() => received).toEqual(payloads);
    });

    it('ends one subscription and leaves the others', async () => {
      const received: string[] = [];
      const onPayload = (payload: string) => received.push(payload);
      const ends = [await other.subscribe(channel, onPayload), await other.subscribe(channel, onPayload)];
      await node.publish(channel, 'both');
      await expect.poll(() => received).toEqual(['both', 'both']);
      await ends[0]?.();
      await ends[0]?.();
      await node.publish(channel, 'one');
      await expect.poll(() => received).toEqual(['both', 'both', 'one']);
      await ends[1]?.();
      const marker = await collect(other, `${channel} 2`);
      await node.publish(channel, 'none');
      await node.publish(`${channel} 2`, 'marker');
      await expect.poll(() => marker).toEqual(['marker']);
      expect(received).toEqual(['both', 'both', 'one']);
    });

    it('can be subscribed to again while the last subscription ends', async () => {
      const end = await other.subscribe(channel, () => {});
      const [received] = await Promise.all([collect(other, channel), end()]);
      await node.publish(channel, 'still here');
      await expect.poll(() => received).toEqual(['still here']);
    });

    it('reports a subscriber that throws, and tells the others', async () => {
      await node.subscribe(channel, () => {
        throw new Error('a fault of the subscriber');
      });
      const received = await collect(node, channel);
      await node.publish(channel, 'text');
      await expect.poll(() => received).toEqual(['text']);
      expect(problems).toEqual(['subscriber']);
    });

    it('carries the longest payload, and refuses a longer one', async () => {
      const longest = '"ü"'.repeat(1750);
      const received = await collect(other, channel.padEnd(200, '.'));
      await node.publish(channel.padEnd(200, '.'), longest);
      await expect.poll(() => received).toEqual([longest]);
      await expect(node.publish(channel, `${longest}.`)).rejects.toThrow(RangeError);
      await expect(node.publish(`${channel}\n`, '')).rejects.toThrow(RangeError);
      await expect(node.subscribe(channel.padEnd(201, '.'), () => {})).rejects.toThrow(RangeError);
    });
  });

  it('tells a closed node nothing, and the others everything', async () => {
    const closed = await collect(other, channel);
    await other.close();
    const received = await collect(node, channel);
    await node.publish(channel, 'text');
    await expect.poll(() => received).toEqual(['text']);
    expect(closed).toEqual([]);
    expect(problems).toEqual([]);
  });
});
