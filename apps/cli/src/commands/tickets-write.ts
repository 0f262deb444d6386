import { ReplyBody } from '@parley/contract/messages';
import type { Ticket, TicketPriority, TicketStatus } from '@parley/contract/tickets';
import { TICKET_PRIORITIES, TICKET_STATUSES, TicketCreate, TicketUpdate } from '@parley/contract/tickets';
import { type Command, Option } from 'commander';
import {
  type AssigneeArgument,
  collect,
  given,
  noneAsNull,
  parseAssignee,
  textOrStdin,
} from '../arguments.ts';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';
import { UsageError } from '../failure.ts';
import { fieldsOf } from '../operations/field.ts';
import { addFieldOptions, otherFields } from '../operations/options.ts';
import { print, printJson } from '../output.ts';
import { formatTicket } from '../ticket-text.ts';
import { addTagCommand } from './tickets-tag.ts';

interface FieldOptions {
  status?: TicketStatus;
  priority?: TicketPriority | 'none';
  assignee?: AssigneeArgument;
  snoozeUntil?: string;
  slaDueAt?: string;
}

interface CreateOptions extends ServerOptions, FieldOptions {
  message?: string;
  subject?: string;
  name?: string;
  email?: string;
  distinctId?: string;
  tag?: string[];
  [option: string]: unknown;
}

interface UpdateOptions extends ServerOptions, FieldOptions {
  [option: string]: unknown;
}

interface ReplyOptions extends ServerOptions {
  message: string;
  note?: true;
  [option: string]: unknown;
}

/** Fields that have options of their own; those of the others follow from the contract. */
const OF_UPDATE = ['status', 'priority', 'assignee', 'snoozed_until', 'sla_due_at'];
const OF_CREATE = [...OF_UPDATE, 'message', 'email_subject', 'distinct_id', 'tags', 'anonymous_traits'];
const OF_REPLY = ['message', 'is_private'];

/** Commands that change tickets. */
export function addTicketWriteCommands(tickets: Command): void {
  const create = addTicketOptions(addServerOptions(tickets.command('create')))
    .description('Create a ticket')
    .option('--message <text>', "the customer's first message; - reads it from standard input")
    .option('--subject <text>', 'subject')
    .option('--name <name>', "the customer's name")
    .option('--email <address>', "the customer's e-mail address")
    .option('--distinct-id <id>', 'distinct id of the customer')
    .option('--tag <tag>', 'tag (repeatable)', collect);
  const moreOfCreate = addFieldOptions(create, otherFields(fieldsOf(TicketCreate, 'body'), OF_CREATE));
  create.action((options: CreateOptions) => createTicket(options, moreOfCreate.read('body', options)));

  const update = addTicketOptions(addServerOptions(tickets.command('update')))
    .description('Change a ticket')
    .argument('<id>', 'number or uuid');
  const moreOfUpdate = addFieldOptions(update, otherFields(fieldsOf(TicketUpdate, 'body'), OF_UPDATE));
  update.action((id: string, options: UpdateOptions) =>
    updateTicket(id, options, moreOfUpdate.read('body', options)),
  );

  const reply = addServerOptions(tickets.command('reply'))
    .description('Reply to the customer, or add a private note')
    .argument('<id>', 'number or uuid')
    .requiredOption('--message <text>', 'the text; - reads it from standard input')
    .option('--note', 'a note that the customer does not see');
  const moreOfReply = addFieldOptions(reply, otherFields(fieldsOf(ReplyBody, 'body'), OF_REPLY));
  reply.action((id: string, options: ReplyOptions) =>
    replyToTicket(id, options, moreOfReply.read('body', options)),
  );

  addTagCommand(tickets);

  addServerOptions(tickets.command('delete'))
    .description('Delete a ticket; it can be restored for 30 days')
    .argument('<id>', 'number or uuid')
    .action(async (id: string, options: ServerOptions) => {
      await connect(options).tickets.delete({ params: { id } });
      if (!options.json) print(`Deleted ticket ${id}. "parley tickets restore <uuid>" brings it back.`);
    });

  addServerOptions(tickets.command('restore'))
    .description('Bring a deleted ticket back')
    .argument('<id>', 'number or uuid')
    .action(async (id: string, options: ServerOptions) => {
      show(await connect(options).tickets.restore({ params: { id } }), options);
    });
}

function addTicketOptions(command: Command): Command {
  return command
    .addOption(new Option('--status <status>', 'status').choices(TICKET_STATUSES))
    .addOption(new Option('--priority <priority>', 'priority').choices([...TICKET_PRIORITIES, 'none']))
    .option('--assignee <assignee>', 'user:<number>, role:<uuid> or none', parseAssignee)
    .option('--snooze-until <time>', 'time, or none')
    .option('--sla-due-at <time>', 'time, or none');
}

function ticketFields(options: FieldOptions) {
  return given({
    status: options.status,
    priority: noneAsNull(options.priority),
    assignee: noneAsNull(options.assignee),
    snoozed_until: noneAsNull(options.snoozeUntil),
    sla_due_at: noneAsNull(options.slaDueAt),
  });
}

async function createTicket(options: CreateOptions, more: object = {}): Promise<void> {
  const { message, subject, name, email, distinctId, tag } = options;
  const traits = given({ name, email });
  const body = {
    ...more,
    ...ticketFields(options),
    ...given({
      message: message === undefined ? undefined : await textOrStdin(message),
      email_subject: subject,
      distinct_id: distinctId,
      tags: tag,
      anonymous_traits: Object.keys(traits).length > 0 ? traits : undefined,
    }),
  };
  show(await connect(options).tickets.create({ body }), options);
}

async function updateTicket(id: string, options: UpdateOptions, more: object = {}): Promise<void> {
  const body = { ...more, ...ticketFields(options) };
  if (Object.keys(body).length === 0) throw new UsageError('nothing to change: give --status, --assignee, …');
  show(await connect(options).tickets.update({ params: { id }, body }), options);
}

async function replyToTicket(id: string, options: ReplyOptions, more: object = {}): Promise<void> {
  const body = { ...more, message: await textOrStdin(options.message), is_private: options.note === true };
  const message = await connect(options).tickets.reply({ params: { id }, body });
  if (options.json) printJson(message);
  else print(message.is_private ? `Added a note to ticket ${id}.` : `Replied to ticket ${id}.`);
}

function show(ticket: Ticket, options: ServerOptions): void {
  if (options.json) printJson(ticket);
  else print(formatTicket(ticket));
}
