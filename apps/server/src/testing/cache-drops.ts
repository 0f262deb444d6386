import type { TestApp } from './test-app.ts';

/** How often a key is taken out of the shared cache from now on; the cache itself works as ever. */
export function countCacheDrops(app: TestApp, key: string): { readonly drops: number } {
  const { cache } = app.parley.shared;
  const counter = { drops: 0 };
  const drop = cache.delete.bind(cache);
  cache.delete = async (...keys) => {
    counter.drops += keys.filter((name) => name === key).length;
    await drop(...keys);
  };
  return counter;
}
