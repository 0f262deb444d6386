import { readFile } from 'node:fs/promises';

/** Tells a process apart from a later one with the same pid. Start ticks and boot id are known on Linux only. */
export interface ProcessIdentity {
  pid: number;
  /** For people: an ISO time. */
  startedAt: string;
  /** Clock ticks from the machine's start to the process's. */
  startTicks: string | undefined;
  bootId: string | undefined;
}

/** The identity of the process that calls. */
export async function thisProcess(): Promise<ProcessIdentity> {
  return {
    pid: process.pid,
    startedAt: new Date(performance.timeOrigin).toISOString(),
    startTicks: (await readStat(process.pid))?.startTicks,
    bootId: await readBootId(),
  };
}

/** Whether that very process still runs; a killed process that its parent has not collected yet does not. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  if (!hasProcess(identity.pid)) return false;
  const bootId = await readBootId();
  if (bootId !== undefined && identity.bootId !== undefined && bootId !== identity.bootId) return false;
  const stat = await readStat(identity.pid);
  if (stat === undefined || identity.startTicks === undefined) return true;
  return stat.startTicks === identity.startTicks && stat.state !== 'Z' && stat.state !== 'X';
}

function hasProcess(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function readStat(pid: number): Promise<{ state: string; startTicks: string } | undefined> {
  const text = await readIfPresent(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, which may hold spaces and parentheses itself.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields?.[0];
  const startTicks = fields?.[19];
  return state !== undefined && startTicks !== undefined ? { state, startTicks } : undefined;
}

async function readBootId(): Promise<string | undefined> {
  return (await readIfPresent('/proc/sys/kernel/random/boot_id'))?.trim();
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
