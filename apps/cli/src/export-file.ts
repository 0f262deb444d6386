import { type FileHandle, open } from 'node:fs/promises';

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const CHUNK = 1024 * 1024;

/** How far a file of tickets is whole. */
export interface WholePart {
  /** Bytes up to the end of the last whole line. */
  length: number;
  /** Of the ticket in that line; undefined when there is none. */
  lastNumber: number | undefined;
}

/**
 * The part of a file that broke off which can be kept. In CSV a line break within quotes ends no row. The number of a
 * ticket is the first cell of its row, and a field of its line in NDJSON.
 */
export async function findWholePart(path: string, format: 'ndjson' | 'csv'): Promise<WholePart> {
  const file = await open(path, 'r');
  try {
    const { start, end } = await findLastLine(file, format === 'csv');
    if (end === 0) return { length: 0, lastNumber: undefined };
    const line = Buffer.alloc(end - start);
    await file.read(line, 0, line.length, start);
    const lastNumber = readNumber(line.toString('utf8'), format);
    // A head without a row is written anew.
    return lastNumber === undefined ? { length: 0, lastNumber } : { length: end, lastNumber };
  } finally {
    await file.close();
  }
}

/** Where the last whole line begins and ends. */
async function findLastLine(file: FileHandle, isQuoted: boolean): Promise<{ start: number; end: number }> {
  const chunk = Buffer.alloc(CHUNK);
  let [start, end, position, quotes] = [0, 0, 0, 0];
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK, position);
    if (bytesRead === 0) return { start, end };
    for (let index = 0; index < bytesRead; index += 1) {
      if (chunk[index] === QUOTE) quotes += 1;
      else if (chunk[index] === NEWLINE && !(isQuoted && quotes % 2 === 1)) {
        [start, end] = [end, position + index + 1];
      }
    }
    position += bytesRead;
  }
}

function readNumber(line: string, format: 'ndjson' | 'csv'): number | undefined {
  if (format === 'csv') return /^\d+(?=,)/.test(line) ? Number.parseInt(line, 10) : undefined;
  const ticket: unknown = JSON.parse(line);
  const number: unknown =
    typeof ticket === 'object' && ticket !== null ? Reflect.get(ticket, 'ticket_number') : undefined;
  return typeof number === 'number' ? number : undefined;
}
