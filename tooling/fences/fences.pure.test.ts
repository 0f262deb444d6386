import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boundaryRules } from './boundary-rules.ts';
import { checkSource } from './source-rules.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'node_modules/.bin');

interface Outcome {
  exitCode: number;
  lines: string[];
}

/** Runs a fence as `npm run` does, and keeps what it printed. */
function run(command: string, args: string[], input = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { cwd: ROOT }, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === 'number' ? error.code : 0;
      resolve({ exitCode, lines: `${stdout}${stderr}`.split('\n') });
    });
    child.stdin?.end(input);
  });
}

const node = (script: string, folder: string) =>
  run(process.execPath, [join(import.meta.dirname, script), join(FIXTURES, folder)]);

const ruleOf = (line: string) => line.split(':')[0];

describe('boundaries', () => {
  test('each rule reports its seeded violation, and nothing else is reported', async () => {
    const { exitCode, lines } = await node('boundaries.ts', 'boundaries');
    const reported = lines.filter((line) => line.includes(' -> ')).map(ruleOf);
    expect(reported).toEqual(boundaryRules.map(({ name }) => name).sort());
    expect(exitCode).toBe(1);
  });

  test('reading no imports at all is a failure, not a success', async () => {
    const { exitCode, lines } = await node('boundaries.ts', 'types');
    expect(lines.map(ruleOf)).toContain('nothing-read');
    expect(exitCode).toBe(1);
  });
});

describe('source rules', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, i) => `export const n${i} = ${i};`).join('\n');

  test('the environment is read in few places, and tests do not sleep', async () => {
    const outcome = await node('source.ts', 'source');
    expect(
      outcome.lines.filter((line) => line.includes('.ts:')).map((line) => line.split(' ').slice(0, 2)),
    ).toEqual([
      ['fixed-sleep:', 'apps/server/src/platform/clock.test.ts:1'],
      ['fixed-sleep:', 'apps/server/src/platform/clock.test.ts:4'],
      ['environment:', 'apps/server/src/platform/clock.ts:1'],
      ['environment:', 'apps/server/src/platform/clock.ts:3'],
      ['environment:', 'apps/server/src/platform/clock.ts:6'],
      ['environment:', 'apps/server/src/platform/clock.ts:6'],
    ]);
    expect(outcome.exitCode).toBe(1);
  });

  test('a file has at most 400 lines of code, a test 600; comments and blank lines are free', () => {
    const padding = `\n\n/** Why.\n * And why not. */\n// A remark.\n`;
    expect(checkSource('apps/x/src/a.ts', lines(400) + padding)).toEqual([]);
    expect(checkSource('apps/x/src/a.ts', lines(401)).map(({ rule }) => rule)).toEqual(['file-length']);
    expect(checkSource('apps/x/src/a.test.ts', lines(600))).toEqual([]);
    expect(checkSource('apps/x/src/a.test.ts', lines(601)).map(({ rule }) => rule)).toEqual(['file-length']);
  });

  test('a function has at most 60 lines of code', () => {
    const body = (count: number) => `export function f() {\n${lines(count).replaceAll('export ', '')}\n}`;
    expect(checkSource('apps/x/src/a.ts', body(58))).toEqual([]);
    expect(checkSource('apps/x/src/a.ts', body(59)).map(({ rule }) => rule)).toEqual(['function-length']);
  });
});

test('the linter refuses each pattern, one per file named after its rule', async () => {
  const config = join(FIXTURES, 'lint/fixtures.biome.json');
  const args = [
    'lint',
    `--config-path=${config}`,
    '--error-on-warnings',
    '--reporter=github',
    join(FIXTURES, 'lint'),
  ];
  const { exitCode, lines } = await run(join(BIN, 'biome'), args);
  const reported = lines.map((line) => /title=lint\/\w+\/(\w+),file=.*\/(\w+)\.ts,/.exec(line)?.slice(1));
  const seeded = readdirSync(join(FIXTURES, 'lint')).filter((file) => file.endsWith('.ts'));
  const expected = seeded.map((file) => [file.replace('.ts', ''), file.replace('.ts', '')]);
  expect(reported.filter((each) => each !== undefined)).toEqual(expected);
  expect(exitCode).toBe(1);
});

test('the compiler refuses what each strict flag forbids', async () => {
  const { exitCode, lines } = await run(join(BIN, 'tsc'), [
    '-p',
    join(FIXTURES, 'types'),
    '--pretty',
    'false',
  ]);
  const codes = lines.map((line) => /error TS(\d+)/.exec(line)?.[1]).filter((code) => code !== undefined);
  expect(codes).toEqual(['7006', '2322', '2322', '2375', '1294']);
  expect(exitCode).not.toBe(0);
});

test('what browsers load knows nothing of Node', async () => {
  const project = (path: string) => run(join(BIN, 'tsc'), ['-p', path, '--pretty', 'false']);
  const { lines } = await project(join(FIXTURES, 'browser'));
  const codes = lines.map((line) => /error TS(\d+)/.exec(line)?.[1]).filter((code) => code !== undefined);
  expect(codes).toEqual(['2591', '2591', '2591']);
  const own = await project(join(import.meta.dirname, 'browser.tsconfig.json'));
  expect(own.lines.filter((line) => line.includes('error'))).toEqual([]);
  expect(own.exitCode).toBe(0);
});

test('unused files, exports and dependencies are found', async () => {
  const { exitCode, lines } = await run(join(BIN, 'knip'), ['--directory', join(FIXTURES, 'unused')]);
  const output = lines.join('\n');
  for (const name of ['orphan.ts', 'neverImported', 'kysely']) expect(output).toContain(name);
  expect(exitCode).toBe(1);
});
