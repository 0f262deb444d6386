import { globSync } from 'node:fs';

const FOLDERS = '{apps,packages,tests,tooling}';
const NOT_OURS = /(^|\/)(node_modules|dist|data|fixtures)\//;

/** The TypeScript files of a repository (or of a fixture that looks like one), relative to its root. */
export function sourceFiles(root: string): string[] {
  return globSync([`${FOLDERS}/**/*.ts`, '*.ts'], {
    cwd: root,
    exclude: (path) => path.endsWith('node_modules'),
  })
    .filter((path) => !NOT_OURS.test(path))
    .sort();
}
