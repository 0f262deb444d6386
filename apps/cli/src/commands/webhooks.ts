import type { WebhookMessage } from '@parley/contract/webhooks';
import type { ParleyClient } from '@parley/sdk';
import { type Command, InvalidArgumentError } from 'commander';
import { collect } from '../arguments.ts';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';
import { plain, print, short } from '../output.ts';
import { forward, newSecret, parseSecret } from '../webhook-forward.ts';

interface TailOptions extends ServerOptions {
  event?: string[];
  forward?: string;
  secret?: string;
  after?: number;
  count?: number;
}

/** `parley webhooks tail`: what a webhook would get, without an address that the server could reach. */
export function addWebhookCommands(program: Command): void {
  const group =
    program.commands.find((command) => command.name() === 'webhooks') ??
    program.command('webhooks').description('Work with webhooks');
  addServerOptions(group.command('tail'))
    .description('Print events as webhooks get them, and post them to a local address')
    .option('--event <name>', 'only this event, by either of its names (repeatable)', collect)
    .option('--forward <url>', 'post each event there, signed', parseTarget)
    .option('--secret <whsec>', 'sign with this secret; default: a new one, which is printed', parseSecret)
    .option('--after <seq>', 'begin after this event instead of now', parseWhole)
    .option('--count <n>', 'end after so many events', parseWhole)
    .action(tail);
}

async function tail(options: TailOptions): Promise<void> {
  const secret = options.secret ?? newSecret();
  if (options.forward !== undefined && options.secret === undefined) say(`Signing with ${secret}`);
  let left = options.count ?? Number.POSITIVE_INFINITY;
  for await (const message of readEvents(connect(options), options)) {
    if (!isWanted(message, options.event)) continue;
    print(options.json ? JSON.stringify(message) : describe(message));
    if (options.forward !== undefined) say(await forward(options.forward, secret, message));
    left -= 1;
    if (left <= 0) return;
  }
}

/** The stream says that there is something new; what it is comes from the list of events. */
async function* readEvents(client: ParleyClient, { after }: TailOptions): AsyncGenerator<WebhookMessage> {
  let last = after;
  for await (const event of client.events()) {
    if (event.kind === 'ready') say(`Listening, after event ${last ?? event.seq}.`);
    last ??= event.kind === 'change' ? event.seq - 1 : event.seq;
    // Asked at once too: it tells early whether this key may read them.
    if (event.kind === 'change' && event.seq <= last) continue;
    for (let hasMore = true; hasMore; ) {
      const page = await client.webhooks.events({ query: { after: last } });
      last = page.last_seq;
      hasMore = page.has_more;
      yield* page.results;
    }
  }
}

function isWanted({ type, alias }: WebhookMessage, names: readonly string[] | undefined): boolean {
  return names === undefined || names.some((name) => name === '*' || name === type || name === alias);
}

function describe({ seq, timestamp, type, data, resource_id }: WebhookMessage): string {
  const { ticket_number: number } = data;
  const about = typeof number === 'number' ? `#${number}` : resource_id;
  return `${timestamp}  ${seq}  ${plain(type)}  ${short(about, 40)}`;
}

/** Beside what was asked for, so that standard output can be piped. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function parseTarget(value: string): string {
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new InvalidArgumentError('It is an address such as http://localhost:3000/hook.');
  }
  return url.href;
}

function parseWhole(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('It is a whole number.');
  return Number(value);
}
