import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface ScriptedServer {
  baseUrl: string;
  received: Received[];
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: Received) => void;

/** A server that gives one answer after the other; the last one is given from then on. */
export async function startScriptedServer(answers: readonly Answer[]): Promise<ScriptedServer> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
    const answer = answers[Math.min(received.length, answers.length - 1)];
    received.push(seen);
    answer?.(response, seen);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No TCP address');
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    received,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Sends the start of an answer and breaks the connection. */
export function broken(): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"count":');
    response.socket?.destroySoon();
  };
}

/** Sends parts of an event stream one by one, then ends it, breaks it or leaves it open. */
export function stream(parts: readonly string[], ending: 'end' | 'break' | 'open'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    for (const part of parts) response.write(part);
    if (ending === 'end') response.end();
    if (ending === 'break') response.socket?.destroySoon();
  };
}
