import { fileTypeFromBuffer } from 'file-type';
import { imageSize } from 'image-size';
import { ApiError } from '#platform/api-error.ts';

export interface FileType {
  mediaType: string;
  /** Browsers show it, and it can be nothing else to them. */
  isImage: boolean;
  width: number | null;
  height: number | null;
}

const TEXT = 'text/plain; charset=utf-8';
const UNKNOWN = 'application/octet-stream';
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);
/** Pixels that a browser is asked to draw: a small file can hold many more than a screen can bear. */
const PIXELS_MAX = 100_000_000;
/** What is a zip file inside. */
const ZIPPED = /^application\/(?:zip$|vnd\.openxmlformats-officedocument\.|vnd\.oasis\.opendocument\.)/;

/** What a file is by its first bytes, whatever it is called. Throws 415 for an image that is none. */
export async function readFileType(head: Buffer, isWhole: boolean): Promise<FileType> {
  const known = await fileTypeFromBuffer(head).catch(() => undefined);
  const mediaType = known?.mime ?? (isText(head, isWhole) ? TEXT : UNKNOWN);
  const nothing = {
    mediaType: mediaType === 'application/xml' ? TEXT : mediaType,
    isImage: false,
    width: null,
    height: null,
  };
  if (!SHOWN.has(mediaType)) return nothing;
  const { width, height } = readSize(head);
  if (width * height > PIXELS_MAX) return { ...nothing, width, height };
  return { mediaType, isImage: true, width, height };
}

/** What customers may send. */
export function requireCustomerType({ mediaType }: FileType): void {
  const isAllowed =
    mediaType === TEXT ||
    mediaType === 'application/pdf' ||
    ZIPPED.test(mediaType) ||
    mediaType.startsWith('image/');
  if (!isAllowed)
    throw new ApiError('unsupported_media_type', 'Only images, PDF, text and zip files can be sent.');
}

function readSize(head: Buffer): { width: number; height: number } {
  try {
    const { width, height } = imageSize(head);
    if (width > 0 && height > 0) return { width, height };
  } catch {
    // What it says of itself cannot be read; told below.
  }
  throw new ApiError('unsupported_media_type', 'The image cannot be read.');
}

/** UTF-8 without control characters that no text has. A file longer than its head may be cut within a character. */
function isText(head: Buffer, isWhole: boolean): boolean {
  if (head.length === 0) return true;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  if (/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(head.toString('latin1'))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
}
