import { readFileSync } from 'node:fs';
import { allRoutes } from '@parley/contract/openapi/document';
import { Command } from 'commander';
import { addAdminCommands } from './commands/admin.ts';
import { addApiCommand } from './commands/api.ts';
import { addEventCommands } from './commands/events.ts';
import { addMcpCommand } from './commands/mcp.ts';
import { addMessageCommands } from './commands/messages.ts';
import { addTicketCommands } from './commands/tickets.ts';
import { addTicketWriteCommands } from './commands/tickets-write.ts';
import { addTransferCommands } from './commands/transfer.ts';
import { addViewCommands } from './commands/views.ts';
import { addWebhookCommands } from './commands/webhooks.ts';
import { addOperationCommands } from './operations/commands.ts';

/** Every command: those written by hand, and one for each operation of the contract that has none of them. */
export function createProgram(): Command {
  const program = new Command('parley')
    .description('Administers a Parley installation, and works with its tickets through the API.')
    .version(readVersion())
    // Else --version of a command would be the program's.
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError();
  addAdminCommands(program);
  const tickets = program.command('tickets').description('Work with tickets');
  addTicketCommands(tickets);
  addTicketWriteCommands(tickets);
  addMessageCommands(program);
  addViewCommands(program);
  addEventCommands(program);
  addWebhookCommands(program);
  addTransferCommands(program);
  addOperationCommands(program, allRoutes());
  addMcpCommand(program, readVersion());
  addApiCommand(program);
  return program;
}

function readVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}
