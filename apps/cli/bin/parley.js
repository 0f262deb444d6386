#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// Plain JavaScript that older versions of Node understand: the program itself needs this one.
const NEEDED = 24;
const major = (version) => Number.parseInt(version, 10);

/** The Node that comes with Parley's packages. */
function findPinnedNode() {
  const require = createRequire(import.meta.url);
  try {
    if (major(require('node/package.json').version) < NEEDED) return undefined;
    return require.resolve('node/bin/node');
  } catch {
    return undefined;
  }
}

/** Does the same again in the pinned Node, which then gets the signals and gives the exit code. */
function runAgain(binary) {
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(binary, args, { stdio: 'inherit' });
  // A terminal sends these to both; a process manager only to this one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`could not be started: ${error.message}`));
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

function fail(reason) {
  process.stderr.write(`error: Parley needs Node ${NEEDED} (this is ${process.versions.node}); ${reason}\n`);
  process.exitCode = 1;
}

if (major(process.versions.node) >= NEEDED) {
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  const binary = findPinnedNode();
  if (binary) runAgain(binary);
  else fail('the one in its packages is missing: run npm install in its folder');
}
