import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export interface Outcome {
  isError: boolean;
  text: string;
  data: Record<string, unknown>;
}

/** The official client, connected. */
export interface TestClient {
  client: Client;
  tools(): Promise<string[]>;
  call(name: string, args?: Record<string, unknown>): Promise<Outcome>;
  close(): Promise<void>;
}

/** Over streamable HTTP, as another program on the network. */
export function connectHttp(url: string, key: string, fetcher: typeof fetch = fetch): Promise<TestClient> {
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  return connect(new StreamableHTTPClientTransport(new URL(url), { requestInit, fetch: fetcher }));
}

/** Over standard input and output of a process that is started for it. */
export function connectStdio(args: readonly string[], env: Record<string, string>): Promise<TestClient> {
  return connect(
    new StdioClientTransport({ command: process.execPath, args: [...args], env, stderr: 'inherit' }),
  );
}

async function connect(transport: StdioClientTransport | StreamableHTTPClientTransport): Promise<TestClient> {
  const client = new Client({ name: 'parley-tests', version: '1.0.0' });
  // The class and its own interface differ in how they write an optional property.
  await client.connect(transport as Parameters<Client['connect']>[0]);
  return {
    client,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    async call(name, args = {}) {
      const { isError, content, structuredContent } = await client.callTool({ name, arguments: args });
      const [first] = Array.isArray(content) ? content : [];
      return {
        isError: isError === true,
        text: String(first?.text),
        data: { ...Object(structuredContent) },
      };
    },
    close: () => client.close(),
  };
}
