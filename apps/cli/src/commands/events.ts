import type { Command } from 'commander';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';
import { formatTable, print } from '../output.ts';

interface StreamOptions extends ServerOptions {
  lastEventId?: string;
}

/** `events stream`: prints what changes until it is stopped, and over lost connections. */
export function addEventCommands(program: Command): void {
  const events = program.command('events').description('Follow what changes');
  addServerOptions(events.command('stream'))
    .description('Follow the changes of a project, one line each')
    .option('--last-event-id <id>', 'begin after this event')
    .action(async (options: StreamOptions) => {
      for await (const event of connect(options).events({ lastEventId: options.lastEventId })) {
        if (options.json) print(JSON.stringify(event));
        else if (event.kind === 'change') print(formatTable([[String(event.seq), event.name, event.id]]));
        else print(formatTable([[String(event.seq), event.kind]]));
      }
    });
}
