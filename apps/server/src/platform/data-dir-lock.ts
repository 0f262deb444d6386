import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isRunning, type ProcessIdentity, thisProcess } from './process-identity.ts';

const LOCK_FILE = 'parley.lock';
const UNREADABLE = '-unreadable';
const NOBODY: ProcessIdentity = { pid: 0, startedAt: 'unknown', startTicks: undefined, bootId: undefined };

interface Holder extends ProcessIdentity {
  /** Never used twice, so a file named after it can only ever follow this one holder. */
  nonce: string;
}

/** Another running process owns the data folder. The message is meant for the person who started this one. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError';
  readonly pid: number;

  constructor(dataDir: string, holder: ProcessIdentity) {
    super(
      `The data folder ${dataDir} is in use by another Parley process (pid ${holder.pid}, running since ` +
        `${holder.startedAt}). Stop that process first, or choose another folder with DATA_DIR.`,
    );
    this.pid = holder.pid;
  }
}

/**
 * Creates the data folder (mode 0700) and owns it until release: the embedded database must never be opened twice. The
 * lock of a process that is gone is taken over. Processes that can't see each other's pids, such as two containers with
 * one volume, are not told apart.
 *
 * How racing starters are kept apart: `parley.lock` names the holder. Who finds a dead holder links its own file at
 * `parley.lock.<nonce of the dead>`, which only one can do, and whoever finds that one dead follows it in turn. So the
 * owner is the last of a chain, and nothing is removed on the way that another starter might rely on. The new owner
 * then renames its file onto `parley.lock`, which drops the chain; one who links to a dropped chain finds itself not in
 * the chain from the head, and starts again.
 */
export async function lockDataDir(dataDir: string): Promise<{ release(): Promise<void> }> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const head = join(dataDir, LOCK_FILE);
  const own: Holder = { ...(await thisProcess()), nonce: randomUUID() };
  const draft = `${head}.${own.nonce}.draft`;
  await writeSynced(draft, JSON.stringify(own));
  try {
    while (!(await tryAcquire(dataDir, own, draft))) {
      // Another starter moved in between; what it left behind is read again.
    }
  } finally {
    await rm(draft, { force: true });
  }
  await removeLeftovers(dataDir);
  return { release: () => release(head, own) };
}

async function tryAcquire(dataDir: string, own: Holder, draft: string): Promise<boolean> {
  const head = join(dataDir, LOCK_FILE);
  const last = await lastHolder(head);
  if (last && (await isRunning(last))) throw new DataDirInUseError(dataDir, last);
  const place = last ? `${head}.${last.nonce}` : head;
  if (!(await linkIfAbsent(draft, place))) return false;
  if ((await lastHolder(head))?.nonce !== own.nonce) {
    await rm(place, { force: true });
    return false;
  }
  if (place !== head) await rename(place, head);
  return true;
}

async function lastHolder(head: string): Promise<Holder | undefined> {
  let last: Holder | undefined;
  for (let next = await readHolder(head); next; next = await readHolder(`${head}.${next.nonce}`)) last = next;
  return last;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return parseHolder(path, await readFile(path, 'utf8'));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Files are complete before they get their name, so one that can't be read was damaged with its machine: nobody's. Its
 * nonce comes from its own name, so that two such files never follow each other in a circle.
 */
function parseHolder(path: string, text: string): Holder {
  const nobody = { ...NOBODY, nonce: `${basename(path).slice(LOCK_FILE.length + 1)}${UNREADABLE}` };
  try {
    const value: Partial<Holder> = JSON.parse(text);
    const valid = Number.isInteger(value.pid) && /^[\w-]{1,64}$/.test(value.nonce ?? '');
    return valid ? { ...nobody, ...value } : nobody;
  } catch {
    return nobody;
  }
}

async function release(head: string, own: Holder): Promise<void> {
  // Somebody may have removed the file by hand and started another process, whose lock it then is.
  if ((await readHolder(head))?.nonce === own.nonce) await rm(head, { force: true });
}

/** Links and drafts of starters that died on the way; a living starter does not miss them (see lockDataDir). */
async function removeLeftovers(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(`${LOCK_FILE}.`)) continue;
    const path = join(dataDir, name);
    const holder = await readHolder(path);
    // A draft that is just being written can't be read yet, and its writer would miss it.
    if (!holder || holder.nonce.endsWith(UNREADABLE)) continue;
    if (!(await isRunning(holder))) await rm(path, { force: true });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function linkIfAbsent(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
