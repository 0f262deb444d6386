import type { StoredFile } from '@parley/contract/files';
import { formatInstant } from '#platform/instant.ts';
import type { FileRow } from './files.repo.ts';

/** Where a file is read. Nothing in it means something to Markdown. */
export function fileUrl(origin: string, { token, name }: Pick<FileRow, 'token' | 'name'>): string {
  const written = encodeURIComponent(name).replace(/[()]/g, (sign) => (sign === '(' ? '%28' : '%29'));
  return `${origin}/files/${token}/${written}`;
}

export function presentFile(row: FileRow, origin: string): StoredFile {
  const { id, name, media_type, size, is_image, width, height, created_at } = row;
  return {
    id,
    name,
    media_type,
    size,
    is_image,
    width,
    height,
    url: fileUrl(origin, row),
    created_at: formatInstant(created_at),
  };
}
