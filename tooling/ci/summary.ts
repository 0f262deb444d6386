import { readFileSync } from 'node:fs';

// usage: node tooling/ci/summary.ts <vitest's JSON report> <failed checks> <exit code of the tests>

interface Report {
  numPassedTests: number;
  numTotalTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

const NOTHING_RAN: Report = { numPassedTests: 0, numTotalTests: 0, testResults: [] };

function readReport(file: string): Report {
  const text = readFileSync(file, 'utf8');
  return text === '' ? NOTHING_RAN : JSON.parse(text);
}

const [file = '', failedChecks = '0', exitCode = '1'] = process.argv.slice(2);
const { numPassedTests, numTotalTests, testResults } = readReport(file);
// A file that could not be loaded has no tests to count, so it counts itself.
const broken = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
// A skipped test did not pass.
const counted = numTotalTests - numPassedTests + broken.length + Number(failedChecks);
// No tests at all, or an end that no test explains (an unhandled error), is a failure too.
const failed = counted === 0 && (numPassedTests === 0 || exitCode !== '0') ? 1 : counted;
process.stdout.write(`${numPassedTests} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
