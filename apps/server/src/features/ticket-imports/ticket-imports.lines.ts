import { IMPORT_LINE_MAX } from '@parley/contract/ticket-imports';

/** One line of a file, or what keeps it from being read. */
export type Line = { number: number; text: string } | { number: number; problem: 'too_long' | 'not_utf8' };

const NEWLINE = 0x0a;

/**
 * The lines of a file, numbered from `first`. A line that is too long is passed over without being kept. What comes
 * after the last line break is a line only when the file ends there: where it breaks off, it is half of one.
 */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  first: number,
): AsyncGenerator<Line, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = first;
  let kept: Buffer[] = [];
  let length = 0;
  const take = (): Line => {
    const line = { number };
    const [parts, size] = [kept, length];
    [kept, length] = [[], 0];
    number += 1;
    if (size > IMPORT_LINE_MAX) return { ...line, problem: 'too_long' };
    try {
      // A byte order mark at the beginning of a file is dropped by the decoder.
      return { ...line, text: decoder.decode(Buffer.concat(parts, size)) };
    } catch {
      return { ...line, problem: 'not_utf8' };
    }
  };
  const keep = (part: Buffer) => {
    length += part.length;
    if (length > IMPORT_LINE_MAX) kept = [];
    else kept.push(part);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield take();
}
