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
