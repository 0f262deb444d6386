import { execFile } from 'node:child_process';
import { copyFile, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { type Plugin, rolldown } from 'rolldown';
import { slimContract } from './slim-contract.ts';

const ROOT = join(import.meta.dirname, '../..');
const SDK = join(ROOT, 'packages/sdk');
const run = promisify(execFile);

/**
 * The SDK as a package for any Node and any bundler: one file of JavaScript without dependencies, declarations, README.
 * Node does not run TypeScript below node_modules, so the workspace's own files can't be published as they are.
 */
export async function buildSdk(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await bundleSdk(join(folder, 'index.js'));
  await writeDeclarations(join(folder, 'types'));
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);
  await copyFile(join(SDK, 'README.md'), join(folder, 'README.md'));
  await copyFile(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
}

/** The SDK and what it needs of the contract, for browsers and Node alike. */
export async function bundleSdk(file: string): Promise<void> {
  const bundle = await rolldown({
    input: join(SDK, 'src/index.ts'),
    platform: 'neutral',
    plugins: [slimContractPlugin()],
  });
  await bundle.write({ file, format: 'es' });
  await bundle.close();
}

/** The schemas of the contract are most of its size, and the SDK checks nothing with them. */
function slimContractPlugin(): Plugin {
  const modules = slimContract();
  return {
    name: 'slim-contract',
    resolveId: (source) => (source in modules ? `\0${source}` : undefined),
    load: (id) => modules[id.slice(1)],
  };
}

async function writeDeclarations(folder: string): Promise<void> {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const project = join(import.meta.dirname, 'tsconfig.json');
  await run(tsc, ['-p', project, '--outDir', folder, '--pretty', 'false']).catch(
    (error: { stdout: string }) => {
      throw new Error(`The declarations can't be written:\n${error.stdout}`);
    },
  );
  for await (const file of glob('**/*.d.ts', { cwd: folder })) {
    const path = join(folder, file);
    await writeFile(path, relink(await readFile(path, 'utf8'), relative(dirname(path), folder)));
  }
}

/** Imports as they are after the build: relative, and of declarations. */
function relink(text: string, toRoot: string): string {
  const contract = `${toRoot}/contract/src/`.replace(/^(?!\.)/, './');
  return text
    .replaceAll(/(["'])@parley\/contract\/([^"']+)\1/g, `$1${contract}$2.js$1`)
    .replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, '$1$2.js$1');
}

async function manifest(): Promise<object> {
  const read = async (path: string) => JSON.parse(await readFile(join(ROOT, path), 'utf8'));
  const [sdk, contract] = [
    await read('packages/sdk/package.json'),
    await read('packages/contract/package.json'),
  ];
  const { name, version, description, license } = sdk;
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20' },
    exports: { '.': { types: './types/sdk/src/index.d.ts', default: './index.js' } },
    // The declarations are written in its types; nothing of it is loaded.
    dependencies: { typebox: contract.dependencies.typebox },
  };
}
