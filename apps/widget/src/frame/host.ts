import type { EventName, FromFrame, Kept, Method, ToFrame } from '../shared/protocol.ts';
import { Failure } from './api.ts';

/** The page that the frame is in. */
export interface Host {
  send(message: FromFrame): void;
  keep(kept: Partial<Kept>): void;
  tell(name: EventName, detail: object): void;
}

export interface HostParts {
  hear(message: Exclude<ToFrame, { kind: 'call' }>): void;
  call(method: Method, args: unknown[]): Promise<unknown>;
}

/** Waits for the page, which alone speaks first; whoever it is, it only ever hears of its own visitor. */
export function connectHost({ hear, call }: HostParts): Host {
  let port: MessagePort | undefined;
  const send = (message: FromFrame) => port?.postMessage(message);
  addEventListener('message', ({ source, data, ports: [opened] }: MessageEvent<{ parley?: number }>) => {
    if (source !== parent || data?.parley !== 1 || !opened || port) return;
    port = opened;
    port.onmessage = ({ data: message }: MessageEvent<ToFrame>) => {
      if (message.kind !== 'call') return hear(message);
      call(message.method, message.args).then(
        (value) => send({ kind: 'answer', id: message.id, value }),
        (error: unknown) => send({ kind: 'answer', id: message.id, error: describe(error) }),
      );
    };
  });
  return {
    send,
    keep: (kept) => send({ kind: 'keep', kept }),
    tell: (name, detail) => send({ kind: 'event', name, detail }),
  };
}

function describe(error: unknown): { message: string; kind: string; status?: number } {
  if (error instanceof Failure) return { message: error.message, kind: error.kind, status: error.status };
  return { message: error instanceof Error ? error.message : String(error), kind: 'http' };
}
