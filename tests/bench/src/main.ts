import { writeFile } from 'node:fs/promises';
import { runBench } from './bench.ts';
import { type BenchOptions, readOptions, UsageError } from './options.ts';
import { judge, render } from './report.ts';

function parse(): BenchOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

const options = parse();
const startedAt = performance.now();
const result = await runBench(options, (text) => {
  const elapsed = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${elapsed} s  ${text}\n`);
});
process.stdout.write(`\n${render(result)}\n`);
if (options.json !== undefined) {
  await writeFile(options.json, `${JSON.stringify({ ...result, bars: judge(result) }, undefined, 2)}\n`);
}
// A missed bar is a figure to look at; an answer that is not a success makes every figure worthless.
const failed = result.operations
  .flatMap(({ operation, server, floor }) => [
    { who: `${operation}, server`, count: server.failed },
    { who: `${operation}, floor`, count: floor.failed },
  ])
  .filter(({ count }) => count > 0);
for (const { who, count } of failed) process.stderr.write(`${who}: ${count} requests failed.\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
