import type { FastifyInstance } from 'fastify';

interface KnownPath {
  pattern: RegExp;
  methods: Set<string>;
}

/** Remembers every path that is registered, so that a wrong method can be told from an unknown path. */
export function collectPaths(app: FastifyInstance): Map<string, KnownPath> {
  const paths = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method }) => {
    const plain = url.replace(/\/$/, '');
    const known = paths.get(plain) ?? { pattern: toPattern(plain), methods: new Set<string>() };
    for (const name of [method].flat()) known.methods.add(String(name));
    paths.set(plain, known);
  });
  return paths;
}

function toPattern(path: string): RegExp {
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
  return new RegExp(`^${escaped}/?$`);
}

/** Methods that some route would take at this address. */
export function methodsOf(paths: Map<string, KnownPath>, url: string): string[] {
  const path = url.split('?', 1)[0] ?? '';
  const methods = new Set<string>();
  for (const known of paths.values()) {
    if (known.pattern.test(path)) for (const method of known.methods) methods.add(method);
  }
  return [...methods].sort();
}
