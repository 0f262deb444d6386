import { connect, type Socket } from 'node:net';

/** An event of a stream, as it came. */
export interface Arrival {
  /** Which stream, by its number. */
  stream: number;
  /** Milliseconds of performance.now(). */
  at: number;
  event: string;
}

export interface OpenStreams {
  /** How many were answered and greeted. */
  count(): number;
  onArrival(listener: (arrival: Arrival) => void): void;
  close(): void;
}

/** Opened at once, so that the server's queue of connections is not what is measured. */
const AT_ONCE = 50;

/**
 * Opens a stream for each visitor, over sockets of their own and nothing else: what an HTTP client would add to five
 * thousand of them is not the server's.
 */
export async function openStreams(
  url: string,
  token: string,
  sessions: readonly string[],
): Promise<OpenStreams> {
  const { hostname, port, host } = new URL(url);
  const sockets: Socket[] = [];
  let greeted = 0;
  let listener: (arrival: Arrival) => void = () => {};

  const open = (session: string, stream: number) =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      sockets.push(socket);
      socket.on('error', reject);
      socket.on('data', (bytes) => {
        const at = performance.now();
        for (const [, event = ''] of bytes.toString().matchAll(/^event: (\w+)/gm)) {
          if (event !== 'ready') listener({ stream, at, event });
          else {
            greeted += 1;
            resolve();
          }
        }
      });
      socket.write(
        `GET /api/conversations/v1/widget/stream HTTP/1.1\r\nhost: ${host}\r\nx-conversations-token: ${token}\r\n` +
          `x-conversations-visitor: widget_session_id=${session}\r\naccept: text/event-stream\r\n\r\n`,
      );
    });
  for (let start = 0; start < sessions.length; start += AT_ONCE) {
    await Promise.all(
      sessions.slice(start, start + AT_ONCE).map((session, index) => open(session, start + index)),
    );
  }
  return {
    count: () => greeted,
    onArrival(wanted) {
      listener = wanted;
    },
    close() {
      for (const socket of sockets) {
        socket.removeAllListeners('error').on('error', () => {});
        socket.destroy();
      }
    },
  };
}
