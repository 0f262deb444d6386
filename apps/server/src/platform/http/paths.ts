import type { FastifyInstance } from 'fastify';
import type { ErrorForm } from './errors.ts';

interface KnownPath {
  pattern: RegExp;
  methods: Set<string>;
  errors: ErrorForm;
  crossOrigin: boolean;
}

/** What is known of an address, whatever the method. */
export interface PathFacts {
  /** That some route would take. */
  methods: string[];
  errors: ErrorForm;
  crossOrigin: boolean;
}

/** Remembers every path that is registered, so that a wrong method can be told from an unknown path. */
export function collectPaths(app: FastifyInstance): Map<string, KnownPath> {
  const paths = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method, config }) => {
    const bare = url.replace(/\/$/, '');
    const { errors, crossOrigin = false } = config?.declaration ?? {};
    const fresh = { pattern: toPattern(bare), methods: new Set<string>(), errors, crossOrigin };
    const known = paths.get(bare) ?? fresh;
    for (const name of [method].flat()) known.methods.add(String(name));
    paths.set(bare, known);
  });
  return paths;
}

function toPattern(path: string): RegExp {
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
  return new RegExp(`^${escaped}/?$`);
}

export function factsOf(paths: Map<string, KnownPath>, url: string): PathFacts {
  const path = url.split('?', 1)[0] ?? '';
  const known = [...paths.values()].filter(({ pattern }) => pattern.test(path));
  const methods = new Set(known.flatMap((each) => [...each.methods]));
  return {
    methods: [...methods].sort(),
    errors: known.find(({ errors }) => errors !== undefined)?.errors,
    crossOrigin: known.some(({ crossOrigin }) => crossOrigin),
  };
}
