export interface SentEvent {
  /** Not a number for what has none. */
  id: number;
  /** The id as it was sent. */
  place: string | undefined;
  event: string;
  data: Record<string, unknown>;
}

/** A client of a real stream, reading as a browser would. */
export interface StreamReader {
  readonly events: readonly SentEvent[];
  /** Settles when the server ends the stream or `stop` is called. */
  readonly ended: Promise<void>;
  stop(): void;
}

function parseBlock(block: string): SentEvent | undefined {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
  const data = field('data');
  return data === undefined
    ? undefined
    : {
        id: Number(field('id') ?? 'none'),
        place: field('id'),
        event: field('event') ?? '',
        data: JSON.parse(data),
      };
}

/** Opens the stream of project 1. */
export async function openStream(
  baseUrl: string,
  key: string,
  lastEventId?: number,
  clientId = '',
): Promise<StreamReader> {
  return readStream(`${baseUrl}/api/projects/1/events/stream/?client_id=${clientId}`, {
    authorization: `Bearer ${key}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
  });
}

/** Reads any stream until it ends or `stop` is called. */
export async function readStream(url: string, headers: Record<string, string>): Promise<StreamReader> {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal, headers });
  if (!response.ok || !response.body) throw new Error(`The stream answered ${response.status}.`);
  const events: SentEvent[] = [];
  const { body } = response;
  const ended = (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event) events.push(event);
      }
    }
  })().catch(() => {});
  return { events, ended, stop: () => abort.abort() };
}
