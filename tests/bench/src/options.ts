import { parseArgs } from 'node:util';

export interface BenchOptions {
  tickets: number;
  /** Of one measurement; each operation is measured `rounds` times on the server and on the floor. */
  seconds: number;
  rounds: number;
  connections: number;
  /** Where the figures go as JSON. */
  json: string | undefined;
  /** A database of the server at PARLEY_BENCH_POSTGRES_URL: filled if it is not there yet, and not dropped. */
  keep: string | undefined;
}

const USAGE = `Usage: npm run bench -- [options]
  --tickets N      tickets to seed, with four messages each (100000)
  --seconds N      length of one measurement (1.5)
  --rounds N       measurements of each operation, server and floor in turn (4)
  --connections N  connections under load (8)
  --json FILE      also write the figures as JSON
  --keep NAME      on the server at PARLEY_BENCH_POSTGRES_URL, fill this database or use it as it is, and keep it`;

export class UsageError extends Error {}

/** Reads the command line. Throws a UsageError whose message is to be shown. */
export function readOptions(args: readonly string[]): BenchOptions {
  const options = {
    tickets: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '1.5' },
    rounds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '8' },
    json: { type: 'string' },
    keep: { type: 'string' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    return {
      tickets: whole('tickets', values.tickets, 100),
      seconds: positive('seconds', values.seconds),
      rounds: whole('rounds', values.rounds, 1),
      connections: whole('connections', values.connections, 1),
      json: values.json,
      keep: values.keep === undefined ? undefined : databaseName(values.keep),
    };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function databaseName(text: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(text)) throw new Error('--keep must be a name of lower case letters');
  if (!process.env.PARLEY_BENCH_POSTGRES_URL) throw new Error('--keep needs PARLEY_BENCH_POSTGRES_URL');
  return text;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
  return value;
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${name} must be a whole number from ${least}`);
  return value;
}
