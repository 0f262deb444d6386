import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookMessage } from '@parley/contract/webhooks';

/** What a receiver got, and when it was there whole. */
export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  message: WebhookMessage;
}

export type Behaviour = (response: ServerResponse, received: Received, request: IncomingMessage) => void;

/** A real server on loopback: each path is one endpoint, with what it got and how it behaves. */
export interface Receiver {
  readonly origin: string;
  /** Requests whose answer is not over. */
  open(path: string): number;
  received(path: string): Received[];
  /** From now on; an endpoint answers 204 until told otherwise. */
  behave(path: string, behaviour: Behaviour): void;
  close(): Promise<void>;
}

export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Behaviour =>
  (response) =>
    void response.writeHead(status, headers).end(body);

interface Endpoint {
  received: Received[];
  behaviour: Behaviour;
  open: number;
}

export async function startReceiver(): Promise<Receiver> {
  const endpoints = new Map<string, Endpoint>();
  const at = (path: string): Endpoint => {
    const found = endpoints.get(path) ?? { received: [], behaviour: answer(204), open: 0 };
    endpoints.set(path, found);
    return found;
  };
  const server = createServer(async (request, response) => {
    const endpoint = at(request.url ?? '');
    endpoint.open += 1;
    response.on('close', () => {
      endpoint.open -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks).toString('utf8');
    const received = { headers: request.headers, body, message: body === '' ? {} : JSON.parse(body) };
    endpoint.received.push(received);
    endpoint.behaviour(response, received, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // A server that listens on a port has an address of this form.
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: (path) => at(path).open,
    received: (path) => at(path).received,
    behave: (path, behaviour) => {
      at(path).behaviour = behaviour;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
