import { ParleyConnectionError } from './errors.ts';

export interface LineOptions {
  /** A stream of something else must not fill the memory. */
  maxLine: number;
  /** Nothing at all arrives for this long while somebody waits. */
  idleMs: number;
  /** What that silence is: the end of a stream that never ends, or a file that broke off. */
  onIdle: 'end' | 'throw';
  /** The caller's: when it aborts, its own reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** The lines of a stream without their ends; a last line without one counts too, unless it is empty. */
export async function* readLines(
  body: ReadableStream<Uint8Array>,
  options: LineOptions,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks(body, options)) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > options.maxLine) throw new Error('A line of the answer is too long.');
    for (const line of parts) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

async function* chunks(
  body: ReadableStream<Uint8Array>,
  { idleMs, onIdle, signal }: LineOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  let isSilent = false;
  const giveUp = () => {
    isSilent = true;
    void reader.cancel();
  };
  try {
    for (;;) {
      const timer = setTimeout(giveUp, idleMs);
      const { done, value } = await reader
        .read()
        .catch((cause) => {
          signal?.throwIfAborted();
          throw new ParleyConnectionError('The answer broke off.', { cause });
        })
        .finally(() => clearTimeout(timer));
      if (isSilent && onIdle === 'throw') throw new ParleyConnectionError('The answer stopped coming.');
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
