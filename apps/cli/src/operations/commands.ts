import { basename } from 'node:path';
import { GROUPS, groupOf } from '@parley/contract/openapi/groups';
import { pathParameterNames, pathParameterSchema } from '@parley/contract/openapi/parameters';
import type { RouteDeclaration } from '@parley/contract/route';
import type { Command } from 'commander';
import { addServerOptions, connect, type ServerOptions } from '../connection.ts';
import { UsageError } from '../failure.ts';
import { fieldsOf } from './field.ts';
import { addFieldOptions, type FieldOptions, kebabCase } from './options.ts';
import { openFile, type PrintOptions, readBody, runOperation } from './run.ts';

interface OperationOptions extends ServerOptions, PrintOptions {
  body?: string;
  file?: string;
  idempotencyKey?: string;
  [option: string]: unknown;
}

/** Gives every operation that has no command yet one of its own name: `tickets.bulk_update` is `tickets bulk-update`. */
export function addOperationCommands(program: Command, routes: readonly RouteDeclaration[]): void {
  for (const route of routes) {
    const group = findOrAddGroup(program, groupOf(route.id));
    const name = commandName(route.id);
    const isThere = group.commands.some((command) => [command.name(), ...command.aliases()].includes(name));
    if (!isThere && !route.stream) addOperation(group, name, route);
  }
}

/** The command of an operation within its group. */
export function commandName(id: string): string {
  return kebabCase(id.slice(id.indexOf('.') + 1));
}

export function groupName(id: string): string {
  return kebabCase(groupOf(id));
}

function findOrAddGroup(program: Command, group: string): Command {
  const name = kebabCase(group);
  const existing = program.commands.find((command) => command.name() === name);
  return existing ?? program.command(name).description(GROUPS[group] ?? group.replaceAll('_', ' '));
}

function addOperation(group: Command, name: string, route: RouteDeclaration): void {
  // A key can't do these, and the command line has no session.
  const hidden = ['session', 'public', 'public_token'].includes(String(route.credentials));
  const command = addServerOptions(group.command(name, { hidden })).description(route.summary);
  if (route.description) command.addHelpText('after', `\n${route.description}`);
  const params = pathParameterNames(route.path).filter((param) => param !== 'project_id');
  for (const param of params) {
    const { description, format } = pathParameterSchema(route.path, param);
    command.argument(`<${kebabCase(param)}>`, String(description ?? format ?? ''));
  }
  if (route.body) command.option('--body <json>', 'the whole body: JSON, @file, or - for standard input');
  if (route.consumes) command.requiredOption('--file <file>', 'the file to send, in one piece');
  if (isList(route)) command.option('--all', 'page after page; with --json one object per line');
  if (route.produces) command.option('--output <file>', 'write it to a file');
  if (route.idempotent) command.option('--idempotency-key <key>', 'the same key creates nothing twice');
  const fields = addFieldOptions(command, [
    ...fieldsOf(route.query, 'query'),
    ...fieldsOf(route.body, 'body'),
  ]);
  command.action(async (...args: unknown[]) => {
    const values = Object.fromEntries(params.map((param, index) => [param, String(args[index])]));
    await run(route, values, fields, command.opts<OperationOptions>());
  });
}

async function run(
  route: RouteDeclaration,
  params: Record<string, string>,
  fields: FieldOptions,
  options: OperationOptions,
): Promise<void> {
  const query = nameFile(route, fields.read('query', options), options.file);
  const body = route.consumes
    ? await openFile(options.file)
    : lay(await readBody(options.body), fields.read('body', options));
  requireFields(route, query, body, fields);
  const client = connect(options, { isPublic: route.credentials === 'public' });
  const { idempotencyKey } = options;
  const request = {
    params,
    ...(query ? { query } : {}),
    ...(body === undefined ? {} : { body }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  await runOperation(client, route, request, options);
}

/** A file that is kept is called as it is here, unless it is given another name. */
function nameFile(
  { consumes }: RouteDeclaration,
  query: Record<string, unknown> | undefined,
  file: string | undefined,
): Record<string, unknown> | undefined {
  if (consumes !== 'application/octet-stream' || file === undefined) return query;
  return { name: basename(file), ...query };
}

/** Options are laid over the fields of the body that was given whole. */
function lay(whole: unknown, fields: Record<string, unknown> | undefined): unknown {
  if (fields === undefined || whole === undefined) return fields ?? whole;
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) {
    throw new UsageError('--body is no object, so no field can be laid over it');
  }
  return { ...whole, ...fields };
}

function requireFields(
  route: RouteDeclaration,
  query: Record<string, unknown> | undefined,
  body: unknown,
  fields: FieldOptions,
): void {
  const missing = [
    ...requiredOf(route.query)
      .filter((name) => !has(query, name))
      .map((name) => fields.flagOf('query', name)),
    ...requiredOf(route.body)
      .filter((name) => !has(body, name))
      .map((name) => fields.flagOf('body', name)),
  ];
  if (missing.length > 0) throw new UsageError(`missing ${missing.join(', ')}`);
}

/** A body that is no object is the server's to refuse. */
function has(value: unknown, name: string): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null || name in value);
}

function requiredOf(schema: object | undefined): string[] {
  const { required }: { required?: unknown } = schema ?? {};
  return Array.isArray(required) ? required : [];
}

export function isList(route: RouteDeclaration): boolean {
  const { properties = {} }: { properties?: object } = route.responses[200] ?? {};
  return route.method === 'GET' && 'results' in properties && 'next' in properties;
}
