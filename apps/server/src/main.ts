import { parseArgs } from 'node:util';
import { type Config, ConfigError, parseConfig } from './config.ts';

const USAGE = 'Usage: npm start [-- --demo]';
/** In-flight work gets this long after SIGTERM; then the process ends anyway. */
const SHUTDOWN_MS = 9000;

function fail(lines: readonly string[]): never {
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(1);
}

function readArguments(): { demo: boolean } {
  try {
    const { values } = parseArgs({ options: { demo: { type: 'boolean', default: false } } });
    return values;
  } catch (error) {
    return fail([error instanceof Error ? error.message : String(error), USAGE]);
  }
}

function readConfig(): Config {
  try {
    return parseConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return fail([
      'Parley cannot start with this configuration:',
      ...error.problems.map((problem) => `  ${problem}`),
    ]);
  }
}

const { demo } = readArguments();
const config = readConfig();
// Imported only now: a mistake in the configuration is told at once.
const { startServer } = await import('./server.ts');
const server = await startServer(config, { demo }).catch((error: unknown) => {
  const { name = '', message = String(error), cause } = error instanceof Error ? error : {};
  const reason = cause instanceof Error ? [`  ${cause.message}`] : [];
  return fail([
    `Parley could not start: ${message}`,
    ...reason,
    ...(name === 'TypeError' ? [String(error instanceof Error && error.stack)] : []),
  ]);
});

let isStopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => fail([`Parley did not stop cleanly: ${String(error)}`]),
    );
  });
}
