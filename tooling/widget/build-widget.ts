import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export type WidgetFile = 'parley.js' | 'frame.js';

const SOURCES = fileURLToPath(new URL('../../apps/widget/src/', import.meta.url));
const ENTRIES: Readonly<Record<WidgetFile, { entry: string; format: 'iife' | 'es' }>> = {
  'parley.js': { entry: 'loader/script.ts', format: 'iife' },
  'frame.js': { entry: 'frame/main.tsx', format: 'es' },
};

/** The two scripts of the widget, as they are served. The same sources always make the same bytes. */
export async function buildWidget(): Promise<Record<WidgetFile, string>> {
  return { 'parley.js': await bundle('parley.js'), 'frame.js': await bundle('frame.js') };
}

async function bundle(name: WidgetFile): Promise<string> {
  const { entry, format } = ENTRIES[name];
  const result = await build({
    configFile: false,
    logLevel: 'error',
    root: SOURCES,
    mode: 'production',
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      // Libraries keep their spaces, unless they are told not to.
      rolldownOptions: { output: { minify: true, comments: false } },
      modulePreload: false,
      lib: { entry: SOURCES + entry, formats: [format], name: 'ParleyWidget', fileName: () => name },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !('output' in output)) throw new Error(`${name} was not built.`);
  const [chunk, ...others] = output.output;
  if (others.length > 0)
    throw new Error(`${name} is not one file: ${others.map(({ fileName }) => fileName)}.`);
  return `${chunk.code.trim()}\n`;
}
