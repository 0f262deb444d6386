import { FILE_NAME_MAX } from '@parley/contract/files';
import { firstCharacters } from '#platform/text.ts';

/** A name as it is kept and shown: with no character that means something to a path, to Markdown or to HTML (channels.md 1.6). */
export function cleanFileName(name: string): string {
  const cleaned = name
    .normalize('NFC')
    .replace(/[/\\]/g, '_')
    .replace(/[^\p{L}\p{M}\p{N}_ \-.,()]/gu, '')
    .trim();
  // Nothing but dots names a directory.
  return /[^.]/.test(cleaned) ? firstCharacters(cleaned, FILE_NAME_MAX) : 'attachment';
}
