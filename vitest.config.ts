import { defineConfig } from 'vitest/config';
import { findPostgres } from './tests/setup/postgres.ts';

const TEST_FILES = [
  'apps/**/*.test.ts',
  'packages/**/*.test.ts',
  'tests/**/*.test.ts',
  'tooling/**/*.test.ts',
];
const NOT_OURS = ['**/node_modules/**', '**/dist/**', '**/fixtures/**'];
const report = process.env.PARLEY_TEST_REPORT;

// Bounds what hangs, not what is slow: a busy machine takes several times as long as a quiet one.
const shared = { environment: 'node', testTimeout: 120_000, hookTimeout: 120_000, exclude: NOT_OURS };

function named(suffix: string): string[] {
  return TEST_FILES.map((pattern) => pattern.replace('.test.ts', `.${suffix}.test.ts`));
}

/** The same test files, on one of the two databases; a few belong to the other one alone. */
function onDatabase(databaseKind: 'postgres' | 'pglite') {
  const other = databaseKind === 'postgres' ? 'pglite' : 'postgres';
  const exclude = [...NOT_OURS, ...named('pure'), ...named(other)];
  return { test: { ...shared, name: databaseKind, include: TEST_FILES, exclude, provide: { databaseKind } } };
}

export default defineConfig({
  test: {
    // Each worker may hold an embedded database of several hundred megabytes.
    maxWorkers: 2,
    globalSetup: ['tests/setup/global-setup.ts'],
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    projects: [
      { test: { ...shared, name: 'pure', include: named('pure') } },
      onDatabase('pglite'),
      // Without a server this project is left out; global-setup.ts says so, and fails in CI.
      ...(findPostgres() ? [onDatabase('postgres')] : []),
    ],
  },
});
