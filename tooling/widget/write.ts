import { mkdir, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { buildWidget } from './build-widget.ts';

const folder = new URL('../../apps/widget/built/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const [name, code] of Object.entries(await buildWidget())) {
  await writeFile(new URL(name, folder), code);
  process.stdout.write(`${name}: ${gzipSync(code, { level: 9 }).length} bytes zipped\n`);
}
