/** A parameter as it travelled: text, bytes, or null. */
export type RecordedValue = string | Buffer | null;

/** A statement one connection sent. */
export interface Recorded {
  /** Of the prepared statement, or empty. */
  name: string;
  text: string;
  values: RecordedValue[];
}

const PROTOCOL_3 = 196_608;
const LENGTH = 4;

/** Reads a message's fields in order. */
function createReader(body: Buffer) {
  let at = 0;
  const take = (length: number) => {
    const bytes = body.subarray(at, at + length);
    at += length;
    return bytes;
  };
  return {
    bytes: take,
    int16: () => take(2).readInt16BE(),
    int32: () => take(4).readInt32BE(),
    text(): string {
      const text = take(body.indexOf(0, at) - at).toString('utf8');
      at += 1;
      return text;
    },
  };
}

/**
 * Follows what one client says to PostgreSQL (protocol 3) and reports every statement it runs. `onStart` gets the
 * name the client gave itself.
 */
export function createWireParser(
  onStart: (applicationName: string) => void,
  onStatement: (one: Recorded) => void,
) {
  const prepared = new Map<string, string>();
  let buffer: Buffer = Buffer.alloc(0);
  let started = false;

  function start(body: Buffer): void {
    const reader = createReader(body);
    if (reader.int32() !== PROTOCOL_3)
      throw new Error('Statements can only be recorded on a connection without TLS.');
    const settings = new Map<string, string>();
    for (let name = reader.text(); name !== ''; name = reader.text()) settings.set(name, reader.text());
    started = true;
    onStart(settings.get('application_name') ?? '');
  }

  function message(type: string, body: Buffer): void {
    const reader = createReader(body);
    if (type === 'Q') onStatement({ name: '', text: reader.text(), values: [] });
    else if (type === 'P') prepared.set(reader.text(), reader.text());
    else if (type === 'B') {
      reader.text();
      const name = reader.text();
      const formats = Array.from({ length: reader.int16() }, () => reader.int16());
      const values = Array.from({ length: reader.int16() }, (_, index): RecordedValue => {
        const length = reader.int32();
        if (length < 0) return null;
        const format = formats.length === 1 ? formats[0] : formats[index];
        const bytes = reader.bytes(length);
        return format === 1 ? Buffer.from(bytes) : bytes.toString('utf8');
      });
      onStatement({ name, text: prepared.get(name) ?? '', values });
    }
  }

  return (chunk: Buffer): void => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    for (;;) {
      const head = started ? 1 : 0;
      if (buffer.length < head + LENGTH) return;
      const end = head + buffer.readInt32BE(head);
      if (buffer.length < end) return;
      const body = buffer.subarray(head + LENGTH, end);
      if (started) message(String.fromCharCode(buffer[0] ?? 0), body);
      else start(body);
      buffer = buffer.subarray(end);
    }
  };
}
