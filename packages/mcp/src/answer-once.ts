import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { createMcpServer, type McpParts } from './server.ts';

interface HttpExchange {
  /** Its body is given apart. */
  request: Request;
  message: unknown;
  /** Has a function called when the answer is sent, or nobody waits for it any more. */
  onClose: (listener: () => void) => void;
}

/** Answers the messages of one request and forgets them: as JSON, or as a stream where a client names that first. */
export async function answerOnce(
  { request, message, onClose }: HttpExchange,
  parts: McpParts,
): Promise<Response> {
  const enableJsonResponse = !prefersStream(request.headers.get('accept') ?? '');
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse });
  const server = createMcpServer(parts);
  await server.connect(transport);
  onClose(() => void server.close().catch(parts.onError));
  return transport.handleRequest(request, { parsedBody: message });
}

function prefersStream(accept: string): boolean {
  const [stream, json] = [accept.indexOf('text/event-stream'), accept.indexOf('application/json')];
  return stream >= 0 && stream < json;
}
