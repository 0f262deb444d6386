import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ErrorBody } from '@parley/contract/errors';
import type { Message } from '@parley/contract/messages';
import type { ConversationsSettings } from '@parley/contract/projects';
import type { PageOf } from '@parley/contract/schemas';
import type { Ticket } from '@parley/contract/tickets';
import { mergeSettings } from '#features/projects/project-settings.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import type { TestApp, TestResponse } from '../../testing/test-app.ts';

export interface ProviderRequest {
  path: string | undefined;
  authorization: string | undefined;
  body: { model: string; messages: { role: string; content: string }[]; tools?: unknown };
  /** As it arrived; its `close` tells that the caller hung up. */
  incoming: IncomingMessage;
}

/** A server on 127.0.0.1 that speaks the chat-completions protocol of OpenAI, for tests. */
export interface FakeProvider {
  readonly baseUrl: string;
  readonly port: number;
  readonly requests: ProviderRequest[];
  /** How the next requests are answered. */
  answer: RequestListener;
  /** Resolves with the next request, once it was read whole. */
  nextRequest(): Promise<ProviderRequest>;
  close(): Promise<void>;
}

/** A complete answer of the protocol. */
export function completion(content: unknown, message: object = {}): RequestListener {
  return reply(200, {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'test-model',
    choices: [{ index: 0, message: { role: 'assistant', content, ...message }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

export function reply(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

export const hang: RequestListener = () => {};

export async function startProvider(): Promise<FakeProvider> {
  const requests: ProviderRequest[] = [];
  const waiting: ((request: ProviderRequest) => void)[] = [];
  const server = createServer(async (incoming, response) => {
    let text = '';
    for await (const chunk of incoming) text += chunk;
    const { url, headers } = incoming;
    const request = {
      path: url,
      authorization: headers.authorization,
      body: text === '' ? {} : JSON.parse(text),
      incoming,
    };
    requests.push(request);
    waiting.shift()?.(request);
    provider.answer(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const provider: FakeProvider = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    answer: completion('Hello.'),
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return provider;
}

const TICKETS = '/api/projects/1/conversations/tickets/';

/** An organization that approved AI, and a project set up for this provider as its settings route would do it. */
export async function setUpAi(app: TestApp, settings: ConversationsSettings): Promise<void> {
  const { kysely } = app.database;
  const sealed = mergeSettings({}, settings, createSecretBox(app.config.secret));
  await kysely.updateTable('organizations').set({ is_ai_data_processing_approved: true }).execute();
  await kysely
    .updateTable('projects')
    .set({ conversations_settings: JSON.stringify(sealed) })
    .where('id', '=', 1)
    .execute();
}

/** A ticket with one message of its customer. */
export async function createTicket(
  app: TestApp,
  body: object = { message: 'My export fails.' },
): Promise<Ticket> {
  const created = await app.request<Ticket>('POST', TICKETS, { body });
  if (created.status !== 201) throw new Error(`No ticket: ${created.text}`);
  return created.body;
}

export function suggest<T = ErrorBody>(app: TestApp, ticketId: string): Promise<TestResponse<T>> {
  return app.request<T>('POST', `${TICKETS}${ticketId}/suggest_reply/`);
}

export async function notesOf(app: TestApp, ticketId: string): Promise<Message[]> {
  const { body } = await app.request<PageOf<Message>>('GET', `${TICKETS}${ticketId}/messages/`);
  return body.results.filter((message) => message.is_private);
}
