import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface Ran {
  exitCode: number;
  output: string;
}

/** Runs a program and keeps what it printed, whatever became of it. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Record<string, string> = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...environment } };
    execFile(command, args, options, (error, stdout, stderr) => {
      const exitCode = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ exitCode, output: `${stdout}${stderr}` });
    });
  });
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  const { exitCode, output } = await run('npm', [...args, '--ignore-scripts', '--offline'], cwd);
  if (exitCode !== 0) throw new Error(`npm ${args.join(' ')}: ${output}`);
}

/** A program of somebody else, in a folder far from this one, with the packed SDK installed. Needs no network. */
export async function installPackage(dist: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-sdk-'));
  await writeFile(join(folder, 'package.json'), '{ "name": "consumer", "type": "module", "private": true }');
  await npm(['pack', dist, join(ROOT, 'node_modules/typebox')], folder);
  const { version }: { version: string } = JSON.parse(await readFile(join(dist, 'package.json'), 'utf8'));
  const typebox = JSON.parse(await readFile(join(ROOT, 'node_modules/typebox/package.json'), 'utf8'));
  const tarballs = [`./parley-sdk-${version}.tgz`, `./typebox-${typebox.version}.tgz`];
  await npm(['install', '--no-audit', '--no-fund', ...tarballs], folder);
  return folder;
}

/** The examples of the README: the first one makes the client that the others use. */
export async function readExamples(): Promise<{
  prelude: string;
  examples: [title: string, code: string][];
}> {
  const text = await readFile(join(ROOT, 'packages/sdk/README.md'), 'utf8');
  const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  const [prelude = '', ...rest] = blocks;
  return { prelude, examples: rest.map((code) => [code.trim().split('\n')[0] ?? '', code]) };
}
