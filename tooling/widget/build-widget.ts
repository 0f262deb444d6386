import { execFile } from 'node:child_process';
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = join(ROOT, 'apps/widget/src/');

interface Entry {
  entry: string;
  format: 'iife' | 'es';
}

/** What the server serves, and `module.js` for pages that bundle the loader themselves. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  'parley.js': { entry: 'loader/script.ts', format: 'iife' },
  'frame.js': { entry: 'frame/main.tsx', format: 'es' },
  'module.js': { entry: 'loader/parley.ts', format: 'es' },
};

/** Everything in apps/widget/built by name. The same sources always make the same bytes. */
export async function buildWidget(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, entry] of Object.entries(ENTRIES)) files.set(name, await bundle(name, entry));
  for (const [name, text] of await writeDeclarations()) files.set(`types/${name}`, text);
  return files;
}

async function bundle(name: string, { entry, format }: Entry): Promise<string> {
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

/** What the module exports, for compilers. */
async function writeDeclarations(): Promise<[string, string][]> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-widget-'));
  try {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    await promisify(execFile)(tsc, ['-p', join(import.meta.dirname, 'tsconfig.json'), '--outDir', folder]);
    const files: [string, string][] = [];
    for await (const name of glob('**/*.d.ts', { cwd: folder })) {
      const text = await readFile(join(folder, name), 'utf8');
      files.push([name, text.replace(/(from '\.[^']*)\.ts'/g, "$1.js'")]);
    }
    return files.sort();
  } finally {
    await rm(folder, { recursive: true });
  }
}
