import { mkdir, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { buildWidget } from './build-widget.ts';

const folder = new URL('../../apps/widget/built/', import.meta.url);
await rm(folder, { recursive: true, force: true });
for (const [name, code] of await buildWidget()) {
  const file = new URL(name, folder);
  await mkdir(new URL('.', file), { recursive: true });
  await writeFile(file, code);
  if (name.endsWith('.js'))
    process.stdout.write(`${name}: ${gzipSync(code, { level: 9 }).length} bytes zipped\n`);
}
