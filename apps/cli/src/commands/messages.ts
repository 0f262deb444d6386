import type { Message } from '@parley/contract/messages';
import { paginate } from '@parley/sdk';
import type { Command } from 'commander';
import { given } from '../arguments.ts';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';
import { printAll } from '../operations/run.ts';
import { formatInstant, plain, print, printJson, short } from '../output.ts';

interface ListOptions extends ServerOptions {
  limit?: string;
  offset?: string;
  cursor?: string;
  all?: true;
}

export function addMessageCommands(program: Command): void {
  const messages = program.command('messages').description('Read conversations');
  addServerOptions(messages.command('list'))
    .description('List the messages of a ticket, oldest first')
    .argument('<ticket>', 'number or uuid')
    .option('--limit <limit>', 'messages per page')
    .option('--offset <offset>', 'messages to skip')
    .option('--cursor <cursor>', 'position from a next link')
    .option('--all', 'page after page; with --json one object per line')
    .action(async (id: string, options: ListOptions) => {
      const { limit, offset, cursor } = options;
      const query = given({ limit, offset, cursor });
      const { messages } = connect(options);
      if (options.all) {
        const thread = paginate(messages.list, { params: { id }, query });
        return printAll(thread, options, (rows) => `${rows.map(formatMessage).join('\n\n')}\n`);
      }
      const page = await messages.list({ params: { id }, query });
      if (options.json) printJson(page);
      else
        print([...page.results.map(formatMessage), `${page.results.length} of ${page.count}`].join('\n\n'));
    });
}

function formatMessage(message: Message): string {
  const author = short(message.author_name, 60);
  const note = message.is_private ? '  [note]' : '';
  return `${formatInstant(message.created_at)}  ${author}${note}\n${plain(message.content)}`;
}
