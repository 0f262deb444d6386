import { explain } from './failure.ts';
import { createProgram } from './program.ts';

/** Runs one command and answers the exit code: 0 done, 1 failed, 2 wrong usage, 3 no server there. */
export async function main(args: readonly string[]): Promise<number> {
  // `parley … | head` closes the pipe: that is no failure, and nobody is left to hear of one.
  process.stdout.on('error', () => process.exit(0));
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const { line, exitCode } = explain(error);
    if (line !== undefined) process.stderr.write(`error: ${line}\n`);
    return exitCode;
  }
}
