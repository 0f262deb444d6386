import type { FromFrame, Method, ToFrame } from '../shared/protocol.ts';

export interface FrameLink {
  readonly element: HTMLIFrameElement;
  send(message: ToFrame): void;
  call(method: Method, args: unknown[]): Promise<unknown>;
}

export interface FrameLinkParts {
  url: string;
  title: string;
  /** What a frame is told when it starts, also when it starts again: a page that moves it loads it anew. */
  start(): ToFrame;
  hear(message: Exclude<FromFrame, { kind: 'answer' | 'ready' }>): void;
}

/** An error of the API, with what kind of failure it was (widget.md 10). */
class WidgetError extends Error {
  readonly kind: string;
  readonly status: number | undefined;
  constructor(message: string, kind: string, status?: number) {
    super(message);
    this.name = 'WidgetError';
    this.kind = kind;
    this.status = status;
  }
}

/** A frame of Parley's, and the channel to it. What is said before it listens is said when it does. */
export function openFrame({ url, title, start, hear }: FrameLinkParts): FrameLink {
  const { origin } = new URL(url);
  const element = document.createElement('iframe');
  element.src = url;
  element.title = title;
  const waiting: ToFrame[] = [];
  const calls = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let port: MessagePort | undefined;
  let isReady = false;
  let lastCall = 0;

  element.addEventListener('load', () => {
    const channel = new MessageChannel();
    port?.close();
    port = channel.port1;
    isReady = false;
    port.onmessage = ({ data }: MessageEvent<FromFrame>) => receive(data);
    // Whatever else may have been loaded there hears nothing.
    element.contentWindow?.postMessage({ parley: 1 }, origin, [channel.port2]);
    port.postMessage(start());
  });

  function receive(message: FromFrame): void {
    if (message.kind === 'ready') {
      isReady = true;
      for (const waited of waiting.splice(0)) port?.postMessage(waited);
    } else if (message.kind === 'answer') {
      const call = calls.get(message.id);
      calls.delete(message.id);
      const { error } = message;
      if (error) call?.reject(new WidgetError(error.message, error.kind, error.status));
      else call?.resolve(message.value);
    } else hear(message);
  }

  function send(message: ToFrame): void {
    if (isReady) port?.postMessage(message);
    // Of a frame that has not started, only calls: what else there is to say is in what it starts with.
    else if (message.kind === 'call') waiting.push(message);
  }

  return {
    element,
    send,
    call: (method, args) =>
      new Promise((resolve, reject) => {
        lastCall += 1;
        calls.set(lastCall, { resolve, reject });
        send({ kind: 'call', id: lastCall, method, args });
      }),
  };
}
