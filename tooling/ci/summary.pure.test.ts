import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, 'summary.ts');
const BROKEN_FILE = { status: 'failed', assertionResults: [] };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-summary-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['all is well', 5, 5, [], 0, 0, '5 passed, 0 failed', 0],
  ['a test failed', 4, 5, [], 0, 1, '4 passed, 1 failed', 1],
  ['a test was skipped', 4, 5, [], 0, 0, '4 passed, 1 failed', 1],
  ['a file could not be loaded', 5, 5, [BROKEN_FILE], 0, 1, '5 passed, 1 failed', 1],
  ['two checks failed', 5, 5, [], 2, 0, '5 passed, 2 failed', 1],
  ['an error outside of any test', 5, 5, [], 0, 1, '5 passed, 1 failed', 1],
  ['no test ran', 0, 0, [], 0, 0, '0 passed, 1 failed', 1],
])('%s', (_name, numPassedTests, numTotalTests, testResults, failedChecks, exitCode, line, status) => {
  const report = join(folder, 'report.json');
  writeFileSync(report, JSON.stringify({ numPassedTests, numTotalTests, testResults }));
  const outcome = spawnSync(process.execPath, [SCRIPT, report, String(failedChecks), String(exitCode)]);
  expect([outcome.stdout.toString(), outcome.status]).toEqual([`${line}\n`, status]);
});

test('a run that wrote no report has failed', () => {
  const report = join(folder, 'empty.json');
  writeFileSync(report, '');
  const outcome = spawnSync(process.execPath, [SCRIPT, report, '0', '1']);
  expect([outcome.stdout.toString(), outcome.status]).toEqual(['0 passed, 1 failed\n', 1]);
});
