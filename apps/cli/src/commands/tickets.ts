import { TicketListQuery } from '@parley/contract/tickets';
import { paginate } from '@parley/sdk';
import type { Command } from 'commander';
import { collect, given } from '../arguments.ts';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';
import { fieldsOf } from '../operations/field.ts';
import { addFieldOptions, otherFields } from '../operations/options.ts';
import { printAll } from '../operations/run.ts';
import { print, printJson } from '../output.ts';
import { formatTicket, formatTickets } from '../ticket-text.ts';

/** Flags that are parameters of the list under another or the same name. */
const FILTERS = [
  ['status', 'status', 'one or a comma list'],
  ['priority', 'priority', 'one or a comma list'],
  ['assignee', 'assignee', 'unassigned, me, user:<id>, role:<uuid>, or a comma list'],
  ['search', 'search', 'words, or a ticket number'],
  ['view', 'view', 'short id of a saved view'],
  ['channel', 'channel_source', 'widget, email, slack, teams or github'],
  ['sla', 'sla', 'breached, at-risk or on-track'],
  ['response-target', 'response_target', 'label of a response target group'],
  ['snoozed', 'snoozed', 'true or false'],
  ['unread', 'unread', 'true or mine'],
  ['deleted', 'deleted', 'true: deleted tickets'],
  ['organization', 'organization', 'organization of the customer'],
  ['distinct-id', 'distinct_ids', 'comma list of distinct ids'],
  ['email', 'emails', 'comma list of e-mail addresses'],
  ['updated-from', 'date_from', 'a date, a time, or relative such as -7d'],
  ['updated-to', 'date_to', 'the same forms'],
  ['created-from', 'created_from', 'the same forms'],
  ['created-to', 'created_to', 'the same forms'],
  ['order', 'order_by', 'updated_at, created_at, sla_due_at, …; a leading - reverses'],
  ['limit', 'limit', 'tickets per page'],
  ['offset', 'offset', 'tickets to skip'],
  ['cursor', 'cursor', 'position from a next link'],
] as const;

const TAG_FILTERS = [
  ['tag', 'tags', 'has one of these tags'],
  ['all-tags', 'tags_all', 'has all of these tags'],
  ['without-tag', 'tags_exclude', 'has none of these tags'],
] as const;

interface ListOptions extends ServerOptions {
  all?: true;
  [flag: string]: unknown;
}

/** Commands that only read. */
export function addTicketCommands(tickets: Command): void {
  const list = addServerOptions(tickets.command('list')).description('List tickets');
  for (const [flag, , description] of FILTERS) list.option(`--${flag} <value>`, description);
  for (const [flag, , description] of TAG_FILTERS) {
    list.option(`--${flag} <tag>`, `${description} (repeatable)`, collect);
  }
  const known = [...FILTERS, ...TAG_FILTERS].map(([, parameter]) => parameter);
  const others = addFieldOptions(list, otherFields(fieldsOf(TicketListQuery, 'query'), known));
  list
    .option('--all', 'page after page; with --json one object per line')
    .action((options: ListOptions) => listTickets(options, others.read('query', options)));

  addServerOptions(tickets.command('retrieve').alias('get'))
    .description('Show a ticket, and mark it as read')
    .argument('<id>', 'number or uuid')
    .option('--no-mark-read', 'leave it unread')
    .action(async (id: string, options: ServerOptions & { markRead: boolean }) => {
      const query = options.markRead ? {} : { mark_read: 'false' };
      const ticket = await connect(options).tickets.retrieve({ params: { id }, query });
      if (options.json) printJson(ticket);
      else print(formatTicket(ticket));
    });
}

async function listTickets(options: ListOptions, others: object = {}): Promise<void> {
  const query: Record<string, string> = { ...others };
  for (const [flag, parameter] of FILTERS) {
    const value = options[camelCase(flag)];
    if (typeof value === 'string') query[parameter] = value;
  }
  for (const [flag, parameter] of TAG_FILTERS) {
    const tags = options[camelCase(flag)];
    if (tags !== undefined) query[parameter] = JSON.stringify(tags);
  }
  const { tickets } = connect(options);
  if (options.all) return printAll(paginate(tickets.list, { query: given(query) }), options, formatTickets);
  const page = await tickets.list({ query: given(query) });
  if (options.json) return printJson(page);
  if (page.results.length > 0) print(formatTickets(page.results));
  print(`${page.results.length} of ${page.count}${page.count_capped ? '+' : ''} tickets`);
}

/** Commander names options so. */
function camelCase(flag: string): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
