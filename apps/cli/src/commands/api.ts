import { allRoutes } from '@parley/contract/openapi/document';
import { pathParameterNames } from '@parley/contract/openapi/parameters';
import type { RouteDeclaration } from '@parley/contract/route';
import { type Command, InvalidArgumentError } from 'commander';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';
import { UsageError } from '../failure.ts';
import { isList } from '../operations/commands.ts';
import { openFile, readBody, runOperation } from '../operations/run.ts';

interface ApiOptions extends ServerOptions {
  query?: Record<string, string>;
  body?: string;
  idempotencyKey?: string;
  all?: true;
  output?: string;
}

/** `api tickets.reply 7 --body …`: any operation by its id, as the API has it, and its answer as JSON. */
export function addApiCommand(program: Command): void {
  addServerOptions(program.command('api'))
    .description('Call an operation by its id, with the body as JSON')
    .argument('<operation>', 'such as tickets.reply')
    .argument('[ids...]', 'what stands in the path, in order')
    .option('--query <name=value>', 'parameter of the query (repeatable)', collectQuery)
    .option('--body <json>', 'JSON, @file, or - for standard input')
    .option('--all', 'page after page, one object per line')
    .option('--output <file>', 'write a file that the operation answers with')
    .option('--idempotency-key <key>', 'the same key creates nothing twice')
    .action(callOperation);
}

async function callOperation(id: string, ids: string[], options: ApiOptions): Promise<void> {
  const route = allRoutes().find((each) => each.id === id);
  if (!route || route.stream) throw new UsageError(`there is no operation "${id}" to call`);
  if (options.all && !isList(route)) throw new UsageError(`${id} is no list`);
  const { query, idempotencyKey } = options;
  // Of a file, @name without the sign.
  const body = route.consumes
    ? await openFile(options.body?.replace(/^@/, ''))
    : await readBody(options.body);
  const request = {
    params: nameParameters(route, ids),
    ...(query ? { query } : {}),
    ...(body === undefined ? {} : { body }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  const client = connect(options, { isPublic: route.credentials === 'public' });
  await runOperation(client, route, request, { ...options, json: true });
}

function nameParameters(route: RouteDeclaration, ids: readonly string[]): Record<string, string> {
  const names = pathParameterNames(route.path).filter((name) => name !== 'project_id');
  if (ids.length !== names.length) {
    throw new UsageError(`${route.id} takes ${names.length === 0 ? 'no ids' : names.join(', ')}`);
  }
  return Object.fromEntries(names.map((name, index) => [name, ids[index] ?? '']));
}

function collectQuery(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It is name=value.');
  return { ...earlier, [name]: value };
}
