import { constants, createWriteStream, openAsBlob } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RouteDeclaration } from '@parley/contract/route';
import { type ParleyClient, ParleyConnectionError, paginate } from '@parley/sdk';
import { Download } from '@parley/sdk/download';
import { textOrStdin } from '../arguments.ts';
import { UsageError } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { createTable, formatAnswer } from './answer.ts';

/** A call as the command line makes it: what the contract says of it is checked by the server. */
export interface Request {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  idempotencyKey?: string;
}

export interface PrintOptions {
  json?: true;
  all?: true;
  output?: string;
}

interface AnyPage {
  results: unknown[];
  next: string | null;
}

/** The widths of a table hold for so many rows. */
const ROWS_AT_ONCE = 100;

type Call = (route: RouteDeclaration, request: Request) => Promise<unknown>;

/** Makes the call and prints what it answers. */
export async function runOperation(
  client: ParleyClient,
  route: RouteDeclaration,
  request: Request,
  options: PrintOptions,
): Promise<void> {
  // Its type follows one declaration; here it may be any of them.
  const call = client.call as unknown as Call;
  if (options.all) {
    const list = (asked: Request) => call(route, asked) as Promise<AnyPage>;
    const table = createTable();
    return printAll(paginate(list, request), options, (rows) => table.format(rows));
  }
  const answer = await call(route, request);
  if (answer instanceof Download) return save(answer, options.output);
  if (options.json) printJson(answer);
  else print(formatAnswer(answer));
}

/** Everything of a list: rows as they come, with --json one object per line. */
export async function printAll<T>(
  rows: AsyncIterable<T>,
  { json }: PrintOptions,
  format: (rows: readonly T[], isFirst: boolean) => string,
): Promise<void> {
  let waiting: T[] = [];
  let isFirst = true;
  const flush = () => {
    if (waiting.length > 0) print(format(waiting, isFirst));
    waiting = [];
    isFirst = false;
  };
  for await (const row of rows) {
    if (json) print(JSON.stringify(row));
    else if (waiting.push(row) === ROWS_AT_ONCE) flush();
  }
  flush();
}

/** To a file, or where the output goes. */
async function save(download: Download<unknown>, output: string | undefined): Promise<void> {
  // Node's own type of the same stream.
  const bytes = Readable.fromWeb(download.body as Parameters<typeof Readable.fromWeb>[0]);
  try {
    if (output === undefined) await pipeline(bytes, process.stdout, { end: false });
    else await pipeline(bytes, createWriteStream(output));
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) throw cause;
    throw new ParleyConnectionError('The file broke off before its end.', { cause });
  }
}

/** A file that is read while it is sent. */
export async function openFile(path: string | undefined): Promise<Blob> {
  if (path === undefined) throw new UsageError('missing a file to send');
  // It says what is wrong; a blob only that something is.
  await access(path, constants.R_OK);
  return openAsBlob(path);
}

/** `{"a": 1}`, `@file.json`, or `-` for standard input. */
export async function readBody(given: string | undefined): Promise<unknown> {
  if (given === undefined) return undefined;
  const text = given.startsWith('@') ? await readFile(given.slice(1), 'utf8') : await textOrStdin(given);
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--body is no JSON: ${text.slice(0, 60).trim() || 'it is empty'}`);
  }
}
