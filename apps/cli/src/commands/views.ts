import type { View } from '@parley/contract/views';
import type { Command } from 'commander';
import { given } from '../arguments.ts';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';
import { formatTable, print, printJson, short } from '../output.ts';

interface ListOptions extends ServerOptions {
  limit?: string;
  offset?: string;
}

const HEADER = ['VIEW', 'NAME', 'VISIBILITY', 'OWNER', ''];

export function addViewCommands(program: Command): void {
  const views = program.command('views').description('Read saved views');
  addServerOptions(views.command('list'))
    .description('List saved views')
    .option('--limit <limit>', 'views per page')
    .option('--offset <offset>', 'views to skip')
    .action(async (options: ListOptions) => {
      const { limit, offset } = options;
      const page = await connect(options).views.list({ query: given({ limit, offset }) });
      if (options.json) return printJson(page);
      if (page.results.length > 0) print(formatTable([HEADER, ...page.results.map(toRow)]));
      print(`${page.results.length} of ${page.count} views`);
    });
}

function toRow(view: View): string[] {
  const marks = [view.is_favorited ? 'favourite' : '', view.is_default ? 'default' : ''];
  return [
    view.short_id,
    short(view.name, 60),
    view.visibility,
    short(view.created_by?.email ?? '-', 40),
    marks.filter(Boolean).join(', '),
  ];
}
