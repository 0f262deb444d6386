import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { apiKeys, type CurrentApiKey } from '@parley/contract/api-keys';
import { createMcpServer } from '@parley/mcp/server';
import type { ParleyClient } from '@parley/sdk';
import { callThroughSdk } from './sdk-call.ts';

interface StdioOptions {
  client: ParleyClient;
  version: string;
}

/** Serves the tools over standard input and output until the client closes the input. */
export async function serveStdio({ client, version }: StdioOptions): Promise<void> {
  const call = callThroughSdk(client);
  const server = createMcpServer({
    version,
    call,
    // Asked each time: a key may be changed while this runs. The API answers by its declaration.
    scopes: async () =>
      ((await call(apiKeys.retrieveCurrent, { params: {}, query: {} })) as CurrentApiKey).scopes,
    session: randomUUID(),
    // Standard output belongs to the protocol.
    onError: (error) => void process.stderr.write(`error: ${String(error)}\n`),
  });
  const transport = new StdioServerTransport();
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  await server.connect(transport);
  await Promise.race([once(process.stdin, 'end'), closed]);
  await server.close();
}
