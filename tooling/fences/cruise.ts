import { registerHooks } from 'node:module';
import type { ICruiseResult } from 'dependency-cruiser';
import { boundaryRules } from './boundary-rules.ts';

// dependency-cruiser reads TypeScript with the compiler's own library, which TypeScript 7 does not have. It gets
// TypeScript 6, installed under another name; without it, it finds no modules at all and reports success.
registerHooks({
  resolve(specifier, context, next) {
    const isCompiler = specifier === 'typescript' || specifier.startsWith('typescript/');
    const asksForIt = isCompiler && context.parentURL?.includes('/node_modules/dependency-cruiser/');
    return next(asksForIt ? specifier.replace('typescript', 'typescript6') : specifier, context);
  },
});

/** Every module below a folder, what it imports, and which imports break a rule. */
export async function cruiseFolder(baseDir: string, sources: readonly string[]): Promise<ICruiseResult> {
  const { cruise } = await import('dependency-cruiser');
  const options = {
    baseDir,
    validate: true,
    ruleSet: { forbidden: boundaryRules },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^tooling/fences/fixtures/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  };
  const { output } = await cruise([...sources], options);
  if (typeof output === 'string') throw new Error('dependency-cruiser returned a report instead of a result');
  return output;
}
