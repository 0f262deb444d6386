import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { rename, truncate } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TicketImport } from '@parley/contract/ticket-imports';
import { type Download, isParleyError, type ParleyClient, ParleyConnectionError } from '@parley/sdk';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';
import { findWholePart } from '../export-file.ts';
import { FoundFault, UsageError } from '../failure.ts';
import { cutIntoPieces, type Piece } from '../import-pieces.ts';
import { formatTable, plain, print, printJson } from '../output.ts';

/** Tries of one download or one piece after the connection was lost. */
const TRIES = 5;

interface ExportOptions extends ServerOptions {
  format: 'ndjson' | 'csv';
  out?: string;
  include?: string;
  bom?: true;
  filter?: Record<string, string>;
}

interface ImportOptions extends ServerOptions {
  mode?: 'skip' | 'update';
  import?: string;
}

/** `parley export` and `parley import`: tickets as a file, over lost connections. */
export function addTransferCommands(program: Command): void {
  addServerOptions(program.command('export'))
    .description('Write tickets to a file; a file that broke off is gone on with')
    .addOption(new Option('--format <format>', 'what to write').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--out <file>', 'where to; default: standard output')
    .option('--include <parts>', 'messages,activities (default with ndjson), or none')
    .option('--bom', 'begin CSV with a byte order mark, for spreadsheets')
    .option(
      '--filter <name=value>',
      'a filter of "tickets list", such as status=open (repeatable)',
      collectFilter,
    )
    .action(exportTickets);
  addServerOptions(program.command('import'))
    .description('Load tickets from a file that an export wrote')
    .argument('<file>', 'NDJSON, or - for standard input')
    .addOption(
      new Option('--mode <mode>', 'what becomes of tickets that are there').choices(['skip', 'update']),
    )
    .option('--import <id>', 'go on with this import')
    .action(importTickets);
}

async function exportTickets(options: ExportOptions): Promise<void> {
  const { format, out, include = format === 'csv' ? 'none' : 'messages,activities', bom, filter } = options;
  const query = {
    ...filter,
    format,
    ...(include === 'none' ? {} : { include }),
    ...(bom ? { bom: 'true' } : {}),
  };
  const client = connect(options);
  const download = (after?: number) =>
    client.ticketExports.download({ query: { ...query, ...(after === undefined ? {} : { after }) } });
  if (out === undefined) return save(await download(), process.stdout, { end: false });
  const part = `${out}.part`;
  for (let tries = 1; ; tries += 1) {
    const after = await continueAfter(part, format);
    try {
      await save(await download(after), createWriteStream(part, { flags: 'a' }));
      break;
    } catch (error) {
      if (!(error instanceof ParleyConnectionError) || tries === TRIES) throw error;
      say('The connection was lost; going on.');
    }
  }
  await rename(part, out);
  say(`Wrote ${out}.`);
}

/** Cuts off what is not whole; the number of the last ticket that is. */
async function continueAfter(part: string, format: 'ndjson' | 'csv'): Promise<number | undefined> {
  if (!existsSync(part)) return undefined;
  const { length, lastNumber } = await findWholePart(part, format);
  await truncate(part, length);
  if (lastNumber !== undefined) say(`${part} goes on behind #${lastNumber}.`);
  return lastNumber;
}

async function save(
  download: Download<unknown>,
  target: NodeJS.WritableStream,
  options: { end?: boolean } = {},
): Promise<void> {
  // Node's own type of the same stream.
  const bytes = Readable.fromWeb(download.body as Parameters<typeof Readable.fromWeb>[0]);
  try {
    await pipeline(bytes, target, options);
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) throw cause;
    throw new ParleyConnectionError('The file broke off before its end.', { cause });
  }
}

async function importTickets(file: string, options: ImportOptions): Promise<void> {
  const client = connect(options);
  let state = options.import === undefined ? undefined : await find(client, options.import);
  const from = (state?.last_line ?? 0) + 1;
  const input = file === '-' ? process.stdin : createReadStream(file);
  for await (const piece of cutIntoPieces(input, from)) {
    state = await send(client, piece, options.mode, state);
    if (!piece.isLast) say(describe(state));
  }
  if (!state) throw new UsageError('the file has no lines');
  if (options.json) printJson(state);
  else printResult(state);
  if (state.failed > 0) throw new FoundFault();
}

function find(client: ParleyClient, id: string): Promise<TicketImport> {
  return client.ticketImports.retrieve({ params: { import_id: id } });
}

/** Lines that were done before the connection was lost are passed over, so a piece can be sent again. */
async function send(
  client: ParleyClient,
  { start, bytes, isLast }: Piece,
  mode: ImportOptions['mode'],
  state: TicketImport | undefined,
): Promise<TicketImport> {
  const query = { start_line: start, more: !isLast, mode, import: state?.id };
  for (let tries = 1; ; tries += 1) {
    try {
      return await client.ticketImports.create({ query, body: bytes });
    } catch (error) {
      const isLost = error instanceof ParleyConnectionError || (isParleyError(error) && error.status >= 500);
      if (!isLost || tries === TRIES) {
        if (state) say(`To go on: parley import <file> --import ${state.id}`);
        throw error;
      }
      say('The connection was lost; trying again.');
    }
  }
}

function describe({ last_line, created, updated, skipped, failed }: TicketImport): string {
  return `${last_line} lines: ${created} created, ${updated} updated, ${skipped} there already, ${failed} bad`;
}

function printResult(state: TicketImport): void {
  print(describe(state));
  if (state.problems.length === 0) return;
  const rows = state.problems.map(({ line, field, code, detail, loaded }) => [
    String(line),
    plain(field ?? ''),
    code,
    loaded ? 'loaded' : 'bad',
    plain(detail),
  ]);
  print(formatTable([['LINE', 'FIELD', 'CODE', '', 'DETAIL'], ...rows]));
}

function collectFilter(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([a-z_]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It is name=value.');
  return { ...earlier, [name]: value };
}

/** Beside what was asked for, so that standard output can be piped. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
