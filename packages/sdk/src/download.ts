import { readLines } from './lines.ts';

/** A ticket with all its messages is one line. */
const MAX_LINE = 100_000_000;

interface DownloadOptions {
  idleMs: number;
  signal: AbortSignal | undefined;
}

/** A file that the server writes while it sends it. It can be read once: row by row, whole, or as bytes. */
export class Download<Row> implements AsyncIterable<Row> {
  readonly contentType: string;
  /** As the server proposes it. */
  readonly filename: string | undefined;
  /** The bytes as they come. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: DownloadOptions;

  constructor(response: Response, options: DownloadOptions) {
    this.contentType = (response.headers.get('content-type') ?? '').split(';', 1)[0]?.trim() ?? '';
    this.filename = /filename="([^"]*)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
    this.body = response.body ?? new Blob([]).stream();
    this.#options = options;
  }

  /** The lines as they come. Throws a ParleyConnectionError where the file breaks off. */
  lines(): AsyncGenerator<string, void, undefined> {
    return readLines(this.body, { ...this.#options, maxLine: MAX_LINE, onIdle: 'throw' });
  }

  /** The rows of an NDJSON file as they come. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    if (this.contentType !== 'application/x-ndjson') {
      throw new TypeError(`Rows can be read from NDJSON only; this is ${this.contentType}.`);
    }
    // The server wrote the line by the schema that Row was made from.
    for await (const line of this.lines()) if (line !== '') yield JSON.parse(line) as Row;
  }

  /** The whole file as text. */
  async text(): Promise<string> {
    let text = '';
    for await (const line of this.lines()) text += `${line}\n`;
    return text;
  }
}
