import type { FastifyInstance } from 'fastify';

interface KnownPath {
  pattern: RegExp;
  methods: Set<string>;
  /** Its errors have the plain form. */
  plain: boolean;
}

/** Remembers every path that is registered, so that a wrong method can be told from an unknown path. */
export function collectPaths(app: FastifyInstance): Map<string, KnownPath> {
  const paths = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method, config }) => {
    const bare = url.replace(/\/$/, '');
    const plain = config?.declaration?.errors === 'plain';
    const known = paths.get(bare) ?? { pattern: toPattern(bare), methods: new Set<string>(), plain };
    for (const name of [method].flat()) known.methods.add(String(name));
    paths.set(bare, known);
  });
  return paths;
}

function toPattern(path: string): RegExp {
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
  return new RegExp(`^${escaped}/?$`);
}

/** Methods that some route would take at this address, and whether errors there have the plain form. */
export function methodsOf(paths: Map<string, KnownPath>, url: string): { methods: string[]; plain: boolean } {
  const path = url.split('?', 1)[0] ?? '';
  const known = [...paths.values()].filter(({ pattern }) => pattern.test(path));
  const methods = new Set(known.flatMap((each) => [...each.methods]));
  return { methods: [...methods].sort(), plain: known.some(({ plain }) => plain) };
}
