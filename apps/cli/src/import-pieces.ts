/** Lines of one request: enough to be quick, few enough to tell how far it is. */
const LINES = 1000;
const BYTES = 4 * 1024 * 1024;
/** What the server takes of one line; what is longer only has to be too long there, too. */
const LINE_MAX = 10 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Whole lines of a file. */
export interface Piece {
  /** Number of its first line. */
  start: number;
  lines: number;
  bytes: Buffer<ArrayBuffer>;
  isLast: boolean;
}

/** A file in pieces that can be sent one after the other, from a line on. */
export async function* cutIntoPieces(
  chunks: AsyncIterable<Buffer>,
  from: number,
): AsyncGenerator<Piece, void, undefined> {
  const cutter = new Cutter(from);
  let waiting: Omit<Piece, 'isLast'> | undefined;
  for await (const chunk of chunks) {
    for (const piece of cutter.add(chunk)) {
      // Only what follows tells that a piece is not the last one.
      if (waiting) yield { ...waiting, isLast: false };
      waiting = piece;
    }
  }
  const rest = cutter.end();
  if (waiting) yield { ...waiting, isLast: rest === undefined };
  if (rest) yield { ...rest, isLast: true };
  if (!waiting && !rest) yield { start: from, lines: 0, bytes: Buffer.alloc(0), isLast: true };
}

class Cutter {
  private readonly from: number;
  private line = 1;
  private start: number;
  private parts: Buffer[] = [];
  private bytes = 0;
  private lines = 0;
  private lineLength = 0;

  constructor(from: number) {
    this.from = from;
    this.start = from;
  }

  *add(chunk: Buffer): Generator<Omit<Piece, 'isLast'>> {
    let at = 0;
    while (at < chunk.length) {
      const found = chunk.indexOf(NEWLINE, at);
      const end = found === -1 ? chunk.length : found + 1;
      this.keep(chunk.subarray(at, end), found !== -1);
      at = end;
      if (found === -1) return;
      this.line += 1;
      this.lineLength = 0;
      if (this.lines >= LINES || this.bytes >= BYTES) yield this.take();
    }
  }

  end(): Omit<Piece, 'isLast'> | undefined {
    if (this.bytes === 0) return undefined;
    if (this.lineLength > 0) this.lines += 1;
    return this.take();
  }

  private keep(part: Buffer, isEnd: boolean): void {
    if (this.line < this.from) return;
    this.lineLength += part.length;
    // The end of a line is kept, however long it was.
    const kept = this.lineLength > LINE_MAX + CHUNK_MAX ? (isEnd ? part.subarray(-1) : undefined) : part;
    if (kept) {
      this.parts.push(kept);
      this.bytes += kept.length;
    }
    if (isEnd) this.lines += 1;
  }

  private take(): Omit<Piece, 'isLast'> {
    const piece = { start: this.start, lines: this.lines, bytes: Buffer.concat(this.parts, this.bytes) };
    this.start += this.lines;
    [this.parts, this.bytes, this.lines] = [[], 0, 0];
    return piece;
  }
}

/** Longest part that is kept of a line before it is known to be too long. */
const CHUNK_MAX = 1024 * 1024;
