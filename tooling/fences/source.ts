import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sourceFiles } from './source-files.ts';
import { checkSource } from './source-rules.ts';

// usage: node tooling/fences/source.ts [folder]
const root = resolve(process.argv[2] ?? '.');
const files = sourceFiles(root);
const lines = files.flatMap((file) =>
  checkSource(file, readFileSync(join(root, file), 'utf8')).map(
    ({ rule, line, detail }) => `${rule}: ${file}:${line} ${detail}`,
  ),
);
if (files.length === 0) lines.push('nothing-read: no source files were found');
process.stdout.write(`${[...lines, `${files.length} files, ${lines.length} violations`].join('\n')}\n`);
process.exitCode = lines.length === 0 ? 0 : 1;
