import { resolve } from 'node:path';
import { cruiseFolder } from './cruise.ts';
import { sourceFiles } from './source-files.ts';

// usage: node tooling/fences/boundaries.ts [folder]
const root = resolve(process.argv[2] ?? '.');
const files = sourceFiles(root);
const { modules, summary } = await cruiseFolder(root, files);

const read = new Set(modules.map(({ source }) => source));
const unread = files.filter((file) => !read.has(file));
const lines = [
  ...summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
  ...unread.map((file) => `not-read: ${file}`),
  // Files were found but nothing was understood: the fence is down, whatever it says.
  ...(files.length === 0 || summary.totalDependenciesCruised === 0
    ? ['nothing-read: no imports were seen']
    : []),
];
process.stdout.write(
  `${[...lines.sort(), `${files.length} files, ${lines.length} violations`].join('\n')}\n`,
);
process.exitCode = lines.length === 0 ? 0 : 1;
