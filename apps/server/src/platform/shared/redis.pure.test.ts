import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createRedisState } from './redis.ts';
import { countUseInRedis } from './redis-limit.ts';
import type { SharedState } from './shared-state.ts';
import { countUse, type WindowCount } from './sliding-window.ts';

const redisUrl = inject('redisUrl');
const MINUTE = 60_000;

/** Stands between the driver and Redis, so that the connection can be cut and frozen while others use the server. */
async function startProxy(target: URL) {
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    const pass = (to: Socket) => (chunk: Buffer) => void (frozen || to.write(chunk));
    near.on('data', pass(far));
    far.on('data', pass(near));
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  };
  const port = await listen(0);
  return {
    url: `redis://127.0.0.1:${port}`,
    async cut() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    restore: () => listen(port),
    /** Connections stay open, and nothing goes through. */
    freeze(on: boolean) {
      frozen = on;
    },
  };
}

describe.skipIf(!redisUrl)('shared state in Redis', () => {
  const url = redisUrl ?? 'redis://127.0.0.1';
  let direct: Redis;
  let key: string;
  let problems: string[];
  let opened: SharedState[];

  beforeEach(() => {
    direct = new Redis(url);
    key = `key ${randomUUID()}`;
    problems = [];
    opened = [];
  });

  afterEach(async () => {
    await Promise.all(opened.map((state) => state.close()));
    await direct.quit();
  });

  async function open(at: string): Promise<SharedState> {
    const state = await createRedisState({ url: at, onError: (what) => problems.push(what) });
    opened.push(state);
    return state;
  }

  /** Everything a request may do; none of it may fail or take long. */
  async function answers(state: SharedState): Promise<void> {
    const started = performance.now();
    await state.cache.set(key, 'value', MINUTE);
    expect(await state.cache.get(key)).toBeUndefined();
    await state.cache.delete(key);
    expect(await state.limit(key, 1, MINUTE)).toEqual({ allowed: true, remaining: 0, retryAfterMs: 0 });
    expect(await state.limit(key, 1, MINUTE)).toEqual({ allowed: true, remaining: 0, retryAfterMs: 0 });
    await state.publish(key, 'text');
    expect(performance.now() - started).toBeLessThan(4000);
  }

  it('shares values and counts between nodes', async () => {
    const [one, two] = [await open(url), await open(url)];
    await one.cache.set(key, 'value', MINUTE);
    expect(await two.cache.get(key)).toBe('value');
    const uses = Array.from({ length: 100 }, () => [one, two].map((state) => state.limit(key, 50, MINUTE)));
    const results = await Promise.all(uses.flat());
    expect(results.filter(({ allowed }) => allowed)).toHaveLength(50);
  });

  it('names all its keys, and lets each expire', async () => {
    const state = await open(url);
    await state.cache.set(key, 'value', MINUTE);
    await state.limit(key, 5, MINUTE);
    const names = [`parley:cache:${key}`, `parley:limit:60000:${key}`];
    expect((await direct.keys(`*${key}*`)).toSorted()).toEqual(names);
    for (const name of names) {
      const ttl = await direct.pttl(name);
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(2 * MINUTE);
    }
  });

  it('counts on when Redis has forgotten the script', async () => {
    const state = await open(url);
    expect((await state.limit(key, 2, MINUTE)).remaining).toBe(1);
    await direct.script('FLUSH');
    expect((await state.limit(key, 2, MINUTE)).remaining).toBe(0);
    expect((await state.limit(key, 2, MINUTE)).allowed).toBe(false);
    expect(problems).toEqual([]);
  });

  it('counts as the driver in process does', async () => {
    const steps = fc.array(fc.record({ wait: fc.nat({ max: 4000 }), cost: fc.nat({ max: 4 }) }), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 12 }), steps, async (max, uses) => {
        const place = `parley:test:${randomUUID()}`;
        let count: WindowCount | undefined;
        let now = 1_750_000_000_000;
        for (const { wait, cost } of uses) {
          now += wait;
          const expected = countUse(count, now, max, 5000, cost);
          if (expected.result.allowed) count = expected.count;
          expect(await countUseInRedis(direct, place, max, 5000, cost, now)).toEqual(expected.result);
        }
        await direct.del(place);
      }),
      { numRuns: 50 },
    );
  });

  it('reports what Redis refuses, once until it works again', async () => {
    const state = await open(url);
    await direct.lpush(`parley:cache:${key}`, 'not a text');
    expect(await state.cache.get(key)).toBeUndefined();
    expect(await state.cache.get(key)).toBeUndefined();
    expect(problems).toEqual(['cache']);
    await state.cache.set(key, 'text', MINUTE);
    expect(await state.cache.get(key)).toBe('text');
  });

  describe('that goes away', () => {
    let proxy: Awaited<ReturnType<typeof startProxy>>;

    beforeEach(async () => {
      proxy = await startProxy(new URL(url));
    });

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((state) => state.close()));
      await proxy.cut();
    });

    it('answers without it, and uses it again when it is back', async () => {
      const state = await open(proxy.url);
      const received: string[] = [];
      await state.subscribe(key, (payload) => received.push(payload));
      await state.cache.set(key, 'old', MINUTE);
      await proxy.cut();
      await answers(state);
      expect(received).toEqual(['text']);
      const reported = ['cache', 'connection', 'limit', 'publish', 'subscriber connection'];
      await expect.poll(() => problems.toSorted()).toEqual(reported);

      await proxy.restore();
      await expect
        .poll(async () => (await state.limit(key, 1, MINUTE, 2)).allowed, { timeout: 10_000 })
        .toBe(false);
      // The delete that failed is made up for: the old value does not come back.
      await expect.poll(() => direct.get(`parley:cache:${key}`)).toBeNull();
      expect(await state.cache.get(key)).toBeUndefined();
      await state.cache.set(key, 'new', MINUTE);
      expect(await state.cache.get(key)).toBe('new');
      const fromElsewhere = async () => {
        await direct.publish(`parley:channel:${key}`, 'from elsewhere');
        return received;
      };
      await expect.poll(fromElsewhere, { timeout: 10_000 }).toContain('from elsewhere');
    });

    it('answers while it hangs', async () => {
      const state = await open(proxy.url);
      expect((await state.limit(key, 1, MINUTE, 2)).allowed).toBe(false);
      proxy.freeze(true);
      await answers(state);
      // The silent connection is given up, and then nothing waits any more.
      const took = async () => {
        const started = performance.now();
        await state.cache.get(randomUUID());
        return performance.now() - started;
      };
      await expect.poll(took, { timeout: 10_000 }).toBeLessThan(50);
      proxy.freeze(false);
      await expect
        .poll(async () => (await state.limit(key, 1, MINUTE, 2)).allowed, { timeout: 10_000 })
        .toBe(false);
    });

    it('starts without it, and subscribes once it is there', async () => {
      await proxy.cut();
      const state = await open(proxy.url);
      const received: string[] = [];
      await state.subscribe(key, (payload) => received.push(payload));
      await answers(state);
      await proxy.restore();
      const fromElsewhere = async () => {
        await direct.publish(`parley:channel:${key}`, 'from elsewhere');
        return received;
      };
      await expect.poll(fromElsewhere, { timeout: 10_000 }).toContain('from elsewhere');
    });

    it('closes without it', async () => {
      const state = await open(proxy.url);
      await proxy.cut();
      await state.close();
      opened.length = 0;
      await proxy.restore();
      expect(await direct.client('LIST')).not.toContain(`name=${key}`);
    });
  });

  it('leaves no connection behind', async () => {
    const clients = async () =>
      String(await direct.client('LIST'))
        .split('\n')
        .filter((line) => / name=parley /.test(line));
    const before = (await clients()).length;
    const state = await createRedisState({ url });
    expect(await clients()).toHaveLength(before + 2);
    await state.close();
    await expect.poll(async () => (await clients()).length).toBe(before);
  });
});
