import { readLines } from './lines.ts';

/** One message of an event stream. */
export interface SseMessage {
  id: string | undefined;
  event: string;
  data: string;
}

/** No message of ours comes near it. */
const MAX_LINE = 1_000_000;

/**
 * The messages of an event stream. Ends with the stream, and when nothing at all (not even a heartbeat) arrived for
 * `idleMs` while somebody waited.
 */
export async function* parseSse(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
): AsyncGenerator<SseMessage, void, undefined> {
  let message: SseMessage = { id: undefined, event: 'message', data: '' };
  for await (const line of readLines(body, { maxLine: MAX_LINE, idleMs, onIdle: 'end' })) {
    if (line === '') {
      if (message.data !== '') yield { ...message, data: message.data.slice(0, -1) };
      message = { id: undefined, event: 'message', data: '' };
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') message.id = value;
    if (field === 'event') message.event = value;
    if (field === 'data') message.data += `${value}\n`;
  }
}
