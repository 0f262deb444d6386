import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_KEY, createTestApp, type TestApp } from '../../apps/server/src/testing/test-app.ts';
import { buildSdk } from './build-sdk.ts';
import { installPackage, readExamples, run } from './testing.ts';

const TSC = join(import.meta.dirname, '../../node_modules/.bin/tsc');
const STRICT = {
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2024', 'dom', 'dom.iterable'],
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

const { prelude, examples } = await readExamples();

let app: TestApp;
let baseUrl: string;
let dist: string;
let consumer: string;
beforeAll(async () => {
  app = await createTestApp();
  baseUrl = await app.listen();
  dist = await mkdtemp(join(tmpdir(), 'parley-dist-'));
  await buildSdk(dist);
  consumer = await installPackage(dist);
}, 120_000);
afterAll(async () => {
  await app.close();
  await rm(dist, { recursive: true });
  await rm(consumer, { recursive: true });
});

/** The package as somebody else installs it, in plain Node: no part of this workspace is in reach. */
async function runModule(code: string) {
  const file = join(consumer, 'program.mjs');
  await writeFile(file, code.replaceAll('https://support.example.com', baseUrl));
  return run(process.execPath, [file], consumer, { PARLEY_API_KEY: API_KEY });
}

async function compile(code: string, options: object = {}) {
  const compilerOptions = { ...STRICT, ...options };
  await writeFile(
    join(consumer, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['program.ts'] }),
  );
  const globals = 'declare const process: { env: Record<string, string | undefined> };\n';
  await writeFile(join(consumer, 'program.ts'), `${globals}${code}`);
  return run(TSC, ['-p', '.', '--pretty', 'false'], consumer);
}

describe('the packed package', () => {
  it('holds what it needs, and nothing of the workspace', async () => {
    const files = await readdir(join(consumer, 'node_modules/@parley/sdk'));
    expect(files.sort()).toEqual(['LICENSE', 'README.md', 'index.js', 'package.json', 'types']);
    const code = await readFile(join(consumer, 'node_modules/@parley/sdk/index.js'), 'utf8');
    expect([...code.matchAll(/^import .*$/gm)].map(([line]) => line)).toEqual([]);
    expect(code).not.toMatch(/\bnode:|\brequire\(|typebox/);
  });

  it('has declarations that are right by themselves', async () => {
    const { exitCode, output } = await compile("export * from '@parley/sdk';", { skipLibCheck: false });
    expect(output).toBe('');
    expect(exitCode).toBe(0);
  });

  it('is typed by the contract', async () => {
    const wrong = `${prelude}
      await parley.tickets.update({ params: { id: 1 }, body: { status: 'shut' } });
      await parley.tickets.fly();
      const subject: number = (await parley.tickets.retrieve({ params: { id: 1 } })).status;`;
    const { output } = await compile(wrong);
    expect(output.match(/error TS\d+/g)).toEqual(['error TS2322', 'error TS2339', 'error TS2322']);
  });
});

describe('the README', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(4);
  });

  it.each(examples)('runs: %s', async (_title, code) => {
    // What the one example prints is what the next one finds: they run in the order of the page.
    const { exitCode, output } = await runModule(`${prelude}${code}`);
    expect(output).not.toContain('Error');
    expect(exitCode).toBe(0);
    // A comment behind console.log says what it prints.
    const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(([, text]) => text);
    expect(output.split('\n').filter((line) => promised.includes(line))).toEqual(promised);
  });

  it.each([['nodenext'], ['preserve']])('compiles with module %s', async (module) => {
    const bodies = examples
      .map(([, code]) => code.replace(/^import .*$/gm, ''))
      .map((code) => `{\n${code}}\n`);
    const imports = examples.flatMap(([, code]) => [...code.matchAll(/^import .*$/gm)].map(([line]) => line));
    const { output } = await compile([prelude, ...imports, ...bodies].join('\n'), {
      module,
      exactOptionalPropertyTypes: true,
    });
    expect(output).toBe('');
  });
});
