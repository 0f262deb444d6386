import type { FastifyReply } from 'fastify';

const HEARTBEAT_MS = 15_000;
/** A client that is this far behind is let go; it resumes by number without loss. */
const MAX_BUFFERED = 1024 * 1024;

/** An answer that stays open: it is written to until its client goes. */
export interface EventStream {
  write(text: string): void;
  /** Lets what was written arrive first. */
  end(): void;
  /** At once: a client that does not read would never let `end` finish. */
  drop(): void;
  /** Calls when the client is gone, at once if it is by now. */
  onClose(leave: () => void): void;
}

/** Opens a stream; undefined where the client went meanwhile, and will not say so again. */
export function openEventStream(reply: FastifyReply): EventStream | undefined {
  const { raw } = reply;
  const headers = reply.getHeaders();
  reply.hijack();
  if (raw.destroyed) return undefined;
  // Those of every answer, such as who may read it.
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  return {
    write(text) {
      if (raw.destroyed || raw.writableEnded) return;
      raw.write(text);
      if (raw.writableLength > MAX_BUFFERED) raw.destroy();
    },
    end: () => raw.end(),
    drop: () => raw.destroy(),
    onClose(leave) {
      if (raw.destroyed) leave();
      else raw.on('close', leave);
    },
  };
}

/**
 * Proves that a stream lives, and asks now and then whether its caller may still listen: a credential that was revoked
 * must not go on.
 */
export function keepAlive(
  stream: EventStream,
  check: () => Promise<unknown>,
  {
    heartbeatMs = HEARTBEAT_MS,
    checkEvery = 1,
  }: { heartbeatMs?: number | undefined; checkEvery?: number } = {},
): void {
  let isChecking = false;
  let beats = 0;
  const timer = setInterval(() => {
    stream.write(': still here\n\n');
    beats += 1;
    if (isChecking || beats % checkEvery !== 0) return;
    isChecking = true;
    check()
      .catch(() => stream.drop())
      .finally(() => {
        isChecking = false;
      });
  }, heartbeatMs);
  stream.onClose(() => clearInterval(timer));
}
