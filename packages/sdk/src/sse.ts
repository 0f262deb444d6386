import { ParleyConnectionError } from './errors.ts';

/** One message of an event stream. */
export interface SseMessage {
  id: string | undefined;
  event: string;
  data: string;
}

/** No message of ours comes near it; a stream of something else must not fill the memory. */
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
  for await (const line of lines(body, idleMs)) {
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

async function* lines(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks(body, idleMs)) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > MAX_LINE) throw new Error('A line of the event stream is too long.');
    for (const line of parts) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
}

async function* chunks(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    for (;;) {
      const timer = setTimeout(() => void reader.cancel(), idleMs);
      const { done, value } = await reader
        .read()
        .catch((cause) => {
          throw new ParleyConnectionError('The event stream broke off.', { cause });
        })
        .finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
