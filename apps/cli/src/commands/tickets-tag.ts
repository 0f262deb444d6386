import type { ParleyClient } from '@parley/sdk';
import { type Command, Option } from 'commander';
import { collect } from '../arguments.ts';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';
import { UsageError } from '../failure.ts';
import { plain, print, printJson } from '../output.ts';

interface TagOptions extends ServerOptions {
  add?: string[];
  remove?: string[];
  set?: string[];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `tickets tag`: goes through the bulk operation, which alone adds and removes without knowing the other tags. */
export function addTagCommand(tickets: Command): void {
  addServerOptions(tickets.command('tag'))
    .description('Add, remove or replace the tags of a ticket')
    .argument('<id>', 'number or uuid')
    .option('--add <tag>', 'add it (repeatable)', collect)
    .option('--remove <tag>', 'remove it (repeatable)', collect)
    .addOption(
      new Option('--set <tag>', 'replace all tags by it (repeatable); an empty one leaves none')
        .argParser(collect)
        .conflicts(['add', 'remove']),
    )
    .action(tagTicket);
}

async function tagTicket(id: string, options: TagOptions): Promise<void> {
  const { add, remove, set } = options;
  if (!add && !remove && !set) throw new UsageError('nothing to change: give --add, --remove or --set');
  const client = connect(options);
  const ids = [await uuidOf(client, id)];
  const change = (action: 'add' | 'remove' | 'set', tags: string[]) =>
    client.tickets.bulkUpdateTags({ body: { ids, action, tags } });
  let answer = set
    ? await change(
        'set',
        set.filter((tag) => tag.trim() !== ''),
      )
    : undefined;
  if (add) answer = await change('add', add);
  if (remove) answer = await change('remove', remove);
  const skipped = answer?.skipped[0];
  if (skipped) throw new Error(skipped.reason);
  if (options.json) return printJson(answer);
  const tags = answer?.updated[0]?.tags ?? [];
  print(tags.length > 0 ? `Ticket ${id}: ${plain(tags.join(', '))}` : `Ticket ${id} has no tags.`);
}

/** The bulk operation knows uuids only. */
async function uuidOf(client: ParleyClient, id: string): Promise<string> {
  if (UUID.test(id)) return id;
  return (await client.tickets.retrieve({ params: { id }, query: { mark_read: 'false' } })).id;
}
