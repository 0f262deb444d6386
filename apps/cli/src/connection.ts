import { createParleyClient, type ParleyClient } from '@parley/sdk';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from './failure.ts';

interface ServerOptions {
  url: string;
  key?: string;
  project: number | '@current';
  json?: true;
}

const CONNECTION = 'Connection:';

/** A command that prints for people, or with --json the exact answer. */
export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print the answer as JSON');
}

/** A command that talks to a server, with the options that say to which. */
export function addServerOptions(command: Command): Command {
  command
    .addOption(
      new Option('--url <url>', 'address of the server')
        .env('PARLEY_URL')
        .default('http://127.0.0.1:8000')
        .helpGroup(CONNECTION),
    )
    .addOption(new Option('--key <key>', 'API key').env('PARLEY_API_KEY').helpGroup(CONNECTION))
    .addOption(
      new Option('--project <id>', 'project to work in')
        .env('PARLEY_PROJECT')
        .default('@current')
        .helpGroup(CONNECTION)
        .argParser(parseProject),
    );
  return addJsonOption(command);
}

/** The client that the options of a command describe. */
export function connect(options: ServerOptions, { isPublic = false } = {}): ParleyClient {
  const { url, key, project } = options;
  if (!/^https?:\/\//.test(url)) throw new UsageError(`"${url}" is no address of a server; try http://…`);
  if (key === undefined && !isPublic) {
    throw new UsageError('no API key: give --key or PARLEY_API_KEY ("parley keys create" makes one)');
  }
  return createParleyClient({ baseUrl: url, apiKey: key, project });
}

function parseProject(value: string): number | '@current' {
  if (value === '@current') return value;
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It is a number or @current.');
  return Number(value);
}

export type { ServerOptions };
