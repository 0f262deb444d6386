import { readFile } from 'node:fs/promises';
import { digestOf } from '#platform/http/send-static.ts';

export type WidgetFile = 'parley.js' | 'frame.js';

interface BuiltFile {
  content: Buffer;
  digest: string;
}

const files = new Map<WidgetFile, Promise<BuiltFile>>();

/** A script of the widget, as `npm run widget` built it. Read when somebody first asks. */
export function readWidgetFile(name: WidgetFile): Promise<BuiltFile> {
  const known = files.get(name);
  if (known) return known;
  const read = readFile(new URL(import.meta.resolve(`@parley/widget/built/${name}`))).then((content) => ({
    content,
    digest: digestOf(content),
  }));
  read.catch(() => files.delete(name));
  files.set(name, read);
  return read;
}

/** Of its bytes, short enough for an address. */
export function versionOf({ digest }: BuiltFile): string {
  return encodeURIComponent(digest.slice(0, 16));
}
