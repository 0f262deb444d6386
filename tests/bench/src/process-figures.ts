import { readFileSync } from 'node:fs';

/** Resident memory of a process in megabytes; undefined where /proc does not exist. */
export function residentMegabytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

/** Of /proc, on every Linux. */
const TICKS_PER_SECOND = 100;

/** Processor time a process has used so far, in seconds; undefined where /proc does not exist. */
export function processorSeconds(pid: number): number | undefined {
  try {
    // The program's name, in parentheses, may hold anything; user and system time are 12th and 13th after it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

const SAMPLE_MS = 250;

/** Watches a process until asked for the most memory it held. */
export function watchMemory(pid: number): () => number | undefined {
  let most = residentMegabytes(pid);
  const timer = setInterval(() => {
    const now = residentMegabytes(pid);
    if (now !== undefined) most = Math.max(most ?? 0, now);
  }, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return most;
  };
}
