import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addAdminCommands } from './commands/admin.ts';
import { addMessageCommands } from './commands/messages.ts';
import { addTicketCommands } from './commands/tickets.ts';
import { addTicketWriteCommands } from './commands/tickets-write.ts';
import { addViewCommands } from './commands/views.ts';
import { explain } from './failure.ts';

/** Runs one command and answers the exit code: 0 done, 1 failed, 2 wrong usage, 3 no server there. */
export async function main(args: readonly string[]): Promise<number> {
  // `parley … | head` closes the pipe: that is no failure, and nobody is left to hear of one.
  process.stdout.on('error', () => process.exit(0));
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const { line, exitCode } = explain(error);
    if (line !== undefined) process.stderr.write(`error: ${line}\n`);
    return exitCode;
  }
}

function createProgram(): Command {
  const program = new Command('parley')
    .description('Administers a Parley installation, and works with its tickets through the API.')
    .version(readVersion())
    .exitOverride()
    .showSuggestionAfterError();
  addAdminCommands(program);
  const tickets = program.command('tickets').description('Work with tickets');
  addTicketCommands(tickets);
  addTicketWriteCommands(tickets);
  addMessageCommands(program);
  addViewCommands(program);
  return program;
}

function readVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}
