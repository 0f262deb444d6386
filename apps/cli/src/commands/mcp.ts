import type { Command } from 'commander';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';

/** `parley mcp`: the tools for a program that starts this one and talks to it over standard input and output. */
export function addMcpCommand(program: Command, version: string): void {
  addServerOptions(program.command('mcp'))
    .description('Serve the API as tools of the Model Context Protocol, over standard input and output')
    .action(async (options: ServerOptions) => {
      const client = connect(options);
      // Loaded for this command alone.
      const { serveStdio } = await import('@parley/mcp-stdio');
      await serveStdio({ client, version });
    });
}
