import { ParleyConnectionError, ParleyError } from '@parley/sdk/errors';
import { CommanderError } from 'commander';
import { plain } from './output.ts';

const EXIT = { failed: 1, usage: 2, unreachable: 3 } as const;

/** A command that can't be run as it was given. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command that did what it should and found that something is wrong; it has said so itself. */
export class FoundFault extends Error {
  override readonly name = 'FoundFault';
}

export interface Explanation {
  /** Undefined where it was said already. */
  line: string | undefined;
  exitCode: number;
}

/** One line for a person, and the exit code for a script. */
export function explain(error: unknown): Explanation {
  if (error instanceof CommanderError) {
    return { line: undefined, exitCode: error.exitCode === 0 ? 0 : EXIT.usage };
  }
  if (error instanceof FoundFault) return { line: undefined, exitCode: EXIT.failed };
  if (error instanceof UsageError) return { line: error.message, exitCode: EXIT.usage };
  if (error instanceof ParleyConnectionError)
    return { line: oneLine(error.message), exitCode: EXIT.unreachable };
  if (error instanceof ParleyError) return { line: oneLine(error.message), exitCode: EXIT.failed };
  return { line: oneLine(describe(error)), exitCode: EXIT.failed };
}

/** Administrative errors carry a code too, but come from a module that is loaded only when it is needed. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const attr = 'attr' in error && typeof error.attr === 'string' ? error.attr : undefined;
  const names = [code, attr].filter((name) => name !== undefined).join(', ');
  return names === '' ? error.message : `${error.message} (${names})`;
}

function oneLine(text: string): string {
  return plain(text).replace(/\s+/g, ' ').trim();
}
